//! Ends sessions that were not used for some time: after a day, those that the browser should forget when it is closed,
//! because browsers that restore tabs keep them; after `SESSION_IDLE_LIMIT`, all others too.
//!
//! Appwrite does not know when a session was last used. So a sealed cookie beside the session cookie stores it, and
//! expires with the limit. A request with a session but without this cookie ends the session at Appwrite.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::SameSite;

use super::cookie::CookieLifetime;
use super::sealed::{SealedCookie, Sealer};
use crate::security::keyed_hash::KeyedHash;

/// The limit of sessions that the browser should forget when it is closed.
const OF_BROWSER_SESSION: Duration = Duration::from_secs(24 * 60 * 60);

/// The cookie that says that a session was used within the limit.
pub struct IdleLimit {
    of_browser_session: SealedCookie<String>,
    of_persistent: Option<SealedCookie<String>>,
    hash: KeyedHash,
}

impl IdleLimit {
    /// Returns the cookie for the configured limit, sealed by `sealer`.
    pub fn new(limit: Option<Duration>, sealer: &Sealer, hash: KeyedHash) -> Self {
        let cookie = |limit| {
            // The configuration allows at most 400 days.
            let limit = time::Duration::try_from(limit).unwrap_or(time::Duration::MAX);
            sealer.cookie("used", "__Host-used", limit, SameSite::Strict)
        };
        let of_browser_session = cookie(limit.map_or(OF_BROWSER_SESSION, |limit| limit.min(OF_BROWSER_SESSION)));
        Self { of_browser_session, of_persistent: limit.map(cookie), hash }
    }

    /// True if the request's session was used within the limit, or if it has no limit. Without `SESSION_IDLE_LIMIT`, a
    /// session without a marker has none, for instance one from an older version of the app.
    pub fn is_within(&self, headers: &HeaderMap, secret: &str, lifetime: Option<CookieLifetime>) -> bool {
        let has_limit = self.of_persistent.is_some() || lifetime == Some(CookieLifetime::BrowserSession);
        !has_limit
            || self.of_browser_session.read(headers).is_some_and(|session| self.hash.is_hex_of(&session, &mark(secret)))
    }

    /// Returns the `Set-Cookie` header that notes the use of a session, if it has a limit.
    pub fn used(&self, secret: &str, lifetime: Option<CookieLifetime>) -> Option<HeaderValue> {
        let cookie = match lifetime {
            Some(CookieLifetime::Persistent) => self.of_persistent.as_ref()?,
            Some(CookieLifetime::BrowserSession) | None => &self.of_browser_session,
        };
        cookie.leave(&self.hash.hex(&mark(secret)))
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.of_browser_session.clear()
    }
}

/// Binds the cookie to its session.
fn mark(secret: &str) -> [&str; 2] {
    ["used session", secret]
}

/// Empties the session cookie: the request is then signed out, and the browser removes the cookie.
pub fn without_session(name: &str, headers: &mut HeaderMap) {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let is_other = |pair: &&[u8]| pair.strip_prefix(name.as_bytes()).is_none_or(|rest| !rest.starts_with(b"="));
    let others: Vec<_> = pairs.filter(is_other).collect();
    let line = [others.join(&b"; "[..]), format!("{name}=").into_bytes()].join(&b"; "[..]);
    headers.remove(header::COOKIE);
    // Consists of the values of headers, so it is a valid header value.
    headers.extend(HeaderValue::from_bytes(&line).ok().map(|line| (header::COOKIE, line)));
}

/// Returns the value of a cookie that the response sets; empty if it removes the cookie.
pub fn set_by_response(name: &str, headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let value = values.filter_map(|value| value.strip_prefix(name)?.strip_prefix('=')).next_back()?;
    Some(value.split(';').next().unwrap_or_default().to_owned())
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
            set_by_response("session", &values.collect())
        };
        assert_eq!(set(&["flash=a", "session=abc==; Path=/"]).as_deref(), Some("abc=="));
        assert_eq!(set(&["session=; Path=/"]).as_deref(), Some(""));
        assert_eq!(set(&["session2=abc"]), None);
    }
}
