//! Appwrite's session cookies, and the fallback header for browsers that refuse cookies.

use axum::http::{HeaderName, header};
use jiff::{Timestamp, Unit};
use serde_json::json;

use super::Reply;
use crate::identity::cookie_name;

/// The header with the session for browsers that refuse cookies.
pub const FALLBACK: HeaderName = HeaderName::from_static("x-fallback-cookies");

/// Sets the cookies of a new session until `expire`.
#[must_use]
pub fn set(reply: Reply, project_id: &str, token: &str, expire: Timestamp, now: Timestamp) -> Reply {
    let name = cookie_name(project_id);
    let max_age = expire.since((Unit::Second, now)).map_or(0, |span| span.get_seconds());
    let date = expire.strftime("%a, %d-%b-%Y %H:%M:%S GMT");
    let life = format!("expires={date}; Max-Age={max_age}; path=/; HttpOnly");
    reply
        .header(FALLBACK, json!({ name.clone(): token }).to_string())
        .header(header::SET_COOKIE, format!("{name}_legacy={token}; {life}"))
        .header(header::SET_COOKIE, format!("{name}={token}; {life}; SameSite=None"))
}

/// Deletes the session cookies.
#[must_use]
pub fn clear(reply: Reply, project_id: &str) -> Reply {
    let name = cookie_name(project_id);
    let life = "expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly";
    reply
        .header(FALLBACK, "[]".to_owned())
        .header(header::SET_COOKIE, format!("{name}_legacy=deleted; {life}"))
        .header(header::SET_COOKIE, format!("{name}=deleted; {life}; SameSite=None"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(reply: Reply) -> Vec<String> {
        reply
            .into_response()
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().expect("text").to_owned())
            .collect()
    }

    #[test]
    fn new_session_sets_both_cookies_as_recorded() {
        let now = "2026-11-21T06:49:17Z".parse().expect("a timestamp");
        let expire = "2027-11-21T06:49:17Z".parse().expect("a timestamp");
        assert_eq!(
            cookies(set(Reply::empty(), "demo", "TOKEN", expire, now)),
            [
                "a_session_demo_legacy=TOKEN; expires=Sun, 21-Nov-2027 06:49:17 GMT; Max-Age=31536000; path=/; HttpOnly",
                "a_session_demo=TOKEN; expires=Sun, 21-Nov-2027 06:49:17 GMT; Max-Age=31536000; path=/; HttpOnly; SameSite=None",
            ]
        );
    }

    #[test]
    fn ended_session_clears_both_cookies_as_recorded() {
        assert_eq!(
            cookies(clear(Reply::empty(), "demo")),
            [
                "a_session_demo_legacy=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly",
                "a_session_demo=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly; SameSite=None",
            ]
        );
    }
}
