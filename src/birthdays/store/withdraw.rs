//! Makes a shared row private so that the pages of others drop it at once.
//!
//! Appwrite tells an update to those who may read the row afterwards, so those who lose sight of it hear nothing. It tells a
//! deletion to those who could read the row. So the row is deleted and created again under its id, with a private copy
//! that holds its columns in between: wherever this stops, the row or the copy exists, and what is private stays so.

use serde_json::{Map, Value};

use super::{ActingAs, Changes, Columns, permissions, shown, update_in_place};
use crate::appwrite::{AppwriteError, Permission, Role, Row};
use crate::birthdays::model::{Birthday, Visibility};
use crate::error::AppError;

/// A row with all of its columns, whatever the table has.
type WholeRow = Row<Map<String, Value>>;

/// The row, if the person may change it and others may read it.
pub(super) async fn shared_row(acting: &ActingAs, id: &str) -> Option<WholeRow> {
    let owner = acting.person_id.as_deref()?;
    // Whatever is wrong with the row, the change itself is refused for it.
    let row: WholeRow = acting.rows.get(id).await.ok()?;
    let own = Permission::read(Role::user(owner)).to_string();
    let is_mine = row.permissions.contains(&Permission::update(Role::user(owner)).to_string());
    let is_shared = row.permissions.iter().any(|permission| permission.starts_with("read(") && *permission != own);
    (is_mine && is_shared).then_some(row)
}

/// Makes the row private, with what else is to change of it.
pub(super) async fn withdraw(acting: &ActingAs, row: WholeRow, changes: &Changes) -> Result<Birthday, AppError> {
    let owner = acting.person_id()?.to_owned();
    let mut columns = row.data;
    // What Appwrite adds to a row (`$databaseId`, `$sequence`) is not a column.
    columns.retain(|name, _| !name.starts_with('$'));
    for (name, value) in [("name", &changes.columns.name), ("birthday", &changes.columns.birthday)] {
        if let Some(value) = value {
            columns.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    let steps = Steps { acting: acting.clone(), id: row.id, columns, owner };
    // A browser that hangs up stops nothing half-way.
    let moved = tokio::spawn(async move { steps.run().await }).await.map_err(|_| AppError::Internal)??;
    match moved {
        Moved::To(row) => Ok(shown(row, acting.person_id.as_deref())),
        Moved::NotAllowed { id } => update_in_place(acting, &id, changes, acting.person_id()?).await,
    }
}

enum Moved {
    To(Row<Columns>),
    /// The person may change the row, but not delete it.
    NotAllowed {
        id: String,
    },
}

struct Steps {
    acting: ActingAs,
    id: String,
    columns: Map<String, Value>,
    owner: String,
}

impl Steps {
    async fn run(self) -> Result<Moved, AppError> {
        let copy = self.create(None).await?;
        if let Err(error) = self.acting.rows.delete(&self.id).await {
            match self.is_gone(&error).await {
                Some(true) => {}
                Some(false) => {
                    self.drop_copy(&copy).await;
                    return match AppError::from(error) {
                        AppError::Forbidden => Ok(Moved::NotAllowed { id: self.id }),
                        error => Err(error),
                    };
                }
                // The copy stays: it may be all that there is.
                None => return Err(error.into()),
            }
        }
        match self.create(Some(&self.id)).await {
            Ok(row) => {
                self.drop_copy(&copy).await;
                Ok(Moved::To(row))
            }
            Err(error) => {
                tracing::warn!(%error, "a birthday could not be created again under its id; it has another one now");
                Ok(Moved::To(copy))
            }
        }
    }

    async fn create(&self, id: Option<&str>) -> Result<Row<Columns>, AppwriteError> {
        let permissions = permissions(Visibility::OnlyMe, &self.owner);
        self.acting.rows.create(id, &self.columns, Some(&permissions)).await
    }

    /// Whether our deletion took the row away although it failed. None if nobody can say.
    async fn is_gone(&self, error: &AppwriteError) -> Option<bool> {
        if !error.is_outage() {
            return Some(false);
        }
        match self.acting.rows.get::<Columns>(&self.id).await {
            Ok(_) => Some(false),
            Err(error) => error.is_not_found().then_some(true),
        }
    }

    async fn drop_copy(&self, copy: &Row<Columns>) {
        if let Err(error) = self.acting.rows.delete(&copy.id).await {
            tracing::warn!(%error, "a private copy of a birthday is left over");
        }
    }
}
