//! The tables in the format of Appwrite's CLI, which the local backend can read.

use serde_json::{Value, json};

use super::schema::{Column, Index, IndexKind, Kind, Table};

/// Returns the content of an `appwrite.config.json` with the database and these tables.
pub fn cli_config(database: &str, tables: &[Table]) -> Value {
    json!({
        "tablesDB": [{ "$id": database, "name": database, "enabled": true }],
        "tables": tables.iter().map(|table| self::table(database, table)).collect::<Vec<_>>(),
    })
}

fn table(database: &str, table: &Table) -> Value {
    json!({
        "$id": table.id,
        "$permissions": table.permissions,
        "databaseId": database,
        "name": table.name,
        "enabled": true,
        "rowSecurity": table.row_security,
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
        "indexes": table.indexes.iter().map(index).collect::<Vec<_>>(),
    })
}

fn column(column: &Column) -> Value {
    let kind = match column.kind {
        Kind::Text(_) => "string",
        Kind::Integer => "integer",
        Kind::Float => "double",
        Kind::Boolean => "boolean",
        Kind::Datetime => "datetime",
    };
    let mut wire = json!({ "key": column.key, "type": kind, "required": column.required, "array": false });
    if let Kind::Text(size) = column.kind {
        wire["size"] = size.into();
    }
    wire
}

fn index(index: &Index) -> Value {
    let kind = match index.kind {
        IndexKind::Key => "key",
        IndexKind::Unique => "unique",
        IndexKind::Fulltext => "fulltext",
    };
    json!({ "key": index.key, "type": kind, "columns": index.columns })
}
