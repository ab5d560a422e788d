//! Ends sessions that were not used for some time (`SESSION_IDLE_LIMIT`).
//!
//! Appwrite does not know when a session was last used. So a sealed cookie beside the session's says it, and expires with
//! the limit. A request with a session but without this cookie ends the session at Appwrite.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::cookie::SameSite;

use super::cookie::append_cookie;
use super::sealed::{SealedCookie, Sealer};
use crate::security::keyed_hash::KeyedHash;
use crate::state::AppState;
use appwrite_client::SessionSecret;

/// What open pages call on their own. It is no use of the session.
const BACKGROUND: [&str; 3] = ["/actions/realtime_ticket", "/actions/session_owner", "/actions/people_present"];

/// The cookie that says that a session was used within the limit.
pub struct IdleLimit {
    cookie: SealedCookie<String>,
    hash: KeyedHash,
}

impl IdleLimit {
    /// Returns the cookie, sealed by `sealer`, for this limit.
    pub fn new(limit: Duration, sealer: &Sealer, hash: KeyedHash) -> Self {
        // The configuration allows at most 400 days.
        let limit = time::Duration::try_from(limit).unwrap_or(time::Duration::MAX);
        Self { cookie: sealer.cookie("used", "__Host-used", limit, SameSite::Strict), hash }
    }

    fn is_within(&self, headers: &HeaderMap, secret: &str) -> bool {
        self.cookie.read(headers).is_some_and(|session| session == self.mark(secret))
    }

    fn used(&self, secret: &str) -> Option<HeaderValue> {
        self.cookie.leave(&self.mark(secret))
    }

    /// Binds the cookie to its session.
    fn mark(&self, secret: &str) -> String {
        self.hash.hex(&["used session", secret])
    }
}

/// Middleware: ends a session that was not used within the limit, and notes the use of others.
pub async fn end_idle_session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(limit) = &state.idle_limit else { return next.run(request).await };
    let mut used = None;
    if let Some(secret) = state.cookie.secret(request.headers()) {
        if limit.is_within(request.headers(), secret.expose()) {
            used = is_use(&state, request.uri().path()).then_some(secret);
        } else {
            end(&state, secret).await;
            without_session(state.cookie.name(), request.headers_mut());
        }
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let cookie = match set_session(state.cookie.name(), headers) {
        Some(secret) if secret.is_empty() => limit.cookie.clear(),
        Some(secret) => limit.used(&secret),
        None => used.and_then(|secret| limit.used(secret.expose())),
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

/// Empties the session cookie, which signs the request out and removes the cookie from the browser.
fn without_session(name: &str, headers: &mut HeaderMap) {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let is_other = |pair: &&[u8]| pair.strip_prefix(name.as_bytes()).is_none_or(|rest| !rest.starts_with(b"="));
    let others: Vec<_> = pairs.filter(is_other).collect();
    let line = [others.join(&b"; "[..]), format!("{name}=").into_bytes()].join(&b"; "[..]);
    headers.remove(header::COOKIE);
    // Made of the values of headers, so it is one.
    headers.extend(HeaderValue::from_bytes(&line).ok().map(|line| (header::COOKIE, line)));
}

/// Returns the value of the session cookie that the response sets; empty if it removes the cookie.
fn set_session(name: &str, headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let session = values.filter_map(|value| value.strip_prefix(name)?.strip_prefix('=')).next_back()?;
    Some(session.split(';').next().unwrap_or_default().to_owned())
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
            set_session("session", &values.collect())
        };
        assert_eq!(set(&["flash=a", "session=abc==; Path=/"]).as_deref(), Some("abc=="));
        assert_eq!(set(&["session=; Path=/"]).as_deref(), Some(""));
        assert_eq!(set(&["session2=abc"]), None);
    }
}
