//! The session's cookie: the only place that names it, reads it, sets it and clears it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, Expiration, SameSite};
use time::OffsetDateTime;

use crate::appwrite::{NewSession, SessionSecret};

/// The longest secret that we pass on. Appwrite's are about 430 characters long.
const LONGEST_SECRET: usize = 4096;

/// Adds a `Set-Cookie` to an answer, if there is one to add.
pub fn append_cookie(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// The cookie's name and whether it is for https only.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    is_https: bool,
}

/// What a request brought in the session's cookie.
#[derive(Debug)]
pub enum Presented {
    /// No cookie of our name.
    None,
    /// One, which may or may not be good: Appwrite knows.
    One(SessionSecret),
    /// Something that we never set: two cookies of the name (a sibling domain can plant one), or no secret's characters.
    Unusable,
}

impl SessionCookie {
    /// The cookie for an origin with or without TLS.
    pub fn new(is_https: bool) -> Self {
        Self { is_https }
    }

    /// `__Host-session` over https, where browsers hold that prefix to "no domain, path /, secure"; `session` on http.
    pub fn name(self) -> &'static str {
        if self.is_https { "__Host-session" } else { "session" }
    }

    /// Reads the request's cookie. More than one of our name is none: we cannot know which one we set.
    pub fn read(self, headers: &HeaderMap) -> Presented {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| Cookie::split_parse(value).flatten())
            .filter(|cookie| cookie.name() == self.name())
            .map(|cookie| cookie.value().to_owned());
        match (values.next(), values.next()) {
            (None, _) => Presented::None,
            (Some(value), None) if is_plausible(&value) => Presented::One(SessionSecret::new(value)),
            _ => Presented::Unusable,
        }
    }

    /// The `Set-Cookie` that starts the session in this browser and ends it when Appwrite does.
    pub fn set(self, session: &NewSession) -> Option<HeaderValue> {
        let expires = OffsetDateTime::from_unix_timestamp(session.expire.as_second()).ok()?;
        self.header(session.secret.expose().to_owned(), expires)
    }

    /// The `Set-Cookie` that removes the cookie.
    pub fn clear(self) -> Option<HeaderValue> {
        self.header(String::new(), OffsetDateTime::UNIX_EPOCH)
    }

    fn header(self, value: String, expires: OffsetDateTime) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.is_https)
            .expires(Expiration::DateTime(expires))
            .build();
        let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

fn is_plausible(value: &str) -> bool {
    !value.is_empty() && value.len() <= LONGEST_SECRET && value.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::COOKIE, HeaderValue::from_str(cookie).expect("a header"))).collect()
    }

    #[test]
    fn one_cookie_of_our_name_is_read_among_others() {
        let presented = SessionCookie::new(false).read(&headers(&["theme=dark; session=abc=="]));
        assert!(matches!(presented, Presented::One(secret) if secret.expose() == "abc=="));
    }

    #[test]
    fn two_cookies_of_our_name_sign_nobody_in() {
        let cookie = SessionCookie::new(false);
        assert!(matches!(cookie.read(&headers(&["session=a; session=b"])), Presented::Unusable));
        assert!(matches!(cookie.read(&headers(&["session=a", "session=a"])), Presented::Unusable));
    }

    #[test]
    fn the_plain_name_is_not_taken_over_https() {
        assert!(matches!(SessionCookie::new(true).read(&headers(&["session=a"])), Presented::None));
    }

    #[test]
    fn a_value_that_no_secret_can_have_is_unusable() {
        let cookie = SessionCookie::new(false);
        assert!(matches!(cookie.read(&headers(&["session="])), Presented::Unusable));
        assert!(matches!(cookie.read(&headers(&[&format!("session={}", "a".repeat(5000))])), Presented::Unusable));
    }

    #[test]
    fn clearing_keeps_the_attributes_that_browsers_match_by() {
        let header = SessionCookie::new(true).clear().expect("a header");
        let text = header.to_str().expect("text");
        assert!(text.starts_with("__Host-session=;"), "{text}");
        for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Expires=Thu, 01 Jan 1970"] {
            assert!(text.contains(attribute), "{attribute} in {text}");
        }
    }
}
