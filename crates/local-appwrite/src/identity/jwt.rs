//! JWTs: HS256 over `{userId, sessionId, exp}`, with Appwrite's error messages.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind as JwtErrorKind,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{ApiError, ErrorKind};

/// The claims of a JWT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The user's id.
    pub user_id: String,
    /// The session that limits the JWT's lifetime; empty for none.
    pub session_id: String,
    /// The expiry, in seconds since 1970.
    pub exp: i64,
}

/// Creates a JWT for the user that expires after `duration`.
///
/// # Errors
/// When the key cannot sign.
pub fn issue(
    key: &SecretString,
    user_id: &str,
    session_id: &str,
    now: Timestamp,
    duration: Duration,
) -> Result<String, ApiError> {
    let lifetime = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let claims = Claims {
        user_id: user_id.to_owned(),
        session_id: session_id.to_owned(),
        exp: now.as_second().saturating_add(lifetime),
    };
    sign(key, &claims)
}

/// Signs a JWT with `claims`.
///
/// # Errors
/// When the key cannot sign.
pub fn sign(key: &SecretString, claims: &impl Serialize) -> Result<String, ApiError> {
    let key = EncodingKey::from_secret(key.expose_secret().as_bytes());
    encode(&Header::new(Algorithm::HS256), claims, &key).map_err(ApiError::unknown)
}

/// Reads the claims of a JWT signed by this backend, expired or not.
#[must_use]
pub fn read<T: serde::de::DeserializeOwned + Clone>(key: &SecretString, jwt: &str) -> Option<T> {
    let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
    decode::<T>(jwt, &key, &without_times()).ok().map(|token| token.claims)
}

fn without_times() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    // The backend's own clock decides about expiry.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    validation
}

/// Returns the claims if the signature is valid and the JWT has not expired at `now`.
///
/// # Errors
/// `user_jwt_invalid`, with Appwrite's message.
pub fn verify(key: &SecretString, jwt: &str, now: Timestamp) -> Result<Claims, ApiError> {
    if jwt.split('.').count() != 3 {
        return Err(invalid("Invalid token: Incomplete segments"));
    }
    if is_unsigned(jwt) {
        return Err(invalid("Invalid token: Unsupported header algo"));
    }
    let validation = without_times();
    let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
    let claims = decode::<Claims>(jwt, &key, &validation)
        .map_err(|error| match error.kind() {
            JwtErrorKind::InvalidSignature => invalid("Invalid token: Signature failed"),
            JwtErrorKind::InvalidAlgorithm => invalid("Invalid token: Unsupported algorithm"),
            JwtErrorKind::Json(_) | JwtErrorKind::Base64(_) | JwtErrorKind::Utf8(_) => {
                invalid("JSON failed: Syntax error")
            }
            _ => invalid("Invalid token"),
        })?
        .claims;
    if now.as_second() > claims.exp {
        return Err(invalid("Invalid token: Expired"));
    }
    Ok(claims)
}

/// Returns true if the header names another algorithm than ours.
fn is_unsigned(jwt: &str) -> bool {
    let header = jwt.split('.').next().unwrap_or("");
    let header = BASE64_URL_SAFE_NO_PAD.decode(header.trim_end_matches('=')).unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(&header).is_ok_and(|header| header["alg"] != "HS256")
}

fn invalid(why: &str) -> ApiError {
    ApiError::new(ErrorKind::UserJwtInvalid, format!("Failed to verify JWT. {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretString {
        "a key of this test".to_owned().into()
    }

    fn now() -> Timestamp {
        "2026-11-21T06:49:18Z".parse().expect("a timestamp")
    }

    fn message(jwt: &str, now: Timestamp) -> String {
        verify(&key(), jwt, now).expect_err("an error").message
    }

    #[test]
    fn jwt_contains_its_user_and_session() {
        let jwt = issue(&key(), "user", "session", now(), Duration::from_secs(60)).expect("a JWT");
        let claims = verify(&key(), &jwt, now()).expect("its claims");
        assert_eq!(claims.user_id, "user");
        assert_eq!(claims.session_id, "session");
        assert_eq!(claims.exp, now().as_second() + 60);
    }

    #[test]
    fn jwt_expires() {
        let jwt = issue(&key(), "user", "session", now(), Duration::from_secs(1)).expect("a JWT");
        let later = crate::clock::after(now(), Duration::from_secs(2));
        assert_eq!(message(&jwt, later), "Failed to verify JWT. Invalid token: Expired");
    }

    #[test]
    fn altered_signature_is_reported() {
        let jwt = issue(&key(), "user", "session", now(), Duration::from_secs(60)).expect("a JWT");
        let other =
            issue(&"other".to_owned().into(), "user", "session", now(), Duration::from_secs(60)).expect("a JWT");
        let (body, _) = jwt.rsplit_once('.').expect("a signature");
        let (_, signature) = other.rsplit_once('.').expect("a signature");
        assert_eq!(
            message(&format!("{body}.{signature}"), now()),
            "Failed to verify JWT. Invalid token: Signature failed"
        );
    }

    #[test]
    fn malformed_jwt_is_reported() {
        assert_eq!(message("abc", now()), "Failed to verify JWT. Invalid token: Incomplete segments");
        assert_eq!(message("a.b.c", now()), "Failed to verify JWT. JSON failed: Syntax error");
    }
}
