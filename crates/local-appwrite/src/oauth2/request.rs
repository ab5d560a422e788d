//! The two values that pass through the provider: Appwrite's `state`, and the provider's one-time code.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{ApiError, clock::after, identity::secret};

/// The lifetime of a code.
const LIFETIME: Duration = Duration::from_secs(600);

/// The success and failure URLs of a sign-in. Appwrite does not store them: the parameter `state` holds them as JSON.
#[derive(Debug, Clone, Default)]
pub struct OAuth2State {
    /// The success URL; empty if the state has none.
    pub success: String,
    /// The failure URL; empty for Appwrite's error page.
    pub failure: String,
    /// True to return a token in the success URL, for a server to redeem; false to set a session in cookies.
    pub token: bool,
}

impl OAuth2State {
    /// The state of a new sign-in.
    #[must_use]
    pub fn new(success: &Url, failure: &Url, token: bool) -> Self {
        Self { success: success.to_string(), failure: failure.to_string(), token }
    }

    /// The `state` parameter.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({"success": self.success, "failure": self.failure, "token": self.token}).to_string()
    }

    /// Parses a `state` parameter; `None` if it is not a JSON object or list.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let state: Value =
            serde_json::from_str(text).ok().filter(|state: &Value| state.is_object() || state.is_array())?;
        let page = |name: &str| state[name].as_str().unwrap_or("").to_owned();
        Some(Self { success: page("success"), failure: page("failure"), token: state["token"] == true })
    }
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

#[derive(Serialize, Deserialize)]
struct Consent {
    account: ProviderAccount,
    created_at: Timestamp,
}

/// Stores the account that gave its consent, under a new code.
pub(crate) fn consent(db: &Connection, account: ProviderAccount, now: Timestamp) -> Result<String, ApiError> {
    let code = secret::hex(64);
    db.execute(
        "INSERT INTO oauth2_requests (id, document) VALUES (?1, ?2)",
        params![secret::hash(&code), serde_json::to_string(&Consent { account, created_at: now })?],
    )?;
    Ok(code)
}

/// Uses up a code and returns its account.
pub(crate) fn redeem(db: &Connection, code: &str, now: Timestamp) -> Result<Option<ProviderAccount>, ApiError> {
    let document: Option<String> = db
        .query_row("DELETE FROM oauth2_requests WHERE id = ?1 RETURNING document", [secret::hash(code)], |row| {
            row.get(0)
        })
        .optional()?;
    let consent: Option<Consent> = document.map(|text| serde_json::from_str(&text)).transpose()?;
    Ok(consent.filter(|consent| now < after(consent.created_at, LIFETIME)).map(|consent| consent.account))
}
