//! Makes a shared row private so that the pages of others drop it at once.
//!
//! Deletes the row and creates it again under its id: Appwrite sends others the event of a deletion, but not of an
//! update that they cannot read. A private copy exists in between, so a crash loses nothing.

use appwrite_client::{AppwriteError, Permission, Role, Row};
use jiff::Timestamp;
use leptos_appwrite::error::AppError;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::acting::ActingAs;
use super::columns::{Changes, Columns, permissions};
use crate::birthdays::model::Visibility;

/// A row with all columns of the table, including those that this app does not know.
type WholeRow = Row<Map<String, Value>>;

/// Returns the row if the user may change it and others may read it.
pub(super) async fn shared_row(acting: &ActingAs, id: &str) -> Result<Option<WholeRow>, AppError> {
    let owner = acting.person_id()?;
    let row: WholeRow = match acting.rows.get(id).await {
        Ok(row) => row,
        Err(error) if error.is_outage() || error.is_rate_limited() => return Err(error.into()),
        // The update that follows fails for the same reason.
        Err(_) => return Ok(None),
    };
    let own = Permission::read(Role::user(owner)).to_string();
    let is_mine = row.permissions.contains(&Permission::update(Role::user(owner)).to_string());
    let is_shared = row.permissions.iter().any(|permission| permission.starts_with("read(") && *permission != own);
    Ok((is_mine && is_shared).then_some(row))
}

/// Makes the row private and applies the other changes.
pub(super) async fn withdraw(acting: &ActingAs, row: WholeRow, changes: &Changes) -> Result<Moved, AppError> {
    let owner = acting.person_id()?.to_owned();
    let mut columns = row.data;
    // Drops Appwrite's attributes (`$databaseId`, `$sequence`), which are not columns.
    columns.retain(|name, _| !name.starts_with('$'));
    for (name, value) in [("name", &changes.columns.name), ("birthday", &changes.columns.birthday)] {
        if let Some(value) = value {
            columns.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    let copy_id = copy_id(&owner, &row.id, row.updated_at);
    let steps = Steps { acting: acting.clone(), id: row.id, updated_at: row.updated_at, copy_id, columns, owner };
    // Runs in its own task, because a browser that disconnects must not stop it halfway.
    tokio::spawn(async move { steps.run().await }).await.map_err(AppError::internal)?
}

pub(super) enum Moved {
    To(Row<Columns>),
    /// The user may change the row, but not create or delete one.
    NotAllowed,
    /// The row has been changed since it was read.
    Stale,
}

/// Depends on the row's version, so that a retry finds the copy of the previous attempt.
fn copy_id(owner: &str, id: &str, updated_at: Option<Timestamp>) -> String {
    let digest = Sha256::digest(format!("{owner} {id} {updated_at:?}"));
    let half: [u8; 16] = std::array::from_fn(|at| digest[at]);
    format!("{:032x}", u128::from_be_bytes(half))
}

struct Steps {
    acting: ActingAs,
    id: String,
    updated_at: Option<Timestamp>,
    copy_id: String,
    columns: Map<String, Value>,
    owner: String,
}

impl Steps {
    async fn run(self) -> Result<Moved, AppError> {
        let Some(copy) = self.copy().await? else { return Ok(Moved::NotAllowed) };
        let current = self.acting.rows.get::<Columns>(&self.id).await?;
        if current.updated_at != self.updated_at {
            self.drop_copy().await;
            return Ok(Moved::Stale);
        }
        if let Err(error) = self.acting.rows.unchanged_since(self.updated_at).delete(&self.id).await {
            if error.is_update_conflict() {
                self.drop_copy().await;
                return Ok(Moved::Stale);
            }
            if !error.is_outage() && !error.is_not_found() {
                self.drop_copy().await;
                return match AppError::from(error) {
                    AppError::Forbidden => Ok(Moved::NotAllowed),
                    error => Err(error),
                };
            }
            // Appwrite may still be deleting the row, so the copy stays.
            if !self.is_gone().await {
                return Err(error.into());
            }
        }
        let row = match self.create(&self.id).await {
            Ok(row) => row,
            Err(error) => match self.acting.rows.get(&self.id).await {
                // Appwrite created the row, but its response was lost.
                Ok(row) if self.is_private(&row) => row,
                _ => {
                    tracing::warn!(%error, "a birthday could not be created again under its id; it has another one now");
                    return Ok(Moved::To(copy));
                }
            },
        };
        self.drop_copy().await;
        Ok(Moved::To(row))
    }

    /// Creates the private copy, or reuses the one that an earlier attempt left. Returns `None` if Appwrite refuses.
    async fn copy(&self) -> Result<Option<Row<Columns>>, AppwriteError> {
        let copy = match self.create(&self.copy_id).await {
            Err(error) if error.status() == Some(409) => {
                self.acting.rows.update(&self.copy_id, &self.columns, Some(&self.permissions())).await
            }
            copy => copy,
        };
        match copy {
            Err(error) if !error.is_outage() => Ok(None),
            copy => copy.map(Some),
        }
    }

    async fn create(&self, id: &str) -> Result<Row<Columns>, AppwriteError> {
        self.acting.rows.create(Some(id), &self.columns, Some(&self.permissions())).await
    }

    fn permissions(&self) -> Vec<Permission> {
        permissions(Visibility::OnlyMe, &self.owner)
    }

    /// Nobody else can create a row with this permission.
    fn is_private(&self, row: &Row<Columns>) -> bool {
        row.permissions.contains(&Permission::read(Role::user(&self.owner)).to_string())
    }

    async fn is_gone(&self) -> bool {
        self.acting.rows.get::<Columns>(&self.id).await.is_err_and(|error| error.is_not_found())
    }

    async fn drop_copy(&self) {
        if let Err(error) = self.acting.rows.delete(&self.copy_id).await {
            tracing::warn!(%error, "a private copy of a birthday is left over");
        }
    }
}
