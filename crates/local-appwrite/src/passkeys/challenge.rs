//! Challenges: each is created for one ceremony, and deleted when it is answered.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rand::RngExt;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LIFETIME, RelyingParty};
use crate::{ApiError, ErrorKind, clock, http::Call, identity::secret, store::Changes};

/// The ceremony that a challenge is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Purpose {
    /// Add this passkey, in this session.
    Registration { user_id: String, passkey_id: String, session_id: String },
    /// Sign in with any passkey.
    SignIn,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Challenge {
    pub(super) id: String,
    pub(super) purpose: Purpose,
    pub(super) rp: RelyingParty,
    /// 32 random bytes in base64url.
    pub(super) bytes: String,
    pub(super) created_at: Timestamp,
    pub(super) expire: Timestamp,
}

impl Challenge {
    pub(super) fn new(call: &Call<'_>, purpose: Purpose, rp: RelyingParty) -> Self {
        Self {
            id: secret::id(call.now),
            purpose,
            rp,
            bytes: random_text(),
            created_at: call.now,
            expire: clock::after(call.now, LIFETIME),
        }
    }

    /// The challenge in Appwrite's format.
    pub(super) fn wire(&self, public_key: Value) -> Value {
        let passkey_id = match &self.purpose {
            Purpose::Registration { passkey_id, .. } => passkey_id,
            Purpose::SignIn => "",
        };
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "passkeyId": passkey_id,
            "expire": clock::wire(self.expire),
            "publicKey": public_key,
        })
    }

    /// Stores the challenge and deletes the expired ones.
    pub(super) fn insert(&self, changes: &Changes<'_>) -> Result<(), ApiError> {
        changes.execute(
            "DELETE FROM passkey_challenges WHERE json_extract(document, '$.expire') <= ?1",
            [self.created_at.to_string()],
        )?;
        changes.execute(
            "INSERT INTO passkey_challenges (id, document) VALUES (?1, ?2)",
            params![self.id, serde_json::to_string(self)?],
        )?;
        Ok(())
    }
}

/// 32 random bytes in base64url.
pub(super) fn random_text() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Deletes the challenge and returns it. A failed attempt uses it up. Of several concurrent attempts, only one gets it.
///
/// # Errors
/// `user_invalid_token` if it is unknown, used or expired, or of another purpose or relying party.
pub(super) fn take(call: &Call<'_>, id: &str, purpose: &Purpose, rp: &RelyingParty) -> Result<Challenge, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let sql = "SELECT document FROM passkey_challenges WHERE id = ?1";
        let document: Option<String> = changes.query_row(sql, [id], |row| row.get(0)).optional()?;
        let challenge: Challenge = match document {
            Some(text) => serde_json::from_str(&text)?,
            None => return Err(ErrorKind::UserInvalidToken.into()),
        };
        if challenge.purpose != *purpose || challenge.rp != *rp || call.now >= challenge.expire {
            return Err(ErrorKind::UserInvalidToken.into());
        }
        remove(changes, id)?;
        Ok(challenge)
    })
}

pub(super) fn remove(changes: &Changes<'_>, id: &str) -> Result<(), ApiError> {
    changes.execute("DELETE FROM passkey_challenges WHERE id = ?1", [id])?;
    Ok(())
}
