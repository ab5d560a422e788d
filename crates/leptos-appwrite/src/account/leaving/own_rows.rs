//! The rows of the app's tables that belong to the user: those that the user may read and delete.

use std::collections::HashSet;

use appwrite_client::{Action, AppwriteError, Permission, Query, Role, Row, Rows, SessionClient};
use serde_json::{Map, Value};

use crate::tables::Table;

/// A row with all columns.
pub(super) type WholeRow = Row<Map<String, Value>>;

/// The page size.
const PAGE: u32 = 100;

/// Returns the user's own rows of one table. Reads all rows that the user may see: Appwrite cannot search permissions.
pub(super) async fn own_rows(
    session: &SessionClient,
    database: &str,
    table: &Table,
    user_id: &str,
) -> Result<Vec<WholeRow>, AppwriteError> {
    let rows = session.rows(database, table.id);
    let (mut own, mut seen) = (Vec::new(), HashSet::new());
    let mut cursor: Option<String> = None;
    loop {
        let page = page_after(&rows, cursor.as_deref()).await?;
        let is_last = page.len() < PAGE as usize;
        cursor = page.last().map(|row| row.id.clone());
        let before = seen.len();
        for row in page {
            if seen.insert(row.id.clone()) && is_own(&row, user_id) {
                own.push(row);
            }
        }
        if is_last || seen.len() == before {
            return Ok(own);
        }
    }
}

async fn page_after(rows: &Rows, cursor: Option<&str>) -> Result<Vec<WholeRow>, AppwriteError> {
    let mut queries = vec![Query::limit(PAGE)];
    queries.extend(cursor.map(Query::cursor_after));
    Ok(rows.list(&queries).await?.rows)
}

fn is_own(row: &WholeRow, user_id: &str) -> bool {
    let role = Role::user(user_id);
    let own = [Action::Delete, Action::Write].map(|action| Permission { action, role: role.clone() }.to_string());
    row.permissions.iter().any(|permission| own.contains(permission))
}
