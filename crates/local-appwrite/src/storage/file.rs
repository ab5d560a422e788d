//! A file: the stored record, its chunks, and its events.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bucket::Bucket;
use crate::{
    ApiError, ErrorKind, Profile, clock,
    http::Call,
    realtime::Event,
    store::Changes,
    tables::permission::{Action, Permission},
};

/// A file of a bucket, possibly incomplete.
#[derive(Clone, Serialize, Deserialize)]
pub struct File {
    /// `$id`.
    pub id: String,
    /// The bucket's id.
    pub bucket_id: String,
    /// The name.
    pub name: String,
    /// `$permissions`.
    pub permissions: Vec<Permission>,
    /// The MD5 of the content; empty until the upload is complete.
    pub signature: String,
    /// The MIME type; empty until the upload is complete.
    pub mime_type: String,
    /// The size of the complete file in bytes.
    pub size: i64,
    /// The number of chunks.
    pub chunks_total: i64,
    /// The number of uploaded chunks.
    pub chunks_uploaded: i64,
    /// True if a real server would encrypt the file.
    pub encryption: bool,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl File {
    /// Returns true if all chunks are uploaded.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.chunks_uploaded == self.chunks_total
    }

    /// The file in Appwrite's format.
    #[must_use]
    pub fn wire(&self, profile: Profile) -> Value {
        let mut wire = json!({
            "$id": self.id,
            "bucketId": self.bucket_id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "$permissions": self.permissions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "name": self.name,
            "signature": self.signature,
            "mimeType": self.mime_type,
            "sizeOriginal": self.size,
            "chunksTotal": self.chunks_total,
            "chunksUploaded": self.chunks_uploaded,
        });
        if profile >= Profile::OneNineNext {
            wire["sizeActual"] = if self.is_whole() { self.size } else { 0 }.into();
            wire["encryption"] = self.encryption.into();
            wire["compression"] = "none".into();
        }
        if profile == Profile::Two {
            wire["folder"] = "".into();
            wire["key"] = self.name.clone().into();
        }
        wire
    }

    /// Sends the event `buckets.<id>.files.<id>.<what>` to those who may read the file.
    pub fn emit(&self, changes: &mut Changes<'_>, bucket: &Bucket, profile: Profile, what: &str) {
        changes.emit(Event {
            name: format!("buckets.{}.files.{}.{what}", bucket.id, self.id),
            payload: self.wire(profile),
            read_roles: bucket.access().readers(&self.permissions),
        });
    }
}

/// The file in the path, if the caller may do `action`. Returns 404 for reading without permission. Changing a file
/// does not require read permission.
pub fn requested(db: &Connection, call: &Call<'_>, bucket: &Bucket, action: Action) -> Result<File, ApiError> {
    bucket.check(call, action)?;
    let id = call.params.id("fileId")?;
    let file = find(db, &bucket.id, &id)?.ok_or(ErrorKind::StorageFileNotFound)?;
    match bucket.access().allows(&file.permissions, action, &call.caller) {
        true => Ok(file),
        false if action == Action::Read => Err(ErrorKind::StorageFileNotFound.into()),
        false => Err(ErrorKind::UserUnauthorized.into()),
    }
}

/// The file with this id.
pub fn find(db: &Connection, bucket_id: &str, id: &str) -> Result<Option<File>, ApiError> {
    let document: Option<String> = db
        .query_row(
            "SELECT document FROM files WHERE bucket_id = ?1 AND id = ?2 COLLATE NOCASE",
            [bucket_id, id],
            |row| row.get(0),
        )
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// All files of a bucket, oldest first.
pub fn all(db: &Connection, bucket_id: &str) -> Result<Vec<File>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM files WHERE bucket_id = ?1 ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([bucket_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// Inserts or updates a file.
pub fn keep(db: &Connection, file: &File) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO files (bucket_id, id, document) VALUES (?1, ?2, ?3)
         ON CONFLICT (bucket_id, id) DO UPDATE SET document = excluded.document",
        params![file.bucket_id, file.id, serde_json::to_string(file)?],
    )?;
    Ok(())
}

/// Deletes a file and its chunks.
pub fn remove(db: &Connection, file: &File) -> Result<(), ApiError> {
    db.execute("DELETE FROM files WHERE bucket_id = ?1 AND id = ?2", [&file.bucket_id, &file.id])?;
    Ok(())
}

/// Stores or replaces a chunk and returns the number of chunks.
pub fn keep_part(db: &Connection, file: &File, part: i64, bytes: &[u8]) -> Result<i64, ApiError> {
    db.execute(
        "INSERT OR REPLACE INTO file_parts (bucket_id, file_id, part, bytes) VALUES (?1, ?2, ?3, ?4)",
        params![file.bucket_id, file.id, part, bytes],
    )?;
    Ok(db.query_row(
        "SELECT count(*) FROM file_parts WHERE bucket_id = ?1 AND file_id = ?2",
        [&file.bucket_id, &file.id],
        |row| row.get(0),
    )?)
}

/// The content of a file.
pub fn bytes(db: &Connection, file: &File) -> Result<Vec<u8>, ApiError> {
    let mut statement =
        db.prepare_cached("SELECT bytes FROM file_parts WHERE bucket_id = ?1 AND file_id = ?2 ORDER BY part")?;
    let parts: Vec<Vec<u8>> =
        statement.query_map([&file.bucket_id, &file.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(parts.concat())
}
