//! A row: the stored record, and its format in responses.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{fold, index_entries, names::Names, permission::Permission, schema::Table};
use crate::{ApiError, Profile, clock};

/// A stored row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredRow {
    /// `$id`.
    pub id: String,
    /// `$sequence`, which counts up within the table.
    pub sequence: i64,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
    /// `$permissions`.
    pub permissions: Vec<Permission>,
    /// The columns' values.
    pub data: Map<String, Value>,
}

impl StoredRow {
    /// The value that queries compare under this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Value {
        match name {
            "$id" => self.id.clone().into(),
            "$sequence" => self.sequence.into(),
            "$createdAt" => clock::wire(self.created_at).into(),
            "$updatedAt" => clock::wire(self.updated_at).into(),
            _ => self.data.get(name).cloned().unwrap_or(Value::Null),
        }
    }

    /// The sort key: like [`Self::attribute`], but cheap to compare.
    #[must_use]
    pub(super) fn sort_key(&self, name: &str) -> Value {
        match name {
            "$createdAt" => self.created_at.as_millisecond().into(),
            "$updatedAt" => self.updated_at.as_millisecond().into(),
            _ => match self.attribute(name) {
                Value::String(text) => fold::folded(&text).into(),
                other => other,
            },
        }
    }

    /// The row in Appwrite's format, with all columns or the selected ones.
    #[must_use]
    pub fn wire(&self, table: &Table, names: Names, profile: Profile, select: Option<&[String]>) -> Value {
        let is_wanted = |key: &str| select.is_none_or(|keys| keys.iter().any(|wanted| wanted == key || wanted == "*"));
        let mut wire: Map<String, Value> = table
            .columns
            .iter()
            .filter(|column| column.is_in_rows() && is_wanted(&column.key))
            .map(|column| (column.key.clone(), column.shown(self.data.get(&column.key))))
            .collect();
        wire.insert("$id".into(), self.id.clone().into());
        if profile >= Profile::OneNine {
            wire.insert("$sequence".into(), self.sequence.to_string().into());
        } else if profile >= Profile::OneEight {
            wire.insert("$sequence".into(), self.sequence.into());
        }
        wire.insert("$createdAt".into(), clock::wire(self.created_at).into());
        wire.insert("$updatedAt".into(), clock::wire(self.updated_at).into());
        let permissions: Vec<String> = self.permissions.iter().map(Permission::to_string).collect();
        wire.insert("$permissions".into(), json!(permissions));
        wire.insert("$databaseId".into(), table.database_id.clone().into());
        wire.insert(names.of_table().into(), table.id.clone().into());
        Value::Object(wire)
    }
}

fn parse(text: &str) -> Result<StoredRow, ApiError> {
    Ok(serde_json::from_str(text)?)
}

/// All rows of a table, oldest first.
pub(super) fn all(db: &Connection, table: &Table) -> Result<Vec<StoredRow>, ApiError> {
    let mut statement =
        db.prepare_cached("SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 ORDER BY sequence")?;
    let documents: Vec<String> =
        statement.query_map([&table.database_id, &table.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// The number of rows in a table.
pub(super) fn count(db: &Connection, table: &Table) -> Result<i64, ApiError> {
    Ok(db.query_row(
        "SELECT count(*) FROM rows WHERE database_id = ?1 AND table_id = ?2",
        [&table.database_id, &table.id],
        |row| row.get(0),
    )?)
}

/// Some rows of a table, oldest first.
pub(super) fn some(db: &Connection, table: &Table, limit: usize, offset: usize) -> Result<Vec<StoredRow>, ApiError> {
    let [limit, offset] = [limit, offset].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let mut statement = db.prepare_cached(
        "SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 ORDER BY sequence LIMIT ?3 OFFSET ?4",
    )?;
    let documents: Vec<String> = statement
        .query_map(params![table.database_id, table.id, limit, offset], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// The row with this id.
pub(super) fn find(db: &Connection, table: &Table, id: &str) -> Result<Option<StoredRow>, ApiError> {
    let document: Option<String> = db
        .query_row(
            "SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 AND id = ?3 COLLATE NOCASE",
            [&table.database_id, &table.id, id],
            |row| row.get(0),
        )
        .optional()?;
    document.map(|text| parse(&text)).transpose()
}

/// The rows that store this id in a relationship's column, oldest first.
pub(super) fn referring_rows(db: &Connection, table: &Table, key: &str, id: &str) -> Result<Vec<StoredRow>, ApiError> {
    let mut statement = db.prepare_cached(
        "SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 AND sequence IN (
             SELECT sequence FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND key = ?3 AND value = ?4
         ) ORDER BY sequence",
    )?;
    let (key, id) = (index_entries::link_key(key), fold::folded(id));
    let documents: Vec<String> = statement
        .query_map(params![table.database_id, table.id, key, id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// Some rows of a table in the order of an indexed column; `None` if the column is empty in some rows.
pub(super) fn some_ordered(
    db: &Connection,
    table: &Table,
    (key, is_descending): (&str, bool),
    limit: usize,
    offset: usize,
) -> Result<Option<Vec<StoredRow>>, ApiError> {
    let entries: i64 = db.query_row(
        "SELECT count(*) FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND key = ?3",
        [&table.database_id, &table.id, key],
        |row| row.get(0),
    )?;
    if entries != count(db, table)? {
        return Ok(None);
    }
    let direction = if is_descending { "DESC" } else { "ASC" };
    let [limit, offset] = [limit, offset].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let mut statement = db.prepare_cached(&format!(
        "SELECT document FROM (
             SELECT sequence, value FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND key = ?3
             ORDER BY value {direction}, sequence LIMIT ?4 OFFSET ?5
         ) AS entry JOIN rows ON rows.database_id = ?1 AND rows.table_id = ?2 AND rows.sequence = entry.sequence
         ORDER BY entry.value {direction}, entry.sequence"
    ))?;
    let documents: Vec<String> = statement
        .query_map(params![table.database_id, table.id, key, limit, offset], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect::<Result<_, _>>().map(Some)
}

/// The path of a column in a row's JSON.
fn path(key: &str) -> String {
    format!("$.data.\"{key}\"")
}

/// Removes a column's values.
pub(super) fn forget_values(db: &Connection, table: &Table, key: &str) -> Result<(), ApiError> {
    db.execute(
        "UPDATE rows SET document = json_remove(document, ?3) WHERE database_id = ?1 AND table_id = ?2",
        [&table.database_id, &table.id, &path(key)],
    )?;
    db.execute(
        "DELETE FROM index_entries WHERE database_id = ?1 AND table_id = ?2 AND key = ?3",
        [&table.database_id, &table.id, &index_entries::link_key(key)],
    )?;
    Ok(())
}

/// Renames a column's values.
pub(super) fn rename_values(db: &Connection, table: &Table, key: &str, new_key: &str) -> Result<(), ApiError> {
    for mut row in all(db, table)? {
        if let Some(value) = row.data.remove(key) {
            row.data.insert(new_key.to_owned(), value);
            keep(db, table, &row)?;
        }
    }
    Ok(())
}

/// The number for the table's next row, which is never used again.
pub(super) fn next_sequence(db: &Connection, table: &Table) -> Result<i64, ApiError> {
    Ok(db.query_row(
        "UPDATE tables SET next_sequence = next_sequence + 1 WHERE database_id = ?1 AND id = ?2 RETURNING next_sequence - 1",
        [&table.database_id, &table.id],
        |row| row.get(0),
    )?)
}

/// Inserts or updates a row.
pub(super) fn keep(db: &Connection, table: &Table, row: &StoredRow) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO rows (database_id, table_id, sequence, id, document) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (database_id, table_id, sequence) DO UPDATE SET document = excluded.document",
        params![table.database_id, table.id, row.sequence, row.id, serde_json::to_string(row)?],
    )?;
    index_entries::keep(db, table, row.sequence, &row.data)
}

/// Deletes a row.
pub(super) fn remove(db: &Connection, table: &Table, id: &str) -> Result<(), ApiError> {
    db.execute(
        "DELETE FROM rows WHERE database_id = ?1 AND table_id = ?2 AND id = ?3",
        [&table.database_id, &table.id, id],
    )?;
    Ok(())
}
