//! The rows of the app's tables that belong to the user: those that the user may read and delete.

use appwrite_client::{Action, AppwriteError, Permission, Role, Row, SessionClient};
use serde_json::{Map, Value};

use crate::tables::Table;

/// A row with all columns.
pub(super) type WholeRow = Row<Map<String, Value>>;

/// Returns the user's own rows of one table. Reads all rows that the user may see: Appwrite cannot search permissions.
pub(super) async fn own_rows(
    session: &SessionClient,
    database: &str,
    table: &Table,
    user_id: &str,
) -> Result<Vec<WholeRow>, AppwriteError> {
    let all = session.rows(database, table.id).list_all(&[], usize::MAX).await?;
    Ok(all.rows.into_iter().filter(|row| is_own(row, user_id)).collect())
}

fn is_own(row: &WholeRow, user_id: &str) -> bool {
    let role = Role::user(user_id);
    let own = [Action::Delete, Action::Write].map(|action| Permission { action, role: role.clone() }.to_string());
    row.permissions.iter().any(|permission| own.contains(permission))
}
