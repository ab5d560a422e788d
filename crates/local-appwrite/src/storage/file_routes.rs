//! Lists, reads, renames and deletes files.

use serde_json::Value;

use super::{
    bucket,
    file::{self, File},
};
use crate::{
    ApiError,
    http::{Call, Reply},
    tables::{
        objects::{self, Search},
        permission::{self, Action},
    },
};

/// `GET /storage/buckets/:bucketId/files`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let found: Vec<Value> = call.state.store().read(|db| {
        let bucket = bucket::requested(db, call)?;
        bucket.check(call, Action::Read)?;
        let mut files = file::all(db, &bucket.id)?;
        files.retain(|file| {
            bucket.access().allows(&file.permissions, Action::Read, &call.caller)
                && search.finds(&[&file.id, &file.name])
        });
        Ok::<_, ApiError>(files.iter().map(|file| file.wire(call.profile())).collect())
    })?;
    let mut fields = ["name", "signature", "mimeType"].map(|key| objects::text(call, key)).to_vec();
    fields.extend(["sizeOriginal", "chunksTotal", "chunksUploaded"].map(|key| objects::number(call, key)));
    objects::page(call, found, &fields, "File", "files")
}

/// `GET /storage/buckets/:bucketId/files/:fileId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().read(|db| {
        let bucket = bucket::requested(db, call)?;
        Ok(Reply::ok(file::requested(db, call, &bucket, Action::Read)?.wire(call.profile())))
    })
}

/// `PUT /storage/buckets/:bucketId/files/:fileId`: changes the name and the permissions.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.raw("name").map(|_| call.params.text("name", 1, 128)).transpose()?;
    let actions = [Action::Read, Action::Update, Action::Delete];
    call.state.store().write(call.state.hub(), |changes| {
        let bucket = bucket::requested(changes, call)?;
        let old = file::requested(changes, call, &bucket, Action::Update)?;
        let permissions = permission::requested(call.params, &actions, &call.caller)?;
        let file = File {
            name: name.unwrap_or_else(|| old.name.clone()),
            permissions: permissions.unwrap_or_else(|| old.permissions.clone()),
            updated_at: call.now,
            ..old
        };
        file::keep(changes, &file)?;
        file.emit(changes, &bucket, call.profile(), "update");
        Ok(Reply::ok(file.wire(call.profile())))
    })
}

/// `DELETE /storage/buckets/:bucketId/files/:fileId`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let bucket = bucket::requested(changes, call)?;
        let file = file::requested(changes, call, &bucket, Action::Delete)?;
        file::remove(changes, &file)?;
        file.emit(changes, &bucket, call.profile(), "delete");
        Ok(Reply::empty())
    })
}
