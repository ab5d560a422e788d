//! The relations of one row: the related rows, found by their entries.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    cells::Column,
    relationship::{Relation, Relationship},
    row::{self, StoredRow},
    schema::Table,
};
use crate::ApiError;

/// One relationship of a row.
pub(super) struct Link<'row> {
    pub(super) row: &'row StoredRow,
    pub(super) column: &'row Column,
    pub(super) relationship: &'row Relationship,
    /// The other side's table.
    pub(super) other: &'row Table,
}

impl Link<'_> {
    /// The related rows: those of a list, or the one whose id the row stores.
    pub(super) fn related(&self, db: &Connection) -> Result<Vec<StoredRow>, ApiError> {
        if self.relationship.is_list() {
            return self.listed(db);
        }
        match self.row.data.get(&self.column.key).and_then(Value::as_str) {
            Some(id) => Ok(row::find(db, self.other, id)?.into_iter().collect()),
            None => Ok(Vec::new()),
        }
    }

    /// The related rows of a list.
    pub(super) fn listed(&self, db: &Connection) -> Result<Vec<StoredRow>, ApiError> {
        if (self.relationship.relation, self.relationship.is_child) != (Relation::ManyToMany, false) {
            return self.referring_rows(db);
        }
        let mut rows = Vec::new();
        for id in kept_ids(self.row, &self.column.key) {
            rows.extend(row::find(db, self.other, &id)?);
        }
        Ok(rows)
    }

    /// The rows of the other side that store this row's id.
    pub(super) fn referring_rows(&self, db: &Connection) -> Result<Vec<StoredRow>, ApiError> {
        row::referring_rows(db, self.other, &self.relationship.two_way_key, &self.row.id)
    }
}

/// The ids that the parent of a many-to-many relationship stores.
pub(super) fn kept_ids(row: &StoredRow, key: &str) -> Vec<String> {
    let list = row.data.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}
