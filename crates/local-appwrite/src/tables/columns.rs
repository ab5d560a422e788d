//! Creates, lists and deletes columns. A new one works at once, although its response says `processing`.

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
    // The path's `key` is the column's type here; the column's key is in the body, which the path overrides.
    let kind_name = call.params.text("key", 1, 128)?;
    let key = call.params.sent_key("key")?;
    let kind = kind(&kind_name, call.params, names)?;
    let required = call.params.boolean("required")?;
    let array = call.params.boolean_or("array", false)?;
    let default = call.params.raw("default").cloned();
    if default.is_some() && (required || array) {
        return Err(names.default_unsupported());
    }
    let mut column = Column { key, kind, required, array, default: None, created_at: call.now, updated_at: call.now };
    column.default = default.map(|value| default_of(&column, &value, names, call)).transpose()?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        if table.columns.iter().any(|own| own.key.eq_ignore_ascii_case(&column.key)) {
            return Err(names.column_exists(&column.key));
        }
        table.columns.push(column.clone());
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(column.wire("processing")))
    })
}

/// A default of another type is an invalid argument; one outside the column's bounds is an invalid value.
fn default_of(column: &Column, value: &Value, names: Names, call: &Call<'_>) -> Result<Value, ApiError> {
    let is_of_type = match column.kind {
        Kind::Integer { .. } => value.is_i64(),
        Kind::Double { .. } => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        _ => value.is_string(),
    };
    column.accept(value, call.now).map_err(|why| match &column.kind {
        Kind::Enum { .. } if is_of_type => names.invalid_value("Default value not found in elements"),
        Kind::Datetime | Kind::Email | Kind::Ip | Kind::Url => bad_default(&why),
        _ if is_of_type => names.invalid_value(why.split_once(". ").map_or(why.as_str(), |(_, why)| why)),
        _ => bad_default(&why),
    })
}

fn bad_default(why: &str) -> ApiError {
    ApiError::invalid_param("default", why.split_once(". ").map_or(why, |(_, why)| why))
}

fn kind(name: &str, params: &Params, names: Names) -> Result<Kind, ApiError> {
    Ok(match name {
        "string" => Kind::String { size: size(params, 1_073_741_824)? },
        "varchar" => Kind::Varchar { size: size(params, 16_381)? },
        "text" => Kind::Text,
        "mediumtext" => Kind::Mediumtext,
        "longtext" => Kind::Longtext,
        "integer" => {
            let bound = |name| params.optional_integer(name);
            let (min, max) = (bound("min")?.unwrap_or(i64::MIN), bound("max")?.unwrap_or(i64::MAX));
            check_bounds(min <= max, names)?;
            Kind::Integer { min, max }
        }
        "float" => {
            let (min, max) = (number(params, "min", f64::MIN)?, number(params, "max", f64::MAX)?);
            check_bounds(min <= max, names)?;
            Kind::Double { min, max }
        }
        "boolean" => Kind::Boolean,
        "datetime" => Kind::Datetime,
        "email" => Kind::Email,
        "ip" => Kind::Ip,
        "url" => Kind::Url,
        "enum" => Kind::Enum { elements: params.required_texts("elements", 100, 255)? },
        _ => return Err(ErrorKind::GeneralRouteNotFound.into()),
    })
}

fn check_bounds(is_good: bool, names: Names) -> Result<(), ApiError> {
    if is_good { Ok(()) } else { Err(names.invalid_value("Minimum value must be lesser than maximum value")) }
}

fn size(params: &Params, most: i64) -> Result<usize, ApiError> {
    Ok(usize::try_from(params.range("size", 1, most)?).unwrap_or(usize::MAX))
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
    let column = table
        .columns
        .iter()
        .find(|column| column.key.eq_ignore_ascii_case(&key))
        .ok_or_else(|| Names::of(call).no_column(&key))?;
    Ok(Reply::ok(column.wire("available")))
}

/// `DELETE …/columns/:key` and its old name: deletes the rows' values too.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        let before = table.columns.len();
        table.columns.retain(|column| !column.key.eq_ignore_ascii_case(&key));
        if table.columns.len() == before {
            return Err(Names::of(call).no_column(&key));
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
