//! The last step of every sign-in method.

use super::proof::Redeemed;
use crate::error::AppError;
use crate::session::Success;
use crate::session::cookie::append_cookie;
use crate::session::flash::Flash;
use crate::session::own_path::OwnPath;
use crate::session::request::{ActionRequest, no_cookie};
use crate::state::AppState;
use appwrite_client::{NewSession, SessionSecret};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Signs this browser in, ends its previous session, and redirects to `next`. The page at `next` asks for a second
/// factor if the account has one.
pub async fn finish_sign_in(request: &ActionRequest, session: &NewSession, next: &str) -> Result<(), AppError> {
    request.start_session(session)?;
    end_former_session(&request.state, request.session_secret()).await;
    request.forget_pending_sign_in();
    request.go_to_next(next);
    Ok(())
}

/// Like [`finish_sign_in`], after a proof. Tells the user what happened to the account, and opens the page for a new password
/// if an old one may still be in another's hands.
pub(super) async fn finish_by_proof(request: &ActionRequest, redeemed: &Redeemed, next: &str) -> Result<(), AppError> {
    finish_sign_in(request, &redeemed.session, page_after(&request.state, redeemed, next)).await?;
    if let Some(tell) = redeemed.tell.clone() {
        request.leave_success(tell);
    }
    Ok(())
}

fn page_after<'a>(state: &AppState, redeemed: &Redeemed, next: &'a str) -> &'a str {
    match (&redeemed.tell, state.site.paths.change_password) {
        (Some(Success::AccountNotSecured), Some(page)) => page,
        _ => next,
    }
}

/// Like [`finish_by_proof`], for a sign-in that ends with a link instead of a form: returns the response itself.
pub(super) async fn finish_sign_in_by_link(
    state: &AppState,
    headers: &HeaderMap,
    redeemed: &Redeemed,
    next: &str,
) -> Result<Response, AppError> {
    let cookies = state.cookie.set(&redeemed.session).ok_or_else(|| no_cookie("session"))?;
    end_former_session(state, state.cookie.secret(headers)).await;
    let next = OwnPath::parse(page_after(state, redeemed, next));
    let location = HeaderValue::try_from(next.as_ref().map_or(state.site.paths.after_sign_in, OwnPath::as_str));
    let mut answer = HeaderMap::from_iter([
        (header::LOCATION, location.map_err(AppError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // The link contained a secret; `no-referrer` hides it from the next page.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]);
    append_cookie(&mut answer, cookies);
    append_cookie(&mut answer, redeemed.tell.clone().and_then(|tell| state.flash.leave(Flash::Success(tell))));
    if state.pending_sign_in.read(headers).is_some() {
        append_cookie(&mut answer, state.pending_sign_in.clear());
    }
    Ok((StatusCode::SEE_OTHER, answer).into_response())
}

/// Ends the browser's previous session after a new sign-in. Only logs a failure, because the new session works
/// either way.
pub async fn end_former_session(state: &AppState, former: Option<SessionSecret>) {
    let Some(former) = former else { return };
    if let Err(error) = state.appwrite.session(former).sign_out().await {
        tracing::warn!(%error, "the former session could not be ended");
    }
}
