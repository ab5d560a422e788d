//! Exchanges the secret of a link, a code or a provider for a session.

use crate::error::AppError;
use crate::session::Success;
use crate::session::request::Sender;
use crate::state::AppState;
use appwrite_client::{AppwriteError, NewSession};
use secrecy::SecretString;
use tracing::Instrument as _;

use super::first_proof::{self, Before, Proven};

/// A session, and what to tell its user.
pub struct Redeemed {
    pub session: NewSession,
    pub tell: Option<Success>,
}

/// Creates the session. Returns none if Appwrite refuses the secret as invalid or expired. `provider` is Appwrite's name of
/// the provider that the user comes from, if any.
///
/// Runs in its own task: a browser that disconnects must not stop it between the proof and what the proof removes.
pub async fn redeem(
    state: &AppState,
    sender: &Sender,
    user_id: &str,
    secret: SecretString,
    provider: Option<&str>,
) -> Result<Option<Redeemed>, AppError> {
    let (state, sender) = (state.clone(), sender.clone());
    let (user_id, provider) = (user_id.to_owned(), provider.map(str::to_owned));
    let work = async move { redeem_all(&state, &sender, &user_id, secret, provider).await };
    tokio::spawn(work.in_current_span()).await.map_err(AppError::internal)?
}

async fn redeem_all(
    state: &AppState,
    sender: &Sender,
    user_id: &str,
    secret: SecretString,
    provider: Option<String>,
) -> Result<Option<Redeemed>, AppError> {
    let (admin, visitor) = (state.appwrite.admin(), sender.visitor());
    let work = async {
        let before = first_proof::before(state, user_id).await;
        Ok((before, admin.create_token_session(user_id, &secret, &visitor).await?))
    };
    match state.steady.refusal(work).await {
        Ok((before, session)) => {
            if first_proof::refuse_phone(state, &before, user_id, &session.session).await {
                return Err(AppError::NumberNotConfirmed);
            }
            let by = provider.map_or_else(|| Proven::by(&session.session), Proven::Provider);
            let mut tell = first_proof::secure(state, &before, user_id, &by, Some(&session.session)).await;
            let is_known = |email: &str| state.known_browsers.id_for(sender.known_browser.as_ref(), email).is_some();
            if matches!(before, Before::Unknown) && !first_proof::is_new_here(state, &session, is_known).await {
                tell = None;
            }
            Ok(Some(Redeemed { session, tell }))
        }
        Err(error) if is_no_proof(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_no_proof(error: &AppwriteError) -> bool {
    matches!(error, AppwriteError::InvalidId)
        || matches!(error.kind(), Some("user_invalid_token" | "user_not_found" | "general_argument_invalid"))
}
