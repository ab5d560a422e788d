//! Buckets and files.

use axum::http::Method;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use super::{
    Kind,
    fields::{field, field_as},
    requests::{Requests, path},
};
use crate::{http::multipart::Upload, storage::LARGEST_FILE};

type Item = Map<String, Value>;

/// The section `buckets`.
pub fn buckets(requests: &mut Requests<'_>, file: &Item) {
    const KNOWN: &[&str] = &[
        "$id",
        "$permissions",
        "name",
        "fileSecurity",
        "enabled",
        "maximumFileSize",
        "allowedFileExtensions",
        "compression",
        "encryption",
        "antivirus",
        "transformations",
        "totalSize",
    ];
    for (at, mut item) in requests.items(file, "", "buckets", KNOWN) {
        let size = item.get("maximumFileSize").and_then(Value::as_i64);
        // Appwrite's cloud allows larger files than a server with the default settings.
        if requests.kind() == Kind::Config && size.is_some_and(|size| size > LARGEST_FILE) {
            requests.leave_out(format!("{at}.maximumFileSize (more than {LARGEST_FILE})"));
            item.remove("maximumFileSize");
        }
        let fields = [
            field_as("$id", "bucketId").or("unique()"),
            field("name").or("stand-in"),
            field_as("$permissions", "permissions"),
            field("fileSecurity"),
            field("enabled"),
            field("maximumFileSize"),
            field("allowedFileExtensions"),
            field("compression"),
            field("encryption"),
            field("antivirus"),
            field("transformations"),
        ];
        requests.make((&at, &item), (Method::POST, "/storage/buckets"), &fields, &[]);
    }
}

/// The section `files`.
pub fn files(requests: &mut Requests<'_>, file: &Item) {
    const KNOWN: &[&str] = &["$id", "bucketId", "$permissions", "name", "content", "path"];
    for (at, item) in requests.items(file, "", "files", KNOWN) {
        let bucket = requests.references(&at, &item, ["bucketId"], "/storage/buckets/{}");
        let bytes = content(requests, &at, &item);
        let path_name = item.get("path").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
        let name = item.get("name").and_then(Value::as_str).or(path_name).filter(|name| !name.is_empty());
        let Some(name) = name else {
            requests.problem(format!("{at}.name"), "is missing");
            continue;
        };
        let (Some([bucket]), Some(bytes)) = (bucket, bytes) else {
            continue;
        };
        let upload = Upload { field: "file".to_owned(), name: name.to_owned(), bytes };
        let fields = [field_as("$id", "fileId").or("unique()"), field_as("$permissions", "permissions")];
        let route = path("/storage/buckets/{}/files", &[&bucket]);
        requests.make((&at, &item), (Method::POST, &route), &fields, &[upload]);
    }
}

/// Reads the bytes of a file from `content` (base64) or from the file at `path`.
fn content(requests: &mut Requests<'_>, at: &str, item: &Item) -> Option<Vec<u8>> {
    let text = |name| item.get(name).filter(|value| !value.is_null()).map(|value| value.as_str().unwrap_or_default());
    match (text("content"), text("path")) {
        (Some(content), None) => {
            let bytes = BASE64_STANDARD.decode(content).ok();
            if bytes.is_none() {
                requests.problem(format!("{at}.content"), "is not base64");
            }
            bytes
        }
        (None, Some(path)) => match std::fs::read(requests.folder().join(path)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                requests.problem(format!("{at}.path"), format!("cannot be read: {error}"));
                None
            }
        },
        _ => {
            requests.problem(at, "needs content (base64) or path, one of them");
            None
        }
    }
}
