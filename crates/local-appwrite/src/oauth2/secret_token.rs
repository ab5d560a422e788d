//! The secret in a success URL: since Appwrite 1.9.0, a short-lived JWT that contains the token's secret.

use std::time::Duration;

use jiff::Timestamp;

use crate::{ApiError, AppState, Profile, identity::jwt};

/// The lifetime of the JWT.
const LIFETIME: Duration = Duration::from_secs(60);

/// Marks the JWT. No user has this id, so no user's JWT is accepted here.
const SUBJECT: &str = "$oauth2";

/// Wraps a token's `secret` for the success URL.
pub fn wrap_secret(state: &AppState, secret: &str, now: Timestamp) -> Result<String, ApiError> {
    match state.settings().profile {
        Profile::OneFive | Profile::OneSix | Profile::OneEight => Ok(secret.to_owned()),
        _ => jwt::issue(state.jwt_key(), SUBJECT, secret, now, LIFETIME),
    }
}

/// Extracts the token's secret from the JWT of a client; `None` if the JWT is invalid or expired.
pub(crate) fn unwrap_secret(state: &AppState, given: &str, now: Timestamp) -> Option<String> {
    jwt::verify(state.jwt_key(), given, now)
        .ok()
        .filter(|claims| claims.user_id == SUBJECT)
        .map(|claims| claims.session_id)
}
