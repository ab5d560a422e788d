//! File tokens: addresses with `?token=` open one file without a session.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    bucket,
    file::{self, File},
};
use crate::{
    ApiError, ErrorKind, clock,
    http::{Call, Reply},
    identity::{jwt, secret},
    tables::{Kind, objects, permission::Action},
};

/// A token for one file.
#[derive(Clone, Serialize, Deserialize)]
pub struct FileToken {
    id: String,
    bucket_id: String,
    file_id: String,
    expire: Option<Timestamp>,
    created_at: Timestamp,
}

/// The claims of a token's JWT.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    token_id: String,
    resource_id: String,
    resource_type: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

impl FileToken {
    /// Returns true if the token is for this file.
    #[must_use]
    pub fn opens(&self, file: &File) -> bool {
        self.bucket_id == file.bucket_id && self.file_id == file.id
    }

    fn resource_id(&self) -> String {
        format!("{}:{}", self.bucket_id, self.file_id)
    }

    fn wire(&self, call: &Call<'_>) -> Result<Value, ApiError> {
        let claims = Claims {
            token_id: self.id.clone(),
            resource_id: self.resource_id(),
            resource_type: "files".to_owned(),
            iat: self.created_at.as_second(),
            exp: self.expire.map(Timestamp::as_second),
        };
        Ok(json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "resourceId": self.resource_id(),
            "resourceType": "files",
            "expire": self.expire.map(clock::wire).unwrap_or_default(),
            "secret": jwt::sign(call.state.jwt_key(), &claims)?,
            "accessedAt": "",
        }))
    }
}

/// The request's token, if valid. Ignores an invalid one, like Appwrite.
pub fn of_request(db: &Connection, call: &Call<'_>) -> Result<Option<FileToken>, ApiError> {
    let text = call.params.optional_text("token", 1, 512)?.unwrap_or_default();
    let Some(claims) = jwt::read::<Claims>(call.state.jwt_key(), &text) else {
        return Ok(None);
    };
    let token = find(db, &claims.token_id)?;
    Ok(token.filter(|token| token.expire.is_none_or(|expire| call.now < expire)))
}

/// `POST /tokens/buckets/:bucketId/files/:fileId`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let expire = expire(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let file = requested_file(changes, call, Action::Update)?;
        let token = FileToken {
            id: secret::id(call.now),
            bucket_id: file.bucket_id,
            file_id: file.id,
            expire,
            created_at: call.now,
        };
        keep(changes, &token)?;
        Ok(Reply::created(token.wire(call)?))
    })
}

/// `GET /tokens/buckets/:bucketId/files/:fileId`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let tokens = call.state.store().read(|db| {
        let file = requested_file(db, call, Action::Read)?;
        let mut statement = db.prepare_cached(
            "SELECT document FROM file_tokens WHERE bucket_id = ?1 AND file_id = ?2 ORDER BY sequence",
        )?;
        let documents: Vec<String> =
            statement.query_map([&file.bucket_id, &file.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        documents
            .iter()
            .map(|text| serde_json::from_str::<FileToken>(text)?.wire(call))
            .collect::<Result<Vec<_>, ApiError>>()
    })?;
    objects::page(call, tokens, &[objects::field(call, "expire", Kind::Datetime)], "File token", "tokens")
}

/// `GET /tokens/:tokenId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| Ok(Reply::ok(requested(db, call)?.wire(call)?)))
}

/// `PATCH /tokens/:tokenId`: changes or removes the expiry.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let expire = expire(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let token = FileToken { expire, ..requested(changes, call)? };
        keep(changes, &token)?;
        Ok(Reply::ok(token.wire(call)?))
    })
}

/// `DELETE /tokens/:tokenId`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let token = requested(changes, call)?;
        changes.execute("DELETE FROM file_tokens WHERE id = ?1", [&token.id])?;
        Ok(Reply::empty())
    })
}

fn requested_file(db: &Connection, call: &Call<'_>, action: Action) -> Result<File, ApiError> {
    let bucket = bucket::requested(db, call)?;
    file::requested(db, call, &bucket, action)
}

fn requested(db: &Connection, call: &Call<'_>) -> Result<FileToken, ApiError> {
    let id = call.params.id("tokenId")?;
    find(db, &id)?.ok_or_else(|| ErrorKind::TokenNotFound.into())
}

fn expire(call: &Call<'_>) -> Result<Option<Timestamp>, ApiError> {
    let Some(value) = call.params.raw("expire") else {
        return Ok(None);
    };
    let at = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).filter(|at| *at > call.now);
    at.map(Some).ok_or_else(|| ApiError::invalid_param("expire", "Value must be valid date in the future"))
}

fn find(db: &Connection, id: &str) -> Result<Option<FileToken>, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM file_tokens WHERE id = ?1 COLLATE NOCASE", [id], |row| row.get(0))
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn keep(db: &Connection, token: &FileToken) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO file_tokens (id, bucket_id, file_id, document) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![token.id, token.bucket_id, token.file_id, serde_json::to_string(token)?],
    )?;
    Ok(())
}
