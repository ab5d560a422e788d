//! Reads the cookies of a request. The app reads all of its cookies here.

use axum::http::{HeaderMap, header};

/// The result of looking up a cookie.
#[derive(Debug, PartialEq, Eq)]
pub enum CookieValue<'a> {
    /// No cookie with the name.
    Missing,
    /// One cookie, with this value.
    One(&'a str),
    /// Two cookies with the name (a sibling domain can plant one), or a value that this app never sets.
    Unusable,
}

/// Finds the cookie with this name. Skips cookies of other programs, whatever bytes they contain.
///
/// Compares raw names: browsers enforce the `__Host-` rules on the raw name, so a decoded name proves nothing.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> CookieValue<'a> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut values = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(|pair| {
        let pair = trimmed(pair);
        pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
    });
    match (values.next(), values.next()) {
        (None, _) => CookieValue::Missing,
        (Some(value), None) if value.iter().all(u8::is_ascii_graphic) => {
            str::from_utf8(value).map_or(CookieValue::Unusable, CookieValue::One)
        }
        _ => CookieValue::Unusable,
    }
}

/// Returns the value of the only cookie with this name.
pub fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    match find(headers, name) {
        CookieValue::One(value) => Some(value),
        CookieValue::Missing | CookieValue::Unusable => None,
    }
}

/// Trims the white space that separates cookies. Other kinds of white space are part of a name.
fn trimmed(pair: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = pair.iter().position(|byte| !is_space(byte)).unwrap_or(pair.len());
    let end = pair.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &pair[start..end]
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let value = |line: &&[u8]| (header::COOKIE, HeaderValue::from_bytes(line).expect("a header"));
        lines.iter().map(value).collect()
    }

    #[test]
    fn cookie_is_read_among_others() {
        for line in ["a=b; note=x; c=d", "note=x;c=d", "a; ;=;note=x", "\tnote=x\t"] {
            assert_eq!(find(&headers(&[line.as_bytes()]), "note"), CookieValue::One("x"), "{line}");
        }
        assert_eq!(find(&headers(&[b"a=b", b"note=x=="]), "note"), CookieValue::One("x=="));
        assert_eq!(find(&headers(&[b"note=x"]), "not"), CookieValue::Missing);
    }

    #[test]
    fn other_cookies_may_hold_any_bytes() {
        for other in ["visitor=Zo\u{eb}".as_bytes(), b"visitor=Zo\xeb", b"\xff\xfe", b"visitor=\"a b\""] {
            for line in [[other, b"; note=x"].concat(), [b"note=x; ", other].concat()] {
                assert_eq!(find(&headers(&[&line]), "note"), CookieValue::One("x"), "{line:?}");
            }
        }
    }

    #[test]
    fn encoded_cookie_name_is_not_decoded() {
        for name in ["%6eote", "n%6Fte", "NOTE", "note ", "\u{2000}note", "\u{a0}note", "$note"] {
            assert_eq!(find(&headers(&[format!("{name}=x").as_bytes()]), "note"), CookieValue::Missing, "{name}");
        }
    }

    #[test]
    fn duplicate_cookies_are_refused() {
        for lines in [&[&b"note=x; note=y"[..]][..], &[b"note=x", b"note=x"], &[b"note=; note=x"]] {
            assert_eq!(find(&headers(lines), "note"), CookieValue::Unusable);
        }
    }

    proptest! {
        #[test]
        fn cookie_parser_never_panics(line in proptest::collection::vec(32u8..=255, 0..80)) {
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                let _ = find(&HeaderMap::from_iter([(header::COOKIE, value)]), "a");
            }
        }
    }
}
