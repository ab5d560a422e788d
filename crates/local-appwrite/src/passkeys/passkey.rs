//! A passkey: the stored record and its lookups.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LIFETIME, ceremony::Credential};
use crate::{ApiError, ErrorKind, clock, identity::secret};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Passkey {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) name: String,
    /// The last sign-in.
    pub(super) accessed_at: Option<Timestamp>,
    /// The user's id at authenticators, the same for all passkeys of the user: 32 random bytes in base64url.
    pub(super) user_handle: String,
    pub(super) state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// A new passkey that waits for the response to this challenge.
    Pending {
        challenge_id: String,
    },
    Verified(Credential),
}

impl Passkey {
    /// The credential, if the registration is verified.
    pub(super) fn credential(&self) -> Option<&Credential> {
        match &self.state {
            State::Pending { .. } => None,
            State::Verified(credential) => Some(credential),
        }
    }

    /// Returns true for a registration whose challenge has expired.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.credential().is_none() && now >= clock::after(self.created_at, LIFETIME)
    }

    /// The passkey in Appwrite's format, without the key.
    pub(super) fn wire(&self) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "name": self.name,
            "accessedAt": self.accessed_at.map(clock::wire).unwrap_or_default(),
        })
    }
}

fn parse(text: &str) -> Result<Passkey, ApiError> {
    Ok(serde_json::from_str(text)?)
}

/// The user's passkeys, verified or not, oldest first.
pub(super) fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Passkey>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM passkeys WHERE user_id = ?1 ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([user_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// The passkey with this id, of any user.
pub(super) fn find(db: &Connection, id: &str) -> Result<Option<Passkey>, ApiError> {
    let sql = "SELECT document FROM passkeys WHERE id = ?1";
    let document: Option<String> = db.query_row(sql, [id], |row| row.get(0)).optional()?;
    document.map(|text| parse(&text)).transpose()
}

/// The user's verified passkey with this id.
///
/// # Errors
/// `user_passkey_not_found` for pending and unknown passkeys, and for those of other users.
pub(super) fn of_user_by_id(db: &Connection, user_id: &str, id: &str) -> Result<Passkey, ApiError> {
    find(db, id)?
        .filter(|passkey| passkey.user_id == user_id && passkey.credential().is_some())
        .ok_or_else(|| ErrorKind::UserPasskeyNotFound.into())
}

/// The verified passkey with this credential, given by its id in base64url.
pub(super) fn by_credential(db: &Connection, credential_id: &str) -> Result<Option<Passkey>, ApiError> {
    let sql = "SELECT document FROM passkeys WHERE credential = ?1";
    let document: Option<String> = db.query_row(sql, [secret::hash(credential_id)], |row| row.get(0)).optional()?;
    document.map(|text| parse(&text)).transpose()
}

/// Inserts a new passkey.
pub(super) fn insert(db: &Connection, passkey: &Passkey) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO passkeys (id, user_id, document) VALUES (?1, ?2, ?3)",
        params![passkey.id, passkey.user_id, serde_json::to_string(passkey)?],
    )?;
    Ok(())
}

/// Updates a passkey.
pub(super) fn update(db: &Connection, passkey: &Passkey) -> Result<(), ApiError> {
    let credential = passkey.credential().map(|credential| secret::hash(&credential.id));
    db.execute(
        "UPDATE passkeys SET credential = ?2, document = ?3 WHERE id = ?1",
        params![passkey.id, credential, serde_json::to_string(passkey)?],
    )?;
    Ok(())
}

/// Deletes a passkey.
pub(super) fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM passkeys WHERE id = ?1", [id])?;
    Ok(())
}

/// Returns true if any user has a passkey or is adding one: the relying party must not change then.
pub(crate) fn is_rp_in_use(db: &Connection, now: Timestamp) -> Result<bool, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM passkeys")?;
    let documents: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for text in documents {
        if !parse(&text)?.is_stale(now) {
            return Ok(true);
        }
    }
    Ok(false)
}
