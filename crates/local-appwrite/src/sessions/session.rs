//! A session: the stored record, and its format in responses.

use std::net::IpAddr;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Device;
use crate::{ApiError, clock, identity::secret, locale::unknown};

/// One sign-in of one user on one device. Has no `Debug`: it holds the provider's tokens.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// `$id`.
    pub id: String,
    /// The user's id.
    pub user_id: String,
    /// The secret's hash.
    pub secret_hash: String,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
    /// The expiry.
    pub expire: Timestamp,
    /// The sign-in method: `email`, `anonymous`, `magic-url`, `token`, `phone`, `server` or an OAuth2 provider.
    pub provider: String,
    /// The user's id at that provider.
    pub provider_uid: String,
    /// The provider's access token.
    #[serde(default)]
    pub provider_access_token: String,
    /// The expiry of the provider's access token.
    #[serde(default)]
    pub provider_access_token_expiry: Option<Timestamp>,
    /// The provider's refresh token.
    #[serde(default)]
    pub provider_refresh_token: String,
    /// The client's address.
    pub ip: IpAddr,
    /// The client's device.
    pub device: Device,
    /// The verified factors.
    pub factors: Vec<String>,
    /// The last verification of a second factor.
    pub mfa_updated_at: Option<Timestamp>,
}

impl Session {
    /// Returns true if the session has not expired at `now`.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now < self.expire
    }

    /// Adds a verified factor.
    pub fn gain(&mut self, factor: &str) {
        if !self.factors.iter().any(|given| given == factor) {
            self.factors.push(factor.to_owned());
        }
    }

    /// The session in Appwrite's format and this language, without its secret and not marked as current.
    #[must_use]
    pub fn wire(&self, language: &str) -> Value {
        let mut wire = json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "userId": self.user_id,
            "expire": clock::wire(self.expire),
            "provider": self.provider,
            "providerUid": self.provider_uid,
            "providerAccessToken": self.provider_access_token,
            "providerAccessTokenExpiry": self.provider_access_token_expiry.map(clock::wire).unwrap_or_default(),
            "providerRefreshToken": self.provider_refresh_token,
            "ip": self.ip.to_string(),
        });
        self.device.describe(&mut wire);
        wire["countryCode"] = "--".into();
        wire["countryName"] = unknown::place(language).into();
        wire["current"] = false.into();
        wire["factors"] = json!(self.factors);
        wire["secret"] = "".into();
        wire["mfaUpdatedAt"] = self.mfa_updated_at.map(clock::wire).unwrap_or_default().into();
        wire
    }

    /// The session without a country, which Appwrite omits in events and after an update.
    #[must_use]
    pub fn bare_wire(&self) -> Value {
        let mut wire = self.wire("en");
        wire["countryName"] = "".into();
        wire
    }
}

fn parse(text: &str) -> Result<Session, ApiError> {
    Ok(serde_json::from_str(text)?)
}

/// The user's sessions, oldest first, including expired ones.
pub(crate) fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Session>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM sessions WHERE user_id = ?1 ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([user_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// The user's session with this id.
pub(crate) fn find(db: &Connection, user_id: &str, id: &str) -> Result<Option<Session>, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM sessions WHERE user_id = ?1 AND id = ?2", [user_id, id], |row| row.get(0))
        .optional()?;
    document.map(|text| parse(&text)).transpose()
}

/// The user's session with this secret, unless it has expired at `now`.
pub(crate) fn proven_by(
    db: &Connection,
    user_id: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Session>, ApiError> {
    let hash = secret::hash(secret);
    Ok(of_user(db, user_id)?.into_iter().find(|session| session.secret_hash == hash && session.is_alive(now)))
}

/// Inserts a new session.
pub(crate) fn insert(db: &Connection, session: &Session) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO sessions (id, user_id, document) VALUES (?1, ?2, ?3)",
        params![session.id, session.user_id, serde_json::to_string(session)?],
    )?;
    Ok(())
}

/// Updates a session.
pub(crate) fn update(db: &Connection, session: &Session) -> Result<(), ApiError> {
    db.execute(
        "UPDATE sessions SET document = ?2 WHERE id = ?1",
        params![session.id, serde_json::to_string(session)?],
    )?;
    Ok(())
}

/// Ends one session.
pub(crate) fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM sessions WHERE id = ?1", [id])?;
    Ok(())
}

/// Ends all sessions of a user.
pub(crate) fn remove_all(db: &Connection, user_id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM sessions WHERE user_id = ?1", [user_id])?;
    Ok(())
}
