//! The credentials of a request.

use axum::http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::sessions::SessionToken;

/// The credentials of one request. Has no `Debug`: every field is a secret.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The session: the first one found in the cookie, `X-Appwrite-Session` and `X-Fallback-Cookies`.
    pub session: Option<SessionToken>,
    /// `X-Appwrite-JWT`.
    pub jwt: Option<String>,
    /// `X-Appwrite-Key`.
    pub key: Option<String>,
}

impl Credentials {
    /// Reads the credentials for `project_id` from `headers`.
    ///
    /// Looks for the session in Appwrite's order: cookie, its `_legacy` twin, header, fallback cookies.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, project_id: &str) -> Self {
        let text =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
        let name = cookie_name(project_id);
        let session = cookie(headers, &name)
            .or_else(|| cookie(headers, &format!("{name}_legacy")))
            .and_then(|value| SessionToken::decode(&value))
            .or_else(|| text("x-appwrite-session").and_then(SessionToken::decode))
            .or_else(|| {
                let fallback: Value = serde_json::from_str(text("x-fallback-cookies")?).ok()?;
                SessionToken::decode(fallback.get(&name)?.as_str()?)
            });
        Self { session, jwt: text("x-appwrite-jwt").map(str::to_owned), key: text("x-appwrite-key").map(str::to_owned) }
    }

    /// Adds a JWT from another place (Realtime's `?jwt=`), unless the headers contain one.
    #[must_use]
    pub fn or_jwt(mut self, jwt: Option<String>) -> Self {
        self.jwt = self.jwt.or(jwt.filter(|jwt| !jwt.is_empty()));
        self
    }
}

/// The name of a project's session cookie.
#[must_use]
pub fn cookie_name(project_id: &str) -> String {
    format!("a_session_{project_id}")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        // PHP decodes cookie values: clients may encode base64's `=` and `+`.
        .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = axum::http::HeaderName::from_static(name);
                (name, value.parse().expect("a header value"))
            })
            .collect()
    }

    fn token(id: &str) -> String {
        SessionToken { id: id.into(), secret: "s".into() }.encode()
    }

    fn user_of(headers: &HeaderMap) -> Option<String> {
        Credentials::from_headers(headers, "demo").session.map(|token| token.id)
    }

    #[test]
    fn cookie_takes_precedence_over_the_header() {
        let headers = headers(&[
            ("cookie", format!("other=1; a_session_demo={}", token("cookie"))),
            ("x-appwrite-session", token("header")),
        ]);
        assert_eq!(user_of(&headers).as_deref(), Some("cookie"));
    }

    #[test]
    fn empty_cookie_does_not_hide_the_header() {
        let headers = headers(&[("cookie", "a_session_demo=deleted".into()), ("x-appwrite-session", token("header"))]);
        assert_eq!(user_of(&headers).as_deref(), Some("header"));
    }

    #[test]
    fn cookie_of_another_project_is_ignored() {
        let headers = headers(&[("cookie", format!("a_session_other={}", token("u")))]);
        assert_eq!(user_of(&headers), None);
    }

    #[test]
    fn fallback_cookies_are_the_last_resort() {
        let value = format!("{{\"a_session_demo\":\"{}\"}}", token("fallback"));
        let headers = headers(&[("x-fallback-cookies", value)]);
        assert_eq!(user_of(&headers).as_deref(), Some("fallback"));
    }

    #[test]
    fn percent_encoded_cookie_is_read() {
        let encoded = token("u").replace('=', "%3D");
        let headers = headers(&[("cookie", format!("a_session_demo_legacy={encoded}"))]);
        assert_eq!(user_of(&headers).as_deref(), Some("u"));
    }

    #[test]
    fn jwt_of_the_query_does_not_replace_the_headers() {
        let headers = headers(&[("x-appwrite-jwt", "header".into())]);
        let credentials = Credentials::from_headers(&headers, "demo").or_jwt(Some("query".into()));
        assert_eq!(credentials.jwt.as_deref(), Some("header"));
    }
}
