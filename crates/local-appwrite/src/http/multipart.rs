//! Parses `multipart/form-data` bodies: fields and files.

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The form field.
    pub field: String,
    /// The file name.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// The most parts that are read.
const MAX_PARTS: usize = 1000;

/// Returns the fields and files of a body; none if it is malformed.
#[must_use]
pub fn parse(content_type: &str, body: &[u8]) -> (Vec<(String, String)>, Vec<Upload>) {
    let (mut fields, mut uploads) = (Vec::new(), Vec::new());
    let Some(boundary) = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty()) else {
        return (fields, uploads);
    };
    let delimiter = format!("--{boundary}").into_bytes();
    let mut rest = match position(body, &delimiter) {
        Some(at) => &body[at + delimiter.len()..],
        None => return (fields, uploads),
    };
    let delimiter = [b"\r\n", delimiter.as_slice()].concat();
    for _ in 0..MAX_PARTS {
        let Some(part) = rest.strip_prefix(b"\r\n") else {
            break;
        };
        // Skips the last part of a truncated body.
        let Some(end) = position(rest, &delimiter) else {
            break;
        };
        let part = part.get(..end.saturating_sub(2)).unwrap_or(&[]);
        rest = &rest[end + delimiter.len()..];
        let Some(headers_end) = position(part, b"\r\n\r\n") else {
            continue;
        };
        let headers = String::from_utf8_lossy(&part[..headers_end]).into_owned();
        let bytes = &part[headers_end + 4..];
        let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let Some(field) = disposition.and_then(|line| parameter(line, "name")) else {
            continue;
        };
        match disposition.and_then(|line| parameter(line, "filename")) {
            Some(name) => uploads.push(Upload { field, name, bytes: bytes.to_vec() }),
            None => fields.push((field, String::from_utf8_lossy(bytes).into_owned())),
        }
    }
    (fields, uploads)
}

/// `name="text"` or `name=text` of a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, remaining) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (&quoted[..end], quoted[end + 1..].trim_start_matches([';', ' ']))
            }
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = remaining;
    }
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"fileId\"\r\n\r\nunique()\r\n--B\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a;b.txt\"\r\nContent-Type: text/plain\r\n\r\none\r\ntwo\r\n--B--\r\n";

    #[test]
    fn fields_and_files_are_distinguished() {
        let (fields, uploads) = parse("multipart/form-data; boundary=B", BODY.as_bytes());
        assert_eq!(fields, [("fileId".to_owned(), "unique()".to_owned())]);
        let file = Upload { field: "file".into(), name: "a;b.txt".into(), bytes: b"one\r\ntwo".to_vec() };
        assert_eq!(uploads, [file]);
    }

    #[test]
    fn truncated_body_causes_no_panic() {
        for end in 0..BODY.len() {
            let (fields, uploads) = parse("multipart/form-data; boundary=\"B\"", &BODY.as_bytes()[..end]);
            assert!(fields.len() + uploads.len() <= 2);
        }
        for nonsense in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary"] {
            assert_eq!(parse(nonsense, BODY.as_bytes()), (Vec::new(), Vec::new()));
        }
    }

    #[test]
    fn field_may_be_empty() {
        let body = b"--B\r\nContent-Disposition: form-data; name=name\r\n\r\n\r\n--B--";
        assert_eq!(parse("multipart/form-data; boundary=B", body).0, [("name".to_owned(), String::new())]);
    }
}
