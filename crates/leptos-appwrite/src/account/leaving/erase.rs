//! Deletes the user's rows, then the account. After a failed step, the user can try again, because the account is
//! deleted last.

use appwrite_client::{Appwrite, AppwriteError, Rows, SessionClient};
use futures_util::{StreamExt, stream};

use super::own_rows::own_rows;
use crate::account::others::end_others;
use crate::error::AppError;
use crate::tables::Table;

/// The maximum number of calls at a time.
const AT_ONCE: usize = 8;

/// The deletion of one user's rows and account.
pub(super) struct AccountDeletion {
    pub appwrite: Appwrite,
    pub session: SessionClient,
    pub user_id: String,
    pub database: String,
    pub tables: &'static [Table],
}

impl AccountDeletion {
    /// Deletes everything. Fails before it deletes anything if the API key may not delete the account.
    ///
    /// Runs in its own task: a browser that disconnects must not stop it halfway.
    pub async fn run(self) -> Result<(), AppError> {
        self.appwrite.admin().require_users_write().await?;
        tokio::spawn(async move { self.all().await }).await.map_err(AppError::internal)?
    }

    async fn all(self) -> Result<(), AppError> {
        if let Err(error) = self.end_other_sessions().await {
            tracing::warn!(%error, "could not sign out the deleted user's other devices; their next request will");
        }
        let left = self.delete_rows().await?;
        if left > 0 {
            return Err(AppError::NotAllDeleted { rows: left });
        }
        // Another request has added rows meanwhile.
        let left = self.rows().await?.len();
        if left > 0 {
            return Err(AppError::NotAllDeleted { rows: left });
        }
        // After the session's end, Appwrite lists only public rows, so private ones would stay.
        self.session.account().await?;
        self.appwrite.admin().delete_user(&self.user_id).await.map_err(|error| {
            tracing::warn!(%error, "an account could not be deleted; its rows are gone");
            AppError::NotAllDeleted { rows: 0 }
        })
    }

    /// Signs out the pages that are open on other devices: the deletion of an account sends them no event.
    async fn end_other_sessions(&self) -> Result<(), AppwriteError> {
        end_others(&self.session, self.session.sessions().await?).await
    }

    /// Returns the user's rows in all tables.
    async fn rows(&self) -> Result<Vec<(Rows, String)>, AppwriteError> {
        let mut found = Vec::new();
        for table in self.tables {
            let rows = self.session.rows(&self.database, table.id);
            let own = own_rows(&self.session, &self.database, table, &self.user_id).await?;
            found.extend(own.into_iter().map(|row| (rows.clone(), row.id)));
        }
        Ok(found)
    }

    /// Deletes the user's rows. Returns the number of those that could not be deleted.
    async fn delete_rows(&self) -> Result<usize, AppwriteError> {
        let deletions = self.rows().await?.into_iter().map(|(rows, id)| async move { delete(&rows, &id).await });
        let outcomes = stream::iter(deletions).buffer_unordered(AT_ONCE);
        Ok(outcomes.filter(|outcome| std::future::ready(outcome.is_err())).count().await)
    }
}

async fn delete(rows: &Rows, id: &str) -> Result<(), AppwriteError> {
    match rows.delete_own(id).await {
        Err(error) if error.is_not_found() => Ok(()),
        result => {
            result.inspect_err(|error| tracing::warn!(%error, "a row could not be deleted with its user's account"))
        }
    }
}
