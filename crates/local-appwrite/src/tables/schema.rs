//! Databases and tables: the stored records, and their format in responses.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    cells::Column,
    names::{Names, OTHER_ID},
    permission::{Access, Permission},
};
use crate::{ApiError, ErrorKind, Profile, clock, http::Call};

/// A database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Database {
    /// `$id`.
    pub id: String,
    /// The name.
    pub name: String,
    /// If false, only API keys have access.
    pub enabled: bool,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`, when it was renamed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// The API that created it, shown as its `type`.
    #[serde(default)]
    pub kind: Option<String>,
}

impl Database {
    /// The database in Appwrite's format.
    #[must_use]
    pub fn wire(&self, names: Names, profile: Profile) -> Value {
        let mut wire = json!({
            "$id": self.id,
            "name": self.name,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at.unwrap_or(self.created_at)),
            "enabled": self.enabled,
            "type": self.kind.as_deref().unwrap_or(names.database_type()),
        });
        if profile >= Profile::OneNineNext {
            wire["status"] = "ready".into();
        }
        wire
    }
}

/// An index over columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// Its name.
    pub key: String,
    /// `key`, `unique` or `fulltext`.
    pub kind: String,
    /// The indexed columns.
    pub columns: Vec<String>,
    /// `ASC` or `DESC` for each column, if given.
    pub orders: Vec<String>,
    /// The indexed length of each column, if given; 0 for all of it.
    #[serde(default)]
    pub lengths: Vec<usize>,
    /// True once all rows have entries.
    #[serde(default)]
    pub is_filled: bool,
    /// True for a unique index that could not be created because rows had equal values.
    #[serde(default)]
    pub has_failed: bool,
    /// `$createdAt`.
    pub created_at: Timestamp,
}

/// A table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// `$id`.
    pub id: String,
    /// The database's id.
    pub database_id: String,
    /// The name.
    pub name: String,
    /// If false, only API keys have access.
    pub enabled: bool,
    /// True if each row has its own permissions.
    pub row_security: bool,
    /// `$permissions`.
    pub permissions: Vec<Permission>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

/// The size that Appwrite computes for a table without columns.
const BYTES_OF_NOTHING: usize = 1067;

impl Table {
    /// The access rules.
    #[must_use]
    pub fn access(&self) -> Access<'_> {
        Access { table: &self.permissions, row_security: self.row_security }
    }

    /// The columns without the hidden sides of relationships.
    pub fn visible(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.is_visible())
    }

    /// The columns that have a fulltext index.
    #[must_use]
    pub fn searchable(&self) -> Vec<String> {
        self.indexes.iter().filter(|index| index.kind == "fulltext").flat_map(|index| index.columns.clone()).collect()
    }

    /// The table in Appwrite's format.
    #[must_use]
    pub fn wire(&self, names: Names) -> Value {
        let permissions: Vec<String> = self.permissions.iter().map(Permission::to_string).collect();
        let columns: Vec<Value> = self.visible().map(|column| column.wire(names, "available")).collect();
        let indexes: Vec<Value> = self.indexes.iter().map(|index| index.wire(names, "available")).collect();
        let bytes: usize = self.visible().map(|column| column.kind.bytes()).sum();
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "$permissions": permissions,
            "databaseId": self.database_id,
            "name": self.name,
            "enabled": self.enabled,
            names.row_security(): self.row_security,
            names.columns(): columns,
            "indexes": indexes,
            "bytesMax": 65_535,
            "bytesUsed": BYTES_OF_NOTHING + bytes,
        })
    }
}

impl Index {
    /// The index in Appwrite's format. `status` is `processing` for a new one.
    #[must_use]
    pub fn wire(&self, names: Names, status: &str) -> Value {
        json!({
            "$id": format!("1_1_{}", self.key),
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.created_at),
            "key": self.key,
            "type": self.kind,
            "status": if self.has_failed && status == "available" { "failed" } else { status },
            "error": if self.has_failed { "Rows have equal values" } else { "" },
            names.columns(): self.columns,
            "lengths": (0..self.columns.len()).map(|at| self.lengths.get(at).copied().unwrap_or(0)).collect::<Vec<_>>(),
            "orders": self.orders,
        })
    }
}

/// The database with this id.
pub(super) fn find_database(db: &Connection, id: &str) -> Result<Option<Database>, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM databases WHERE id = ?1 COLLATE NOCASE", [id], |row| row.get(0))
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// All databases, oldest first.
pub(super) fn databases(db: &Connection) -> Result<Vec<Database>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM databases ORDER BY rowid")?;
    let documents: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// Inserts a new database; `database_already_exists` when the id is taken.
pub(super) fn insert_database(db: &Connection, database: &Database) -> Result<(), ApiError> {
    if find_database(db, &database.id)?.is_some() {
        let id = &database.id;
        return Err(ApiError::new(
            ErrorKind::DatabaseAlreadyExists,
            format!("Database with the requested ID '{id}' already exists. {OTHER_ID}"),
        ));
    }
    keep_database(db, database)
}

/// Inserts or updates a database.
pub(super) fn keep_database(db: &Connection, database: &Database) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO databases (id, document) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![database.id, serde_json::to_string(database)?],
    )?;
    Ok(())
}

/// The table with this id.
pub(crate) fn find_table(db: &Connection, database_id: &str, id: &str) -> Result<Option<Table>, ApiError> {
    let document: Option<String> = db
        .query_row(
            "SELECT document FROM tables WHERE database_id = ?1 AND id = ?2 COLLATE NOCASE",
            [database_id, id],
            |row| row.get(0),
        )
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// All tables of a database, oldest first.
pub(super) fn tables(db: &Connection, database_id: &str) -> Result<Vec<Table>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM tables WHERE database_id = ?1 ORDER BY rowid")?;
    let documents: Vec<String> = statement.query_map([database_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// Inserts or updates a table.
pub(super) fn keep_table(db: &Connection, table: &Table) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO tables (database_id, id, document) VALUES (?1, ?2, ?3)
         ON CONFLICT (database_id, id) DO UPDATE SET document = excluded.document",
        params![table.database_id, table.id, serde_json::to_string(table)?],
    )?;
    Ok(())
}

/// The database of a request.
///
/// # Errors
/// 404, also if it is disabled and the caller has no API key.
pub(super) fn requested_database(db: &Connection, call: &Call<'_>) -> Result<Database, ApiError> {
    let names = Names::of(call);
    let id = call.params.id("databaseId")?;
    find_database(db, &id)?
        .filter(|database| database.enabled || call.caller.is_key())
        .ok_or_else(|| names.no_database(&id))
}

/// The table of a request.
///
/// # Errors
/// 404, also if it is disabled and the caller has no API key.
pub(super) fn requested_table(db: &Connection, call: &Call<'_>) -> Result<Table, ApiError> {
    let names = Names::of(call);
    let database = requested_database(db, call)?;
    let id = call.params.id("tableId")?;
    find_table(db, &database.id, &id)?
        .filter(|table| table.enabled || call.caller.is_key())
        .ok_or_else(|| names.no_table(&id))
}
