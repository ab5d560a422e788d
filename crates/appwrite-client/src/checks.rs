//! Calls that check a project's setup and change nothing.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::{Method, header::HeaderValue};
use serde_json::json;

use super::{
    capabilities::Names,
    client::{AdminClient, GuestClient},
    error::AppwriteError,
    id::checked_id,
};

/// The id of a user and of a row that do not exist.
const NOBODY: &str = "nobody";

impl GuestClient {
    /// Returns the time on the server's clock, if a response says it (the header `Date` of `GET /health/version`).
    pub async fn server_time(&self) -> Result<Option<Timestamp>, AppwriteError> {
        let date = self.call(Method::GET, &["health", "version"]).date().await?;
        let zoned = date.and_then(|date| rfc2822::parse(date.to_str().ok()?).ok());
        Ok(zoned.map(|zoned| zoned.timestamp()))
    }

    /// Fails with 403 `general_unknown_origin` unless the host of `origin` is a platform of the project: redeems a proof
    /// that does not exist, as a page of that origin.
    pub async fn check_origin(&self, origin: &str) -> Result<(), AppwriteError> {
        let origin = HeaderValue::from_str(origin).map_err(|_| AppwriteError::InvalidCredential)?;
        let call = self.call(Method::POST, &["account", "sessions", "token"]).with_origin(origin);
        match call.json(json!({ "userId": NOBODY, "secret": "none" })).done().await {
            Err(error) if !error.is("user_invalid_token") => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl AdminClient {
    /// Fails unless the API key has the scope `users.read`: asks for a user who does not exist.
    pub async fn require_users_read(&self) -> Result<(), AppwriteError> {
        match self.call(Method::GET, &["users", NOBODY]).may_be_missing().done().await {
            Err(error) if error.is("user_not_found") => Ok(()),
            result => result,
        }
    }

    /// Fails unless the API key has the scope `rows.write` (before 1.8 `documents.write`): asks to delete a row that does not
    /// exist.
    pub async fn require_rows_write(&self, database: &str, table: &str) -> Result<(), AppwriteError> {
        let (database, table) = (checked_id(database)?, checked_id(table)?);
        let route = &self.appwrite.capabilities().tables_route;
        let deleted = route.negotiate(|names| {
            let path = match names {
                Names::New => ["tablesdb", database, "tables", table, "rows", NOBODY],
                Names::Old => ["databases", database, "collections", table, "documents", NOBODY],
            };
            self.call(Method::DELETE, &path).may_be_missing().done()
        });
        match deleted.await {
            Err(error) if error.is_not_found() => Ok(()),
            result => result,
        }
    }
}
