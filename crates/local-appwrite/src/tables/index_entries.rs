//! The entries of indexes: the values of indexed columns, and the ids that relationships store. [`super::lookup`] and
//! [`super::links`] use them to find rows.

use rusqlite::{Connection, types::Value as Cell};
use serde_json::{Map, Value};

use super::{
    fold,
    schema::{Index, Table},
};
use crate::ApiError;

/// The key of an index's entries. The key for words contains a character that no column name has.
pub(super) fn key_of(index: &Index) -> Option<String> {
    let column = index.columns.first().filter(|column| !column.starts_with('$'))?;
    Some(if index.kind == "fulltext" { format!("~{column}") } else { column.clone() })
}

/// The key of the entries for the ids in a relationship's column. It contains a character that no column name has.
pub(super) fn link_key(column: &str) -> String {
    format!("@{column}")
}

/// A value in the format of entries; `None` for null and lists.
pub(super) fn cell(value: &Value) -> Option<Cell> {
    match value {
        Value::Bool(value) => Some(Cell::Integer((*value).into())),
        Value::Number(number) => number.as_i64().map(Cell::Integer).or_else(|| number.as_f64().map(Cell::Real)),
        Value::String(text) => Some(Cell::Text(fold::folded(text))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The entries of a row: pairs of key and value.
fn entries(table: &Table, data: &Map<String, Value>) -> Vec<(String, Cell)> {
    let mut entries = Vec::new();
    for index in table.indexes.iter().filter(|index| index.is_filled && index.kind != "spatial") {
        let (Some(key), Some(value)) = (key_of(index), index.columns.first().and_then(|key| data.get(key))) else {
            continue;
        };
        match value {
            Value::String(text) if index.kind == "fulltext" => {
                entries.extend(fold::words(text).into_iter().map(|word| (key.clone(), Cell::Text(word))));
            }
            value => entries.extend(cell(value).map(|cell| (key, cell))),
        }
    }
    for column in table.columns.iter().filter(|column| column.relationship().is_some()) {
        let ids = match data.get(&column.key) {
            Some(Value::Array(ids)) => ids.as_slice(),
            Some(id) => std::slice::from_ref(id),
            None => continue,
        };
        entries.extend(ids.iter().filter_map(cell).map(|id| (link_key(&column.key), id)));
    }
    entries
}

/// Returns true if rows of the table can have entries.
pub(super) fn has_entries(table: &Table) -> bool {
    !table.indexes.is_empty() || table.columns.iter().any(|column| column.relationship().is_some())
}

/// Replaces the entries of a written row.
pub(super) fn keep(db: &Connection, table: &Table, sequence: i64, data: &Map<String, Value>) -> Result<(), ApiError> {
    if !has_entries(table) {
        return Ok(());
    }
    let mut statement =
        db.prepare_cached("DELETE FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND sequence = ?3")?;
    statement.execute((&table.database_id, &table.id, sequence))?;
    let mut statement = db.prepare_cached("INSERT OR IGNORE INTO index_entries VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (key, value) in entries(table, data) {
        statement.execute((&table.database_id, &table.id, sequence, key, value))?;
    }
    Ok(())
}
