//! A bucket: its record and its permissions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ApiError, ErrorKind, Profile, clock,
    http::Call,
    tables::permission::{Access, Action, Permission},
};

/// The maximum size of a file in bytes, by a server's default.
pub const LARGEST_FILE: i64 = 30_000_000;

/// A bucket of files.
#[derive(Clone, Serialize, Deserialize)]
pub struct Bucket {
    /// `$id`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `$permissions`.
    pub permissions: Vec<Permission>,
    /// True if each file has its own permissions.
    pub file_security: bool,
    /// If false, only API keys have access.
    pub enabled: bool,
    /// The largest file, in bytes.
    pub maximum_file_size: i64,
    /// The allowed file extensions; empty for all.
    pub allowed_file_extensions: Vec<String>,
    /// The compression that a real server would use.
    pub compression: String,
    /// True if a real server would encrypt files.
    pub encryption: bool,
    /// True if a real server would scan files for viruses.
    pub antivirus: bool,
    /// True if the bucket allows previews.
    pub transformations: bool,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl Bucket {
    /// The bucket in Appwrite's format.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wire(&self, db: &Connection, profile: Profile) -> Result<Value, ApiError> {
        let mut wire = json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "$permissions": self.permissions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "fileSecurity": self.file_security,
            "name": self.name,
            "enabled": self.enabled,
            "maximumFileSize": self.maximum_file_size,
            "allowedFileExtensions": self.allowed_file_extensions,
            "compression": self.compression,
            "encryption": self.encryption,
            "antivirus": self.antivirus,
        });
        if profile >= Profile::OneEight {
            wire["transformations"] = self.transformations.into();
        }
        if profile >= Profile::OneNineNext {
            let size: i64 = db.query_row(
                "SELECT coalesce(sum(length(bytes)), 0) FROM file_parts WHERE bucket_id = ?1",
                [&self.id],
                |row| row.get(0),
            )?;
            wire["totalSize"] = size.into();
        }
        Ok(wire)
    }

    /// The access rules.
    #[must_use]
    pub fn access(&self) -> Access<'_> {
        Access { table: &self.permissions, row_security: self.file_security }
    }

    /// Checks that the caller may try `action` on any file of the bucket.
    ///
    /// # Errors
    /// `user_unauthorized`.
    pub fn check(&self, call: &Call<'_>, action: Action) -> Result<(), ApiError> {
        self.access().check_table(action, &call.caller)
    }
}

/// The bucket with this id.
pub fn find(db: &Connection, id: &str) -> Result<Option<Bucket>, ApiError> {
    let document: Option<String> =
        db.query_row("SELECT document FROM buckets WHERE id = ?1 COLLATE NOCASE", [id], |row| row.get(0)).optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The bucket in the path. Only API keys see a disabled one.
pub fn requested(db: &Connection, call: &Call<'_>) -> Result<Bucket, ApiError> {
    let id = call.params.id("bucketId")?;
    let bucket = find(db, &id)?.filter(|bucket| bucket.enabled || call.caller.is_key());
    bucket.ok_or_else(|| ErrorKind::StorageBucketNotFound.into())
}

/// All buckets, oldest first.
pub fn all(db: &Connection) -> Result<Vec<Bucket>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM buckets ORDER BY rowid")?;
    let documents: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// Inserts or updates a bucket.
pub fn keep(db: &Connection, bucket: &Bucket) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO buckets (id, document) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![bucket.id, serde_json::to_string(bucket)?],
    )?;
    Ok(())
}

/// Deletes a bucket and its files.
pub fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM buckets WHERE id = ?1", [id])?;
    Ok(())
}
