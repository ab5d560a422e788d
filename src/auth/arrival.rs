//! What every way in ends with.

use crate::appwrite::{NewSession, SessionSecret};
use crate::error::AppError;
use crate::server::AppState;
use crate::session::request::ActionRequest;

/// Signs this browser in, ends the session that it had before, and sends the person where they wanted to go. Whoever owes
/// a second factor is asked for it there, before anything else.
pub async fn arrive(request: &ActionRequest, session: &NewSession, next: &str) -> Result<(), AppError> {
    request.start_session(session)?;
    end_former_session(&request.state, request.session_secret()).await;
    request.forget_pending();
    request.go_to_next(next);
    Ok(())
}

/// Ends the session that a browser had before it signed in anew. That the new one stands matters more than that the old
/// one is gone, so a failure is only logged.
pub async fn end_former_session(state: &AppState, former: Option<SessionSecret>) {
    let Some(former) = former else { return };
    if let Err(error) = state.appwrite.session(former).sign_out().await {
        tracing::warn!(%error, "the former session could not be ended");
    }
}
