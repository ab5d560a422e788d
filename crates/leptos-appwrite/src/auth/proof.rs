//! Exchanges the secret of a link, a code or a provider for a session.

use crate::error::AppError;
use crate::session::request::Sender;
use crate::state::AppState;
use appwrite_client::{AppwriteError, NewSession};
use secrecy::SecretString;

/// Creates the session. Returns none if Appwrite refuses the secret as invalid or expired.
pub async fn redeem(
    state: &AppState,
    sender: &Sender,
    user_id: &str,
    secret: SecretString,
) -> Result<Option<NewSession>, AppError> {
    let (admin, visitor) = (state.appwrite.admin(), sender.visitor());
    match state.steady.refusal(admin.create_token_session(user_id, &secret, &visitor)).await {
        Ok(session) => Ok(Some(session)),
        Err(error) if is_no_proof(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_no_proof(error: &AppwriteError) -> bool {
    matches!(error, AppwriteError::InvalidId)
        || matches!(error.kind(), Some("user_invalid_token" | "user_not_found" | "general_argument_invalid"))
}
