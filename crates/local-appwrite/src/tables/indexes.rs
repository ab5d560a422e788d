//! Creates, lists and deletes indexes.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    cells::Column,
    lookup,
    names::Names,
    objects,
    schema::{self, Index, Table},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, params::Params},
};

/// The maximum length of an index in MariaDB, in characters.
const MAX_LENGTH: usize = 768;

/// `POST …/indexes`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let index = index(call, call.params, names.columns())?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        check(&index, &table, names)?;
        if table.indexes.iter().any(|own| own.key.eq_ignore_ascii_case(&index.key)) {
            return Err(names.index_exists(&index.key));
        }
        // Appwrite builds the index later. If values are not unique, its status becomes `failed`.
        let has_failed = index.kind == "unique" && lookup::has_duplicates(changes, &table, &index)?;
        table.indexes.push(Index { has_failed, ..index.clone() });
        lookup::fill(changes, &mut table)?;
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(index.wire(names, "processing")))
    })
}

fn index(call: &Call<'_>, params: &Params, columns: &str) -> Result<Index, ApiError> {
    Ok(Index {
        key: params.sent_key("key")?,
        kind: params.choice("type", &["key", "fulltext", "unique", "spatial"])?.to_owned(),
        columns: params.required_texts(columns, 100, 36)?,
        orders: orders(params)?,
        lengths: lengths(params)?,
        is_filled: false,
        has_failed: false,
        created_at: call.now,
    })
}

/// Makes the indexes that a new table brings, which are over `attributes` in both APIs.
///
/// # Errors
/// When one is invalid.
pub(super) fn of_new_table(call: &Call<'_>, table: &mut Table) -> Result<(), ApiError> {
    let names = Names::of(call);
    for params in objects::definitions(call, "indexes")? {
        let index = Index { is_filled: true, ..index(call, &params, "attributes")? };
        if table.indexes.iter().any(|own| own.key.eq_ignore_ascii_case(&index.key)) {
            let why = format!("Duplicate index key: {}", index.key);
            return Err(ApiError::new(ErrorKind::GeneralArgumentInvalid, why));
        }
        check(&index, table, names)?;
        table.indexes.push(index);
    }
    Ok(())
}

/// Removes a deleted column from the indexes. Also removes an index that is then empty or equal to another.
pub(super) fn forget_column(db: &Connection, table: &mut Table, key: &str) -> Result<(), ApiError> {
    let mut at = 0;
    while at < table.indexes.len() {
        let index = &mut table.indexes[at];
        let Some(place) = index.columns.iter().position(|own| own == key) else {
            at += 1;
            continue;
        };
        index.columns.remove(place);
        // Appwrite removes all lengths and orders if they equal the column's.
        if let Some(length) = index.lengths.get(place).copied() {
            index.lengths.retain(|own| *own != length);
        }
        if let Some(order) = index.orders.get(place).cloned() {
            index.orders.retain(|own| *own != order);
        }
        let index = table.indexes[at].clone();
        let is_same = |own: &Index| own.key != index.key && own.columns == index.columns && own.orders == index.orders;
        if index.columns.is_empty() || table.indexes.iter().any(is_same) {
            table.indexes.remove(at);
            continue;
        }
        table.indexes[at].has_failed = index.kind == "unique" && lookup::has_duplicates(db, table, &index)?;
        at += 1;
    }
    Ok(())
}

fn orders(params: &Params) -> Result<Vec<String>, ApiError> {
    let why = || {
        ApiError::invalid_param(
            "orders",
            "Value must a valid array no longer than 100 items and Value must be one of (asc, desc)",
        )
    };
    let orders = params.texts("orders", 100, 255).map_err(|_| why())?;
    let is_known = |order: &String| ["ASC", "DESC"].iter().any(|known| known.eq_ignore_ascii_case(order));
    if orders.iter().all(is_known) { Ok(orders) } else { Err(why()) }
}

/// Null and zero mean the whole column.
fn lengths(params: &Params) -> Result<Vec<usize>, ApiError> {
    let why = || {
        ApiError::invalid_param(
            "lengths",
            "Value must a valid array no longer than 100 items and Value must be a valid integer or null",
        )
    };
    match params.raw("lengths") {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|length| if length.is_null() { Some(0) } else { usize::try_from(length.as_u64()?).ok() })
            .collect::<Option<_>>()
            .ok_or_else(why),
        Some(_) => Err(why()),
    }
}

/// Runs Appwrite's checks, in its order.
fn check(index: &Index, table: &Table, names: Names) -> Result<(), ApiError> {
    let column = |key: &String| table.visible().find(|column| column.key == *key);
    for key in &index.columns {
        let is_own = matches!(key.as_str(), "$id" | "$createdAt" | "$updatedAt");
        match column(key) {
            None if is_own => {}
            None => return Err(names.unknown_column(key)),
            Some(column) if column.relationship().is_some() => return Err(names.relationship_index(key)),
            Some(column) if column.array => {
                let why = "Creating indexes on array attributes is not currently supported.";
                return Err(ApiError::new(ErrorKind::IndexInvalid, why));
            }
            Some(_) => {}
        }
    }
    if index.columns.is_empty() {
        return Err(names.invalid_index("No attributes provided for index"));
    }
    let folded: Vec<String> = index.columns.iter().map(|key| key.to_lowercase()).collect();
    if folded.iter().enumerate().any(|(at, key)| folded[..at].contains(key)) {
        return Err(names.invalid_index("Duplicate attributes provided"));
    }
    let columns: Vec<_> = index.columns.iter().filter_map(column).collect();
    check_spatial(index, &columns, names)?;
    if index.kind == "fulltext" {
        return match columns.iter().find(|column| !column.kind.is_text()) {
            Some(column) => Err(names.invalid_index(format!(
                "Attribute \"{}\" cannot be part of a fulltext index, must be of type string",
                column.key
            ))),
            None => Ok(()),
        };
    }
    let mut total = 0;
    for (at, column) in columns.iter().enumerate() {
        let size = column.kind.size();
        let requested = index.lengths.get(at).copied().unwrap_or(0);
        if let Some(size) = size.filter(|size| requested > *size) {
            let key = &column.key;
            return Err(
                names.invalid_index(format!("Index length {requested} is larger than the size for {key}: {size}\""))
            );
        }
        total += if requested > 0 { requested } else { size.unwrap_or(1) };
    }
    if total > MAX_LENGTH {
        return Err(names.invalid_index(format!("Index length is longer than the maximum: {MAX_LENGTH}")));
    }
    Ok(())
}

/// Spatial columns need spatial indexes, and other columns need other indexes.
fn check_spatial(index: &Index, columns: &[&Column], names: Names) -> Result<(), ApiError> {
    if index.kind != "spatial" {
        return match columns.iter().find(|column| column.kind.shape().is_some()) {
            Some(column) => Err(names.invalid_index(format!(
                "Cannot create {} index on spatial attribute \"{}\". Spatial attributes require spatial indexes.",
                index.kind, column.key
            ))),
            None => Ok(()),
        };
    }
    let why = match (index.columns.as_slice(), columns) {
        ([key], columns) => match columns.first().filter(|column| column.kind.shape().is_some()) {
            None => format!(
                "Spatial index can only be created on spatial attributes (point, linestring, polygon). Attribute \"{key}\" is of type \"{}\"",
                columns.first().map_or("string", |column| column.kind.type_name())
            ),
            Some(column) if !column.required => format!(
                "Spatial indexes do not allow null values. Mark the attribute \"{key}\" as required or create the index on a column with no null values."
            ),
            Some(_) if !index.orders.is_empty() => {
                "Spatial indexes with explicit orders are not supported. Remove the orders to create this index."
                    .to_owned()
            }
            Some(_) => return Ok(()),
        },
        _ => "Spatial index must have exactly one attribute".to_owned(),
    };
    Err(names.invalid_index(why))
}

/// `GET …/indexes`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let table = call.state.store().read(|db| schema::requested_table(db, call))?;
    let names = Names::of(call);
    let wires: Vec<Value> = table.indexes.iter().map(|index| index.wire(names, "available")).collect();
    let fields = ["key", "type", "status", "error"].map(|key| objects::text(call, key));
    objects::page_by_key(call, wires, &fields, "Index", "indexes")
}

/// `GET …/indexes/:key`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    let table = call.state.store().read(|db| schema::requested_table(db, call))?;
    let index = table
        .indexes
        .iter()
        .find(|index| index.key.eq_ignore_ascii_case(&key))
        .ok_or_else(|| Names::of(call).no_index(&key))?;
    Ok(Reply::ok(index.wire(Names::of(call), "available")))
}

/// `DELETE …/indexes/:key`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        let before = table.indexes.len();
        table.indexes.retain(|index| !index.key.eq_ignore_ascii_case(&key));
        if table.indexes.len() == before {
            return Err(Names::of(call).no_index(&key));
        }
        lookup::fill(changes, &mut table)?;
        schema::keep_table(changes, &table)?;
        Ok(Reply::empty())
    })
}
