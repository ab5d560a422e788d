//! Tables and rows for the browse pages, regardless of permissions.

use rusqlite::{Connection, params};

pub use super::schema::Table;
use super::{
    row::{self, StoredRow},
    schema,
};
use crate::ApiError;

/// All tables of all databases, each with the number of its rows.
pub fn tables(db: &Connection) -> Result<Vec<(Table, i64)>, ApiError> {
    let mut counted = Vec::new();
    for database in schema::databases(db)? {
        for table in schema::tables(db, &database.id)? {
            let count = row::count(db, &table)?;
            counted.push((table, count));
        }
    }
    Ok(counted)
}

/// A table, the number of its rows, and some of them, newest first; `None` if it does not exist.
pub fn rows(
    db: &Connection,
    database_id: &str,
    table_id: &str,
    offset: i64,
    limit: i64,
) -> Result<Option<(Table, i64, Vec<StoredRow>)>, ApiError> {
    let Some(table) = schema::find_table(db, database_id, table_id)? else {
        return Ok(None);
    };
    let mut statement = db.prepare_cached(
        "SELECT document FROM rows WHERE database_id = ?1 AND table_id = ?2 ORDER BY sequence DESC LIMIT ?3 OFFSET ?4",
    )?;
    let documents: Vec<String> = statement
        .query_map(params![table.database_id, table.id, limit, offset], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let rows = documents.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    Ok(Some((table.clone(), row::count(db, &table)?, rows)))
}
