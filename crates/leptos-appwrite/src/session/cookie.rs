//! The session cookie and its marker: the only module that names, reads, sets and clears them.
//!
//! The session cookie is `Strict`, so browsers omit it when a link on another site opens the app. The marker is `Lax`,
//! contains no secret, and tells the server that a session cookie exists, and how long the browser keeps both.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, Expiration, SameSite};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::request_cookies::{self, CookieValue};
use appwrite_client::{NewSession, SessionSecret};

/// The maximum length of a secret that the server forwards. Appwrite's secrets have about 430 characters.
const MAX_SECRET_LENGTH: usize = 4096;

/// The lifetime of the session cookie and the marker. The marker's value holds it: browsers do not send an expiry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CookieLifetime {
    /// Until the browser is closed.
    #[default]
    BrowserSession,
    /// Until the session expires.
    Persistent,
}

impl CookieLifetime {
    /// Returns the lifetime after the user's choice to stay signed in.
    pub fn of_choice(keep: bool) -> Self {
        if keep { Self::Persistent } else { Self::BrowserSession }
    }

    /// Parses the marker's value.
    pub(crate) fn parse(marker: &str) -> Option<Self> {
        [Self::BrowserSession, Self::Persistent].into_iter().find(|lifetime| lifetime.as_str() == marker)
    }

    /// The marker's value.
    fn as_str(self) -> &'static str {
        match self {
            Self::BrowserSession => "0",
            Self::Persistent => "1",
        }
    }
}

/// Adds a `Set-Cookie` header to a response for each cookie.
pub fn append_cookie(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// The cookie names, and whether the cookies are `Secure`.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    is_https: bool,
}

/// The session cookie of a request.
#[derive(Debug)]
pub enum RequestSession {
    /// No session cookie.
    None,
    /// A session cookie. Only Appwrite knows if it is valid.
    One(SessionSecret),
    /// A value that this app never sets: two cookies with the name (a sibling domain can plant one), or invalid
    /// characters.
    Unusable,
}

impl SessionCookie {
    /// Chooses the cookie names for an http or https origin.
    pub fn new(is_https: bool) -> Self {
        Self { is_https }
    }

    /// True if browsers reach the app over TLS.
    pub fn is_https(self) -> bool {
        self.is_https
    }

    /// `__Host-session` over https, where browsers enforce "no domain, path /, secure"; `session` over http.
    pub fn name(self) -> &'static str {
        if self.is_https { "__Host-session" } else { "session" }
    }

    /// The marker's name.
    pub(crate) fn marker(self) -> &'static str {
        if self.is_https { "__Host-signed-in" } else { "signed-in" }
    }

    /// Reads the session cookie. Two cookies with the name are unusable: the server cannot tell which one it set.
    pub fn read(self, headers: &HeaderMap) -> RequestSession {
        match request_cookies::find(headers, self.name()) {
            CookieValue::Missing => RequestSession::None,
            CookieValue::One(value) if is_plausible(value) => RequestSession::One(SessionSecret::new(value.to_owned())),
            CookieValue::One(_) | CookieValue::Unusable => RequestSession::Unusable,
        }
    }

    /// Returns the secret of the session cookie, if there is one that can be used.
    pub fn secret(self, headers: &HeaderMap) -> Option<SessionSecret> {
        match self.read(headers) {
            RequestSession::One(secret) => Some(secret),
            RequestSession::None | RequestSession::Unusable => None,
        }
    }

    /// True if the request contains the marker.
    pub fn is_marked(self, headers: &HeaderMap) -> bool {
        request_cookies::only(headers, self.marker()).is_some()
    }

    /// Returns how long the browser keeps the request's session cookie; none if the request has no marker with this
    /// value.
    pub fn lifetime(self, headers: &HeaderMap) -> Option<CookieLifetime> {
        CookieLifetime::parse(request_cookies::only(headers, self.marker())?)
    }

    /// Returns the session cookie and the marker. Persistent ones expire with the Appwrite session.
    pub fn set(self, session: &NewSession, lifetime: CookieLifetime) -> Option<[HeaderValue; 2]> {
        self.set_until(&session.secret, session.expire.as_second(), lifetime)
    }

    /// Returns the cookies of a session with this expiry, in seconds since 1970.
    pub fn set_until(self, secret: &SessionSecret, expires: i64, lifetime: CookieLifetime) -> Option<[HeaderValue; 2]> {
        let expires = match lifetime {
            CookieLifetime::BrowserSession => Expiration::Session,
            CookieLifetime::Persistent => OffsetDateTime::from_unix_timestamp(expires).ok()?.into(),
        };
        let secret = self.header(self.name(), secret.expose(), SameSite::Strict, expires)?;
        Some([secret, self.header(self.marker(), lifetime.as_str(), SameSite::Lax, expires)?])
    }

    /// Returns the marker for a session that has none.
    pub fn mark(self) -> Option<HeaderValue> {
        let lifetime = CookieLifetime::BrowserSession;
        self.header(self.marker(), lifetime.as_str(), SameSite::Lax, Expiration::Session)
    }

    /// Returns the cookies that remove the session cookie and the marker.
    pub fn clear(self) -> impl Iterator<Item = HeaderValue> {
        let session = self.header(self.name(), "", SameSite::Strict, OffsetDateTime::UNIX_EPOCH.into());
        session.into_iter().chain(self.clear_marker())
    }

    /// Returns the cookie that removes the marker.
    pub fn clear_marker(self) -> Option<HeaderValue> {
        self.header(self.marker(), "", SameSite::Lax, OffsetDateTime::UNIX_EPOCH.into())
    }

    fn header(self, name: &'static str, value: &str, same_site: SameSite, expires: Expiration) -> Option<HeaderValue> {
        let cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .same_site(same_site)
            .secure(self.is_https)
            .expires(expires)
            .build();
        let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

fn is_plausible(value: &str) -> bool {
    !value.is_empty() && value.len() <= MAX_SECRET_LENGTH && value.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::COOKIE, HeaderValue::from_str(cookie).expect("a header"))).collect()
    }

    #[test]
    fn session_cookie_is_read_among_others() {
        let session = SessionCookie::new(false).read(&headers(&["theme=dark; session=abc=="]));
        assert!(matches!(session, RequestSession::One(secret) if secret.expose() == "abc=="));
    }

    #[test]
    fn two_session_cookies_are_refused() {
        let cookie = SessionCookie::new(false);
        assert!(matches!(cookie.read(&headers(&["session=a; session=b"])), RequestSession::Unusable));
        assert!(matches!(cookie.read(&headers(&["session=a", "session=a"])), RequestSession::Unusable));
    }

    #[test]
    fn plain_name_is_ignored_over_https() {
        assert!(matches!(SessionCookie::new(true).read(&headers(&["session=a"])), RequestSession::None));
    }

    #[test]
    fn value_that_cannot_be_a_secret_is_refused() {
        let cookie = SessionCookie::new(false);
        assert!(matches!(cookie.read(&headers(&["session="])), RequestSession::Unusable));
        assert!(matches!(cookie.read(&headers(&[&format!("session={}", "a".repeat(5000))])), RequestSession::Unusable));
    }

    #[test]
    fn lifetime_is_restored_from_the_marker() {
        let cookie = SessionCookie::new(true);
        for (lifetime, is_persistent) in [(CookieLifetime::Persistent, true), (CookieLifetime::BrowserSession, false)] {
            let set = cookie.set_until(&SessionSecret::new("abc"), 1_800_000_000, lifetime).expect("cookies");
            let texts = set.each_ref().map(|header| header.to_str().expect("text"));
            for text in texts {
                assert!(text.contains("Expires=") == is_persistent && !text.contains("Max-Age"), "{text}");
            }
            let pairs = texts.map(|text| text.split(';').next().expect("a pair"));
            assert_eq!(cookie.lifetime(&headers(&pairs)), Some(lifetime));
        }
        for unknown in [&[][..], &["__Host-signed-in=2"], &["__Host-signed-in=1; __Host-signed-in=1"], &["signed-in=1"]]
        {
            assert_eq!(cookie.lifetime(&headers(unknown)), None, "{unknown:?}");
        }
    }

    #[test]
    fn clearing_keeps_the_attributes_that_browsers_match_by() {
        let headers: Vec<_> = SessionCookie::new(true).clear().collect();
        for (header, start) in headers.iter().zip(["__Host-session=; HttpOnly; SameSite=Strict;", "__Host-signed-in=;"])
        {
            let text = header.to_str().expect("text");
            assert!(text.starts_with(start), "{text}");
            for attribute in ["HttpOnly", "SameSite=", "Secure", "Path=/", "Expires=Thu, 01 Jan 1970"] {
                assert!(text.contains(attribute), "{attribute} in {text}");
            }
        }
        assert_eq!(headers.len(), 2);
    }
}
