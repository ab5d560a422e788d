//! Creates, lists, changes and deletes buckets, with an API key.

use serde_json::Value;

use super::bucket::{self, Bucket, LARGEST_FILE};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    tables::{
        Kind,
        objects::{self, Search},
        permission::{self, Action},
    },
};

const ACTIONS: &[Action] = &[Action::Read, Action::Create, Action::Update, Action::Delete];

/// `POST /storage/buckets`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("bucketId", call.now)?;
    let bucket = Bucket { id, ..described(call)? };
    call.state.store().write(call.state.hub(), |changes| {
        if bucket::find(changes, &bucket.id)?.is_some() {
            return Err(ErrorKind::StorageBucketAlreadyExists.into());
        }
        bucket::keep(changes, &bucket)?;
        Ok(Reply::created(bucket.wire(changes, call.profile())?))
    })
}

/// The bucket described by the request, with the defaults of a new one.
fn described(call: &Call<'_>) -> Result<Bucket, ApiError> {
    let params = call.params;
    let name = params.text("name", 1, 128)?;
    let permissions = permission::requested(params, ACTIONS, &call.caller)?.unwrap_or_default();
    let switch = |name: &str, default: bool| match params.raw(name) {
        None => Ok(default),
        Some(_) => params.loose_boolean(name),
    };
    Ok(Bucket {
        id: String::new(),
        name,
        permissions,
        file_security: switch("fileSecurity", false)?,
        enabled: switch("enabled", true)?,
        maximum_file_size: match params.raw("maximumFileSize") {
            None => LARGEST_FILE,
            Some(_) => params.range("maximumFileSize", 1, LARGEST_FILE)?,
        },
        allowed_file_extensions: params.texts("allowedFileExtensions", 100, 64)?,
        compression: match params.raw("compression") {
            None => "none",
            Some(_) => params.choice("compression", &["none", "gzip", "zstd"])?,
        }
        .to_owned(),
        encryption: switch("encryption", true)?,
        antivirus: switch("antivirus", true)?,
        transformations: switch("transformations", true)?,
        created_at: call.now,
        updated_at: call.now,
    })
}

/// `GET /storage/buckets`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found = call.state.store().read(|db| {
        bucket::all(db)?
            .iter()
            .filter(|bucket| search.finds(&[&bucket.id, &bucket.name]))
            .map(|bucket| bucket.wire(db, call.profile()))
            .collect::<Result<Vec<Value>, ApiError>>()
    })?;
    let mut fields = vec![objects::text(call, "name"), objects::number(call, "maximumFileSize")];
    let switches = ["enabled", "fileSecurity", "encryption", "antivirus", "transformations"];
    fields.extend(switches.map(|key| objects::field(call, key, Kind::Boolean)));
    objects::page(call, found, &fields, "Bucket", "buckets")
}

/// `GET /storage/buckets/:bucketId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| Ok(Reply::ok(bucket::requested(db, call)?.wire(db, call.profile())?)))
}

/// `PUT /storage/buckets/:bucketId`. Resets fields missing from the request, except the permissions.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.id("bucketId")?;
    let described = described(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let old = bucket::requested(changes, call)?;
        let is_said = call.params.raw("permissions").is_some();
        let permissions = if is_said { described.permissions.clone() } else { old.permissions };
        let bucket = Bucket { id: old.id, created_at: old.created_at, permissions, ..described };
        bucket::keep(changes, &bucket)?;
        Ok(Reply::ok(bucket.wire(changes, call.profile())?))
    })
}

/// `DELETE /storage/buckets/:bucketId`: with its files.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let bucket = bucket::requested(changes, call)?;
        bucket::remove(changes, &bucket.id)?;
        Ok(Reply::empty())
    })
}
