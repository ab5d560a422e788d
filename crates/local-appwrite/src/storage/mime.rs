//! Detects a file's type from its first bytes, and decides which types browsers may show.

/// The first bytes of files, by type.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
];

/// The type of a file with these bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> &'static str {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return kind;
    }
    match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
        (Some(b"RIFF"), _, Some(b"WEBP")) => return "image/webp",
        (Some(b"RIFF"), _, Some(b"WAVE")) => return "audio/wav",
        (_, Some(b"ftyp"), Some(b"avif")) => return "image/avif",
        (_, Some(b"ftyp"), Some(b"heic")) => return "image/heic",
        (_, Some(b"ftyp"), _) => return "video/mp4",
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok("") => "application/x-empty",
        Ok(text) => of_text(text),
        Err(_) => "application/octet-stream",
    }
}

fn of_text(text: &str) -> &'static str {
    let start = text.trim_start().get(..15).unwrap_or(text.trim_start()).to_ascii_lowercase();
    if start.starts_with("<svg") || (start.starts_with("<?xml") && text.contains("<svg")) {
        "image/svg+xml"
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        "text/html"
    } else if start.starts_with("<?xml") {
        "text/xml"
    } else if start.starts_with(['{', '[']) && serde_json::from_str::<serde_json::Value>(text).is_ok() {
        "application/json"
    } else {
        "text/plain"
    }
}

/// The content type for browsers: plain text for types that could run as a page.
#[must_use]
pub fn shown(kind: &str) -> &'static str {
    const SHOWN: &[&str] = &[
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/heic",
        "application/pdf",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "video/mp4",
    ];
    SHOWN.iter().find(|known| **known == kind).copied().unwrap_or("text/plain")
}

/// The content type of a download.
#[must_use]
pub fn downloaded(kind: &str) -> &'static str {
    const TEXTS: &[&str] = &[
        "application/zip",
        "application/gzip",
        "application/json",
        "application/octet-stream",
        "image/svg+xml",
        "text/html",
        "text/xml",
    ];
    TEXTS.iter().find(|known| **known == kind).copied().unwrap_or_else(|| shown(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mime_types_are_detected_from_the_first_bytes() {
        assert_eq!(of(b"\x89PNG\r\n\x1a\nrest"), "image/png");
        assert_eq!(of(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(of(b"{\"a\": 1}"), "application/json");
        assert_eq!(of(b"<!DOCTYPE html><script>"), "text/html");
        assert_eq!(of("é".as_bytes()), "text/plain");
        assert_eq!(of(b""), "application/x-empty");
        assert_eq!(of(b"\xff\xfe\x00"), "application/octet-stream");
    }

    #[test]
    fn html_files_are_never_served_as_html() {
        for kind in ["text/html", "image/svg+xml", "text/xml", "anything"] {
            assert_eq!(shown(kind), "text/plain");
        }
    }
}
