//! The last step of a sign-in with a provider. It handles a link and not a form.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::pending::PendingOAuth;
use crate::auth::finish::{end_former_session, page_after};
use crate::auth::proof::Redeemed;
use crate::error::AppError;
use crate::session::cookie::append_cookie;
use crate::session::flash::Flash;
use crate::session::own_path::OwnPath;
use crate::session::request::no_cookie;
use crate::state::AppState;

/// Signs this browser in and redirects to the pending sign-in's `next`, as `finish_by_proof` does after a form.
pub(super) async fn finish_sign_in_by_link(
    state: &AppState,
    headers: &HeaderMap,
    redeemed: &Redeemed,
    pending: &PendingOAuth,
) -> Result<Response, AppError> {
    let cookies = state.cookie.set(&redeemed.session, pending.lifetime()).ok_or_else(|| no_cookie("session"))?;
    end_former_session(state, state.cookie.secret(headers)).await;
    let next = OwnPath::parse(page_after(state, redeemed, pending.next()));
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
