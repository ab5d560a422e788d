//! Routes for tests, which Appwrite does not have: reset the state, and move the clock.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Response, header},
    middleware::{self, Next},
    response::IntoResponse,
    routing::post,
};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;

use crate::{ApiError, AppState, ErrorKind, KeyScopes, base, clock, http::reply, identity::secret};

/// `POST /local/reset` and `POST /local/clock`.
pub fn router<S: Clone + Send + Sync + 'static>(state: AppState) -> Router<S> {
    Router::new()
        .route("/local/reset", post(reset))
        .route("/local/clock", post(move_clock))
        .layer(middleware::from_fn_with_state(state.clone(), guarded))
        .with_state(state)
}

/// Allows only local programs with a key of all scopes. Refuses browsers, which it recognizes by their headers.
async fn guarded(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response<Body> {
    match check(&state, peer, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => reply::error(&state, &error),
    }
}

fn check(state: &AppState, peer: SocketAddr, headers: &HeaderMap) -> Result<(), ApiError> {
    if !peer.ip().is_loopback() {
        return Err(ApiError::new(ErrorKind::GeneralAccessForbidden, "Only this machine may use this route."));
    }
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        return Err(ApiError::new(ErrorKind::GeneralUnknownOrigin, "Browsers may not use this route."));
    }
    let sent = headers.get("x-appwrite-key").and_then(|key| key.to_str().ok()).unwrap_or("");
    // Compares hashes, so that the timing reveals nothing about the keys.
    let sent = secret::hash(sent);
    let key = state.keys().iter().find(|key| secret::hash(key.secret.expose_secret()) == sent);
    match key.map(|key| &key.scopes) {
        None => Err(ErrorKind::UserUnauthorized.into()),
        Some(KeyScopes::Only(_)) => Err(ErrorKind::GeneralUnauthorizedScope.into()),
        Some(KeyScopes::All) => Ok(()),
    }
}

async fn reset(State(state): State<AppState>) -> Response<Body> {
    let work = {
        let state = state.clone();
        tokio::task::spawn_blocking(move || base::reset(&state))
    };
    let outcome = match work.await {
        Ok(outcome) => outcome.map_err(ApiError::unknown),
        Err(error) => Err(ApiError::unknown(error)),
    };
    answer(&state, outcome)
}

async fn move_clock(State(state): State<AppState>, body: Bytes) -> Response<Body> {
    answer(&state, advance(&state, &body))
}

/// The body of `POST /local/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Move {
    Seconds(u32),
    Now(Timestamp),
}

fn advance(state: &AppState, body: &[u8]) -> Result<(), ApiError> {
    let bad = |message: &str| ApiError::new(ErrorKind::GeneralArgumentInvalid, message);
    let wanted =
        serde_json::from_slice(body).map_err(|_| bad(r#"Send {"seconds": 60} or {"now": "2030-01-01T00:00:00Z"}."#))?;
    let by = match wanted {
        Move::Seconds(seconds) => Duration::from_secs(seconds.into()),
        Move::Now(now) => Duration::try_from(now.duration_since(state.clock().now()))
            .map_err(|_| bad("The clock moves forward only; POST /local/reset moves it back."))?,
    };
    state.clock().advance(by);
    tracing::info!(now = clock::wire(state.clock().now()), "the clock was moved");
    Ok(())
}

fn answer(state: &AppState, outcome: Result<(), ApiError>) -> Response<Body> {
    match outcome {
        Ok(()) => Json(json!({"now": clock::wire(state.clock().now())})).into_response(),
        Err(error) => reply::error(state, &error),
    }
}
