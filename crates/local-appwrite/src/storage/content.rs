//! Serves file contents (view, download, preview) to callers with read permission or a token.

use axum::http::{HeaderName, header};
use rusqlite::Connection;

use super::{
    bucket::{self, Bucket},
    file::{self, File},
    file_tokens, mime,
    preview::PreviewOptions,
};
use crate::{
    ApiError, ErrorKind, avatars,
    http::{Call, Reply},
    tables::permission::Action,
};

/// The maximum size of a response to a range, in bytes.
const LARGEST_PART: usize = 20_000_000;

/// `GET …/view`.
pub fn view(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (_, file, bytes) = opened(call)?;
    sent(call, &file, bytes, mime::shown(&file.mime_type), "inline")
}

/// `GET …/download`.
pub fn download(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (_, file, bytes) = opened(call)?;
    sent(call, &file, bytes, mime::downloaded(&file.mime_type), "attachment")
}

/// The official SDKs print this header to the console.
const WARNING: &str = "x-appwrite-warning";
const UNTOUCHED: &str = "local-appwrite cannot read this picture: this preview is the file as it was uploaded. Appwrite might transform it.";

/// `GET …/preview`: the requested version of an image, and a placeholder for other files.
pub fn preview(call: &Call<'_>) -> Result<Reply, ApiError> {
    let wanted = PreviewOptions::of(call.params)?;
    let (bucket, file, bytes) = opened(call)?;
    if !bucket.transformations && !call.caller.is_key() {
        return Err(ErrorKind::StorageBucketTransformationsDisabled.into());
    }
    let kind = mime::shown(&file.mime_type);
    let reply = if kind.starts_with("image/") {
        picture(&wanted, kind, bytes)
    } else {
        let pixels = |requested: u32| if requested == 0 { 200 } else { requested };
        let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Reply::bytes("image/png", avatars::drawn(extension, pixels(wanted.width), pixels(wanted.height))?)
    };
    Ok(reply.header(header::CACHE_CONTROL, "private, max-age=2592000".to_owned()))
}

fn picture(wanted: &PreviewOptions, kind: &'static str, bytes: Vec<u8>) -> Reply {
    let warning = HeaderName::from_static(WARNING);
    if wanted.is_as_uploaded() {
        return Reply::bytes(kind, bytes);
    }
    match wanted.made_of(&bytes) {
        None => Reply::bytes(kind, bytes).header(warning, UNTOUCHED.to_owned()),
        Some((kind, made)) if wanted.ignored.is_empty() => Reply::bytes(kind, made),
        Some((kind, made)) => {
            let why = format!("local-appwrite does not follow {} here. Appwrite does.", wanted.ignored.join(", "));
            Reply::bytes(kind, made).header(warning, why)
        }
    }
}

/// The file in the path with its content, if the caller may read it or has a token.
fn opened(call: &Call<'_>) -> Result<(Bucket, File, Vec<u8>), ApiError> {
    call.state.store().read(|db| {
        let bucket = bucket::requested(db, call)?;
        let file = allowed(db, call, &bucket)?;
        if !file.is_whole() {
            return Err(ErrorKind::StorageFileNotFound.into());
        }
        let bytes = file::bytes(db, &file)?;
        Ok((bucket, file, bytes))
    })
}

fn allowed(db: &Connection, call: &Call<'_>, bucket: &Bucket) -> Result<File, ApiError> {
    let Some(token) = file_tokens::of_request(db, call)? else {
        return file::requested(db, call, bucket, Action::Read);
    };
    let id = call.params.id("fileId")?;
    let file = file::find(db, &bucket.id, &id)?.ok_or(ErrorKind::StorageFileNotFound)?;
    if token.opens(&file) { Ok(file) } else { Err(ErrorKind::UserUnauthorized.into()) }
}

fn sent(
    call: &Call<'_>,
    file: &File,
    bytes: Vec<u8>,
    kind: &'static str,
    disposition: &str,
) -> Result<Reply, ApiError> {
    let size = bytes.len();
    let reply = match call.header("range") {
        None => Reply::bytes(kind, bytes),
        Some(range) => {
            let (start, end) = part(range, size).ok_or(ErrorKind::StorageInvalidRange)?;
            Reply::partial(kind, bytes[start..=end].to_vec())
                .header(header::ACCEPT_RANGES, "bytes".to_owned())
                .header(header::CONTENT_RANGE, format!("bytes {start}-{end}/{size}"))
        }
    };
    let name: String =
        file.name.chars().filter(|letter| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\')).collect();
    Ok(reply
        .header(header::CONTENT_SECURITY_POLICY, "script-src none;".to_owned())
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned())
        .header(header::CONTENT_DISPOSITION, format!("{disposition}; filename=\"{name}\""))
        .header(header::CACHE_CONTROL, "private, max-age=3888000".to_owned()))
}

/// Parses `bytes=0-99` for a file of this size; both ends are included. Appwrite refuses a range of one byte.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    let start: usize = start.parse().ok()?;
    let last = size.checked_sub(1)?;
    let end = match end {
        "" => last.min(start.checked_add(LARGEST_PART)?),
        end => end.parse().ok()?,
    };
    (start < end && end <= last).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_limited_to_the_file() {
        assert_eq!(part("bytes=0-3", 10), Some((0, 3)));
        assert_eq!(part("bytes=4-", 10), Some((4, 9)));
        for bad in ["bytes=0-10", "bytes=3-3", "bytes=5-2", "bytes=-5", "lines=0-3", "bytes=99999999999999999999-", ""]
        {
            assert_eq!(part(bad, 10), None, "{bad}");
        }
        assert_eq!(part("bytes=0-", 0), None);
    }
}
