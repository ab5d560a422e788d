//! The last step of every sign-in method.

use super::proof::Redeemed;
use crate::error::AppError;
use crate::session::Success;
use crate::session::cookie::CookieLifetime;
use crate::session::request::ActionRequest;
use crate::state::AppState;
use appwrite_client::{NewSession, SessionSecret};

/// Signs this browser in, ends its previous session, and redirects to `next`. The page at `next` asks for a second
/// factor if the account has one.
pub async fn finish_sign_in(
    request: &ActionRequest,
    session: &NewSession,
    lifetime: CookieLifetime,
    next: &str,
) -> Result<(), AppError> {
    request.start_session(session, lifetime)?;
    end_former_session(&request.state, request.session_secret()).await;
    request.forget_pending_sign_in();
    request.go_to_next(next);
    Ok(())
}

/// Like [`finish_sign_in`], after a proof. Tells the user what happened to the account, and opens the page for a reset link
/// if another user may still be able to sign in.
pub(super) async fn finish_by_proof(
    request: &ActionRequest,
    redeemed: &Redeemed,
    lifetime: CookieLifetime,
    next: &str,
) -> Result<(), AppError> {
    finish_sign_in(request, &redeemed.session, lifetime, page_after(&request.state, redeemed, next)).await?;
    if let Some(tell) = redeemed.tell.clone() {
        request.leave_success(tell);
    }
    Ok(())
}

/// Returns the page for a reset link if another user may still be able to sign in, else `next`. It is not the page that
/// changes the password, because that asks for the old one, which another user may have set.
pub(super) fn page_after<'a>(state: &AppState, redeemed: &Redeemed, next: &'a str) -> &'a str {
    match (&redeemed.tell, state.site.paths.ask_recovery) {
        (Some(Success::AccountNotSecured), Some(page)) => page,
        _ => next,
    }
}

/// Ends the browser's previous session after a new sign-in. Only logs a failure, because the new session works
/// either way.
pub async fn end_former_session(state: &AppState, former: Option<SessionSecret>) {
    let Some(former) = former else { return };
    if let Err(error) = state.appwrite.session(former).sign_out().await {
        tracing::warn!(%error, "the former session could not be ended");
    }
}

/// Ends the session of this browser. Removes the cookie even if Appwrite fails.
pub(super) async fn end_own_session(request: &ActionRequest) {
    request.forget_session();
    request.forget_pending_sign_in();
    end_former_session(&request.state, request.session_secret()).await;
}
