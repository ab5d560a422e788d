//! Columns: made, listed, taken away. They are available at once, though a new one is answered as `processing`.

use serde_json::{Value, json};

use super::{
    cells::{Column, Kind},
    names::Names,
    row, schema,
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, params::Params},
};

/// `POST …/columns/:type` and its old name.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    // The kind stands in the path where a key does; the key is in the body, which the path hides.
    let kind_name = call.params.text("key", 1, 128)?;
    let key = call.params.sent_text("key")?;
    let kind = kind(&kind_name, call.params)?;
    let required = call.params.boolean("required")?;
    let array = call.params.boolean_or("array", false)?;
    let default = call.params.raw("default").cloned();
    if default.is_some() && (required || array) {
        return Err(names.default_unsupported());
    }
    let mut column = Column { key, kind, required, array, default: None, created_at: call.now, updated_at: call.now };
    column.default = default
        .map(|value| column.accept(&value, call.now))
        .transpose()
        .map_err(|why| ApiError::invalid_param("default", why))?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        if table.columns.iter().any(|own| own.key == column.key) {
            return Err(names.column_exists());
        }
        table.columns.push(column.clone());
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(column.wire("processing")))
    })
}

fn kind(name: &str, params: &Params) -> Result<Kind, ApiError> {
    Ok(match name {
        "string" | "varchar" => {
            let size = params.range_or("size", 1, 1_073_741_824, 0)?;
            if size == 0 {
                return Err(ApiError::missing_param("size"));
            }
            Kind::String { size: usize::try_from(size).unwrap_or(usize::MAX) }
        }
        "text" => Kind::String { size: 16_383 },
        "mediumtext" => Kind::String { size: 4_194_303 },
        "longtext" => Kind::String { size: 1_073_741_823 },
        "integer" => Kind::Integer {
            min: params.range_or("min", i64::MIN, i64::MAX, i64::MIN)?,
            max: params.range_or("max", i64::MIN, i64::MAX, i64::MAX)?,
        },
        "float" => Kind::Double { min: number(params, "min", f64::MIN)?, max: number(params, "max", f64::MAX)? },
        "boolean" => Kind::Boolean,
        "datetime" => Kind::Datetime,
        "email" => Kind::Email,
        "ip" => Kind::Ip,
        "url" => Kind::Url,
        "enum" => Kind::Enum { elements: params.texts("elements", 100, 255)? },
        _ => return Err(ErrorKind::GeneralRouteNotFound.into()),
    })
}

fn number(params: &Params, name: &str, default: f64) -> Result<f64, ApiError> {
    match params.raw(name) {
        None => Ok(default),
        Some(value) => value.as_f64().ok_or_else(|| ApiError::invalid_param(name, "Value must be a valid float")),
    }
}

/// `GET …/columns` and its old name.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let table = call.state.store().read(|db| schema::asked_table(db, call))?;
    let wires: Vec<Value> = table.columns.iter().map(|column| column.wire("available")).collect();
    Ok(Reply::ok(json!({"total": wires.len(), Names::of(call).columns(): wires})))
}

/// `GET …/columns/:key` and its old name.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    let table = call.state.store().read(|db| schema::asked_table(db, call))?;
    let column = table.columns.iter().find(|column| column.key == key).ok_or_else(|| Names::of(call).no_column())?;
    Ok(Reply::ok(column.wire("available")))
}

/// `DELETE …/columns/:key` and its old name: with what rows hold in it.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        let before = table.columns.len();
        table.columns.retain(|column| column.key != key);
        if table.columns.len() == before {
            return Err(Names::of(call).no_column());
        }
        table.indexes.retain(|index| !index.columns.contains(&key));
        schema::keep_table(changes, &table)?;
        for mut row in row::all(changes, &table)? {
            if row.data.remove(&key).is_some() {
                row::keep(changes, &table, &row)?;
            }
        }
        Ok(Reply::empty())
    })
}
