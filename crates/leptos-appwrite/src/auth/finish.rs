//! What every way in ends with.

use crate::error::AppError;
use crate::session::cookie::{Presented, append_cookie};
use crate::session::own_path::OwnPath;
use crate::session::request::{ActionRequest, no_cookie};
use crate::state::AppState;
use appwrite_client::{NewSession, SessionSecret};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Signs this browser in, ends the session that it had before, and sends the person where they wanted to go. Whoever owes
/// a second factor is asked for it there, before anything else.
pub async fn finish_sign_in(request: &ActionRequest, session: &NewSession, next: &str) -> Result<(), AppError> {
    request.start_session(session)?;
    end_former_session(&request.state, request.session_secret()).await;
    request.forget_pending_sign_in();
    request.go_to_next(next);
    Ok(())
}

/// As [`finish_sign_in`], for a way in whose last step is a link and no form: the answer is made here.
pub async fn finish_sign_in_by_link(
    state: &AppState,
    headers: &HeaderMap,
    session: &NewSession,
    next: &str,
) -> Result<Response, AppError> {
    let cookies = state.cookie.set(session).ok_or_else(|| no_cookie("session"))?;
    let former = match state.cookie.read(headers) {
        Presented::One(secret) => Some(secret),
        Presented::None | Presented::Unusable => None,
    };
    end_former_session(state, former).await;
    let next = OwnPath::parse(next);
    let location = HeaderValue::try_from(next.as_ref().map_or(state.site.paths.after_sign_in, OwnPath::as_str));
    let mut answer = HeaderMap::from_iter([
        (header::LOCATION, location.map_err(AppError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // The link held a secret, which the page that comes next must not learn.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]);
    append_cookie(&mut answer, cookies);
    if state.pending_sign_in.read(headers).is_some() {
        append_cookie(&mut answer, state.pending_sign_in.clear());
    }
    Ok((StatusCode::SEE_OTHER, answer).into_response())
}

/// Ends the session that a browser had before it signed in anew. That the new one stands matters more than that the old
/// one is gone, so a failure is only logged.
pub async fn end_former_session(state: &AppState, former: Option<SessionSecret>) {
    let Some(former) = former else { return };
    if let Err(error) = state.appwrite.session(former).sign_out().await {
        tracing::warn!(%error, "the former session could not be ended");
    }
}
