//! A pending OAuth2 sign-in, stored by its state and used once.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ApiError, clock::after};

/// The time that a user may take at the provider.
const LIFETIME: Duration = Duration::from_secs(600);

/// The result of the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A token in the success URL, for a server to redeem.
    Token,
    /// A session in cookies of this backend's own address.
    Session,
}

/// The user's account at the provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProviderAccount {
    /// The account's id at the provider.
    pub uid: String,
    /// Its address.
    pub email: String,
    /// True if the provider has verified the address.
    pub is_verified: bool,
    /// The user's name.
    pub name: String,
}

/// A pending sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OAuth2Request {
    /// The provider.
    pub provider: String,
    /// The success URL.
    pub success: Url,
    /// The failure URL.
    pub failure: Url,
    /// The result of the sign-in.
    pub outcome: Outcome,
    /// The start time.
    pub created_at: Timestamp,
    /// The provider's one-time code and the account that consented.
    pub consent: Option<(String, ProviderAccount)>,
}

/// Stores a sign-in under `state`, before and after the consent.
pub(crate) fn keep(db: &Connection, state: &str, request: &OAuth2Request) -> Result<(), ApiError> {
    db.execute(
        "INSERT OR REPLACE INTO oauth2_requests (id, document) VALUES (?1, ?2)",
        params![state, serde_json::to_string(request)?],
    )?;
    Ok(())
}

/// The sign-in under `state`, unless it has expired.
pub(crate) fn find(db: &Connection, state: &str, now: Timestamp) -> Result<Option<OAuth2Request>, ApiError> {
    let document: Option<String> =
        db.query_row("SELECT document FROM oauth2_requests WHERE id = ?1", [state], |row| row.get(0)).optional()?;
    let request: Option<OAuth2Request> = document.map(|text| serde_json::from_str(&text)).transpose()?;
    Ok(request.filter(|request| now < after(request.created_at, LIFETIME)))
}

/// Deletes a sign-in once the browser is back.
pub(crate) fn remove(db: &Connection, state: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM oauth2_requests WHERE id = ?1", [state])?;
    Ok(())
}
