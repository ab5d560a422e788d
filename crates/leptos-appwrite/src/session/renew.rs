//! Extends the session of a page request near its end.

use axum::http::HeaderValue;
use axum::http::request::Parts;

use super::cookie::CookieLifetime;
use super::renewal::{SHORTEST_GAP, last_third};
use crate::clock;
use crate::security::client_address::client_address;
use crate::state::AppState;
use appwrite_client::{AppwriteError, SessionId, SessionSecret, Visitor};

/// A session to check, for its user.
pub struct DueRenewal {
    secret: SessionSecret,
    visitor: Visitor,
}

/// Returns the request's session if it has to be checked. Sessions that the browser forgets when it is closed are never
/// checked.
pub fn due(state: &AppState, secret: SessionSecret, parts: &Parts) -> Option<DueRenewal> {
    if state.cookie.lifetime(&parts.headers) != Some(CookieLifetime::Persistent) {
        return None;
    }
    state.renewals.is_due(&secret, clock::now()).then(|| {
        let address = client_address(parts, &state.config.trusted_proxies);
        let visitor = Visitor { user_agent: None, address: Some(address) };
        DueRenewal { secret, visitor }
    })
}

/// Extends the session in the last third of its life. Returns its cookies with the new expiry.
///
/// Only logs a failure, because the session is still valid.
pub async fn renew(state: &AppState, due: Option<DueRenewal>) -> Option<[HeaderValue; 2]> {
    let DueRenewal { secret, visitor } = due?;
    let client = state.appwrite.session(secret.clone());
    let session = client.session(SessionId::Current).await.map_err(log).ok()?;
    let last_third = last_third(&session)?;
    let now = clock::now();
    if now < last_third {
        state.renewals.postpone(&secret, last_third);
        return None;
    }
    let expires = client.extend_session(&visitor).await.map_err(log).ok()?.expire?.as_second();
    let next_check = expires.saturating_sub(expires.saturating_sub(now) / 3);
    state.renewals.postpone(&secret, next_check.max(now + SHORTEST_GAP));
    state.cookie.set_until(&secret, expires, CookieLifetime::Persistent)
}

fn log(error: AppwriteError) {
    tracing::info!(%error, "the session could not be extended");
}
