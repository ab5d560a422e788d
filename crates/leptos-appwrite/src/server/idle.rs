//! Ends idle sessions before anything else reads them.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::session::cookie::{CookieLifetime, append_cookie};
use crate::session::idle::{set_by_response, without_session};
use crate::state::AppState;
use appwrite_client::SessionSecret;

/// The calls that open pages make on their own. They do not count as use of the session.
const BACKGROUND: [&str; 4] =
    ["/actions/realtime_ticket", "/actions/session_owner", "/actions/people_present", "/actions/email_is_confirmed"];

/// Middleware: ends a session that was not used within the limit, and notes the use of others.
pub async fn end_idle_session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let limit = &state.idle_limit;
    let lifetime = state.cookie.lifetime(request.headers());
    let mut used = None;
    if let Some(secret) = state.cookie.secret(request.headers()) {
        if limit.is_within(request.headers(), secret.expose(), lifetime) {
            used = is_use(&state, request.uri().path()).then_some(secret);
        } else {
            end(&state, secret).await;
            without_session(state.cookie.name(), request.headers_mut());
        }
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let cookie = match set_by_response(state.cookie.name(), headers) {
        Some(secret) if secret.is_empty() => limit.clear(),
        Some(secret) => {
            let marker = set_by_response(state.cookie.marker(), headers);
            limit.used(&secret, marker.and_then(|marker| CookieLifetime::parse(&marker)))
        }
        None => used.and_then(|secret| limit.used(secret.expose(), lifetime)),
    };
    append_cookie(headers, cookie);
    response
}

/// True for pages and for what users do on them.
fn is_use(state: &AppState, path: &str) -> bool {
    let is_action = path.starts_with("/actions/") && !BACKGROUND.contains(&path);
    is_action || path.starts_with("/api/") || state.site.guards.is_page(path)
}

async fn end(state: &AppState, secret: SessionSecret) {
    if let Err(error) = state.appwrite.session(secret).sign_out().await {
        tracing::warn!(%error, "a session that was not used for too long could not be ended");
    }
}
