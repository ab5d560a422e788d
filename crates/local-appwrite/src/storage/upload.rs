//! Uploads: a file in one request, or in chunks of 5 MiB.

use md5::{Digest, Md5};

use super::{
    bucket::{self, Bucket},
    file::{self, File},
    mime,
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, forms::is_id, multipart::Upload},
    store::Changes,
    tables::permission::{self, Action},
};

/// The size of each chunk except the last.
const PART: i64 = 5 * 1024 * 1024;

/// The byte range of a chunk, and the file's size.
struct Range {
    start: i64,
    total: i64,
}

impl Range {
    /// Parses `bytes 0-5242879/6000000`. Appwrite accepts an end that is one too high.
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let (start, end, total): (i64, i64, i64) = (start.parse().ok()?, end.parse().ok()?, total.parse().ok()?);
        (0 <= start && start <= end && end <= total && start < total).then_some(Self { start, total })
    }
}

/// `POST /storage/buckets/:bucketId/files`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.id("bucketId")?;
    let id = call.params.new_id("fileId", call.now)?;
    call.state.store().write(call.state.hub(), |changes| {
        let bucket = bucket::requested(changes, call)?;
        bucket.check(call, Action::Create)?;
        let actions = [Action::Read, Action::Update, Action::Delete];
        let permissions = permission::requested(call.params, &actions, &call.caller)?;
        let permissions = permissions.unwrap_or_else(|| permission::defaults(&call.caller));
        let upload = call.uploads.iter().find(|upload| upload.field == "file").ok_or(ErrorKind::StorageFileEmpty)?;
        let length = i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX);
        let (id, range) = match call.header("content-range") {
            None => (id, Range { start: 0, total: length }),
            Some(text) => {
                let range = Range::parse(text).ok_or(ErrorKind::StorageInvalidContentRange)?;
                let id = call.header("x-appwrite-id").map_or(id, str::to_owned);
                if !is_id(&id) {
                    return Err(ErrorKind::StorageInvalidAppwriteId.into());
                }
                (id, range)
            }
        };
        let is_in_parts = call.header("content-range").is_some();
        check(&bucket, upload, range.total)?;
        let chunks_total = if is_in_parts { (range.total + PART - 1) / PART } else { 1 };
        let file = File {
            id,
            bucket_id: bucket.id.clone(),
            name: upload.name.clone(),
            permissions,
            signature: String::new(),
            mime_type: String::new(),
            size: range.total,
            chunks_total,
            chunks_uploaded: 0,
            encryption: bucket.encryption,
            created_at: call.now,
            updated_at: call.now,
        };
        let file = match file::find(changes, &bucket.id, &file.id)? {
            None => file,
            Some(known) if known.is_whole() && is_in_parts => return Ok(Reply::ok(known.wire(call.profile()))),
            Some(known) if known.is_whole() => return Err(ErrorKind::StorageFileAlreadyExists.into()),
            Some(known) => known,
        };
        if range.start / PART >= file.chunks_total {
            return Err(ErrorKind::StorageInvalidContentRange.into());
        }
        let file = store_part(changes, call, &bucket, file, range.start / PART, &upload.bytes)?;
        Ok(Reply::created(file.wire(call.profile())))
    })
}

fn check(bucket: &Bucket, upload: &Upload, size: i64) -> Result<(), ApiError> {
    let extension = upload.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let allowed = &bucket.allowed_file_extensions;
    if !allowed.is_empty() && !allowed.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
        return Err(ApiError::new(ErrorKind::StorageFileTypeUnsupported, "File extension not allowed"));
    }
    if size > bucket.maximum_file_size {
        return Err(ApiError::new(ErrorKind::StorageInvalidFileSize, "File size not allowed"));
    }
    Ok(())
}

/// Stores a chunk. The last chunk completes the file and sends the event.
fn store_part(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    bucket: &Bucket,
    mut file: File,
    part: i64,
    bytes: &[u8],
) -> Result<File, ApiError> {
    file::keep(changes, &file)?;
    file.chunks_uploaded = file::keep_part(changes, &file, part, bytes)?;
    file.updated_at = call.now;
    if file.is_whole() {
        let bytes = file::bytes(changes, &file)?;
        file.signature = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        mime::of(&bytes).clone_into(&mut file.mime_type);
        file.size = i64::try_from(bytes.len()).unwrap_or(file.size);
    }
    file::keep(changes, &file)?;
    if file.is_whole() {
        file.emit(changes, bucket, call.profile(), "create");
    }
    Ok(file)
}
