//! The JWT of a request, and the user it belongs to.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use leptos_appwrite::state::AppState;
use secrecy::SecretString;

use super::refusal::{Refusal, RefusalKind};
use crate::birthdays::store::ActingAs;

/// Appwrite's header for a JWT.
pub(super) const JWT_HEADER: HeaderName = HeaderName::from_static("x-appwrite-jwt");

/// The longest JWT that we send to Appwrite. Appwrite's JWTs have about 300 characters.
const MAX_JWT_LENGTH: usize = 4096;

/// The user of the request's JWT.
pub(super) struct JwtHolder(pub ActingAs);

impl FromRequestParts<AppState> for JwtHolder {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let jwt = jwt(&parts.headers)?;
        Ok(Self(ActingAs::jwt_holder(state, jwt).await?))
    }
}

/// Returns the JWT from `Authorization: Bearer` or `X-Appwrite-JWT`. Refuses two different ones as ambiguous.
///
/// Refuses everything that does not look like a JWT, such as an API key, and never sends it to Appwrite.
fn jwt(headers: &HeaderMap) -> Result<SecretString, RefusalKind> {
    let mut sent =
        bearer_tokens(headers).chain(headers.get_all(JWT_HEADER).iter().map(axum::http::HeaderValue::as_bytes));
    let first = sent.next().ok_or(RefusalKind::CredentialsMissing)?;
    if sent.any(|other| other != first) {
        return Err(RefusalKind::CredentialsAmbiguous);
    }
    let jwt =
        std::str::from_utf8(first).ok().filter(|jwt| looks_like_jwt(jwt)).ok_or(RefusalKind::CredentialsRefused)?;
    Ok(SecretString::from(jwt))
}

/// Returns the tokens of `Authorization: Bearer` headers. Other schemes may belong to a proxy.
fn bearer_tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| {
        let value = value.as_bytes();
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (scheme, token) = value.split_at(end);
        scheme.eq_ignore_ascii_case(b"bearer").then(|| token.trim_ascii())
    })
}

/// Three parts of base64url, separated by periods (RFC 7515, section 7.1). Only Appwrite can verify the JWT.
fn looks_like_jwt(text: &str) -> bool {
    let is_base64url = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= MAX_JWT_LENGTH && text.split('.').count() == 3 && text.split('.').all(is_base64url)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use secrecy::ExposeSecret;

    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Result<String, RefusalKind> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        jwt(&headers).map(|jwt| jwt.expose_secret().to_owned())
    }

    #[test]
    fn jwt_is_read_from_either_header() {
        for headers in [
            [("authorization", "Bearer a.b.c")].as_slice(),
            &[("authorization", "bearer  a.b.c")],
            &[("x-appwrite-jwt", "a.b.c")],
            &[("authorization", "Bearer a.b.c"), ("x-appwrite-jwt", "a.b.c")],
            &[("authorization", "Basic abc"), ("x-appwrite-jwt", "a.b.c")],
        ] {
            assert_eq!(read(headers).as_deref(), Ok("a.b.c"), "{headers:?}");
        }
    }

    #[test]
    fn conflicting_jwts_are_refused() {
        for headers in [
            [("authorization", "Bearer a.b.c"), ("x-appwrite-jwt", "a.b.d")],
            [("x-appwrite-jwt", "a.b.c"), ("x-appwrite-jwt", "a.b.d")],
            [("authorization", "Bearer a.b.c"), ("authorization", "Bearer a.b.d")],
            [("authorization", "Bearer"), ("x-appwrite-jwt", "a.b.c")],
        ] {
            assert_eq!(read(&headers), Err(RefusalKind::CredentialsAmbiguous), "{headers:?}");
        }
    }

    #[test]
    fn other_headers_are_not_credentials() {
        for headers in [
            [].as_slice(),
            &[("authorization", "Basic a.b.c")],
            &[("authorization", "a.b.c")],
            &[("cookie", "session=a.b.c")],
            &[("x-appwrite-session", "a.b.c")],
            &[("x-appwrite-key", "a.b.c")],
        ] {
            assert_eq!(read(headers), Err(RefusalKind::CredentialsMissing), "{headers:?}");
        }
    }

    #[test]
    fn malformed_jwt_is_refused() {
        for token in ["", "standard_5f2c", "a.b", "a.b.c.d", "a..c", "a.b.c=", "a.b.c d", "a.b.c,", "a.b.\u{7f}"] {
            let headers = HeaderMap::from_iter([(
                header::AUTHORIZATION,
                HeaderValue::from_bytes(format!("Bearer {token}").as_bytes())
                    .unwrap_or(HeaderValue::from_static("Bearer ")),
            )]);
            assert_eq!(jwt(&headers).err(), Some(RefusalKind::CredentialsRefused), "{token}");
        }
        let long = format!("a.b.{}", "c".repeat(5000));
        let headers = HeaderMap::from_iter([(JWT_HEADER, HeaderValue::try_from(long).expect("a header"))]);
        assert_eq!(jwt(&headers).err(), Some(RefusalKind::CredentialsRefused));
    }
}
