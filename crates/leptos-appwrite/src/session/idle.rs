//! Ends sessions that were not used for some time (`SESSION_IDLE_LIMIT`).
//!
//! Appwrite does not know when a session was last used. So a sealed cookie beside the session's says it, and expires with
//! the limit. A request with a session but without this cookie ends the session at Appwrite.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::SameSite;

use super::sealed::{SealedCookie, Sealer};
use crate::security::keyed_hash::KeyedHash;

/// The cookie that says that a session was used within the limit.
pub struct IdleLimit {
    cookie: SealedCookie<String>,
    hash: KeyedHash,
}

impl IdleLimit {
    /// Returns the cookie, sealed by `sealer`, for this limit.
    pub fn new(limit: Duration, sealer: &Sealer, hash: KeyedHash) -> Self {
        // The configuration allows at most 400 days.
        let limit = time::Duration::try_from(limit).unwrap_or(time::Duration::MAX);
        Self { cookie: sealer.cookie("used", "__Host-used", limit, SameSite::Strict), hash }
    }

    /// True if the request shows that its session was used within the limit.
    pub fn is_within(&self, headers: &HeaderMap, secret: &str) -> bool {
        self.cookie.read(headers).is_some_and(|session| self.hash.is_hex_of(&session, &mark(secret)))
    }

    /// Returns the `Set-Cookie` header that notes the use of a session.
    pub fn used(&self, secret: &str) -> Option<HeaderValue> {
        self.cookie.leave(&self.hash.hex(&mark(secret)))
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.cookie.clear()
    }
}

/// Binds the cookie to its session.
fn mark(secret: &str) -> [&str; 2] {
    ["used session", secret]
}

/// Empties the session cookie, which signs the request out and removes the cookie from the browser.
pub fn without_session(name: &str, headers: &mut HeaderMap) {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let is_other = |pair: &&[u8]| pair.strip_prefix(name.as_bytes()).is_none_or(|rest| !rest.starts_with(b"="));
    let others: Vec<_> = pairs.filter(is_other).collect();
    let line = [others.join(&b"; "[..]), format!("{name}=").into_bytes()].join(&b"; "[..]);
    headers.remove(header::COOKIE);
    // Made of the values of headers, so it is one.
    headers.extend(HeaderValue::from_bytes(&line).ok().map(|line| (header::COOKIE, line)));
}

/// Returns the value of the session cookie that the response sets; empty if it removes the cookie.
pub fn set_session(name: &str, headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let session = values.filter_map(|value| value.strip_prefix(name)?.strip_prefix('=')).next_back()?;
    Some(session.split(';').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_session_cookie_is_emptied() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; session=abc; session2=x"));
        headers.append(header::COOKIE, HeaderValue::from_static("session=def"));
        without_session("session", &mut headers);
        let lines: Vec<_> = headers.get_all(header::COOKIE).iter().collect();
        assert_eq!(lines, ["theme=dark; session2=x; session="]);
    }

    #[test]
    fn session_set_by_a_response_is_found() {
        let set = |values: &[&'static str]| {
            let values = values.iter().map(|value| (header::SET_COOKIE, HeaderValue::from_static(value)));
            set_session("session", &values.collect())
        };
        assert_eq!(set(&["flash=a", "session=abc==; Path=/"]).as_deref(), Some("abc=="));
        assert_eq!(set(&["session=; Path=/"]).as_deref(), Some(""));
        assert_eq!(set(&["session2=abc"]), None);
    }
}
