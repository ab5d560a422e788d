//! Identities: links between users and their accounts at providers.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ApiError, clock,
    http::{Call, Reply},
    tables::{Kind, objects},
};

/// A user's account at a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// `$id`.
    pub id: String,
    /// The user's id.
    pub user_id: String,
    /// The provider.
    pub provider: String,
    /// The account's id at the provider.
    pub provider_uid: String,
    /// The account's email address at the provider.
    pub provider_email: String,
    /// `$createdAt`.
    pub created_at: Timestamp,
}

impl Identity {
    /// The identity in Appwrite's format. Omits the mock provider's tokens, because no service accepts them.
    #[must_use]
    pub fn wire(&self) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.created_at),
            "userId": self.user_id,
            "provider": self.provider,
            "providerUid": self.provider_uid,
            "providerEmail": self.provider_email,
            "providerAccessToken": "",
            "providerAccessTokenExpiry": "",
            "providerRefreshToken": "",
        })
    }
}

/// The page of these identities that a request asks for.
///
/// # Errors
/// As [`objects::page`].
pub(crate) fn page(call: &Call<'_>, identities: &[Identity]) -> Result<Reply, ApiError> {
    let texts = ["userId", "provider", "providerUid", "providerEmail"].map(|key| objects::text(call, key));
    let mut fields = texts.to_vec();
    fields.push(objects::field(call, "providerAccessTokenExpiry", Kind::Datetime));
    objects::page(call, identities.iter().map(Identity::wire).collect(), &fields, "Identity", "identities")
}

/// The user's identities, oldest first.
pub(crate) fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Identity>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM identities WHERE user_id = ?1 ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([user_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// All identities, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Identity>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM identities ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// The identity of an account at a provider.
pub(crate) fn find(db: &Connection, provider: &str, uid: &str) -> Result<Option<Identity>, ApiError> {
    let document: Option<String> = db
        .query_row(
            "SELECT document FROM identities WHERE provider = ?1 AND provider_uid = ?2",
            [provider, uid],
            |row| row.get(0),
        )
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The oldest identity with this address.
pub(crate) fn with_email(db: &Connection, email: &str) -> Result<Option<Identity>, ApiError> {
    let document: Option<String> = db
        .query_row(
            "SELECT document FROM identities WHERE json_extract(document, '$.provider_email') = ?1 ORDER BY sequence",
            [email],
            |row| row.get(0),
        )
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Returns true if some identity has this address.
pub(crate) fn has_email(db: &Connection, email: &str) -> Result<bool, ApiError> {
    is_anothers_email(db, email, "")
}

/// Returns true if an identity of another user has this address.
pub(crate) fn is_anothers_email(db: &Connection, email: &str, user_id: &str) -> Result<bool, ApiError> {
    let count: u32 = db.query_row(
        "SELECT count(*) FROM identities WHERE json_extract(document, '$.provider_email') = ?1 AND user_id <> ?2",
        [email, user_id],
        |row| row.get(0),
    )?;
    Ok(count > 0)
}

/// Inserts a new identity.
pub(crate) fn insert(db: &Connection, identity: &Identity) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO identities (id, user_id, provider, provider_uid, document) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            identity.id,
            identity.user_id,
            identity.provider,
            identity.provider_uid,
            serde_json::to_string(identity)?
        ],
    )?;
    Ok(())
}

/// Deletes an identity.
pub(crate) fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM identities WHERE id = ?1", [id])?;
    Ok(())
}
