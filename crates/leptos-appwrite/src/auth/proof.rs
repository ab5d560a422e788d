//! Exchanges the secret of a link, a code or a provider for a session.

use crate::error::AppError;
use crate::session::Success;
use crate::session::request::Sender;
use crate::state::AppState;
use appwrite_client::{AppwriteError, NewSession};
use secrecy::SecretString;
use tracing::Instrument as _;

use super::first_proof::{self, Before, ProofKind};
use super::sent_to::SentTo;

/// A session, and the message for its user.
pub struct Redeemed {
    pub session: NewSession,
    pub tell: Option<Success>,
}

/// The source of the secret.
pub(super) enum Source {
    /// From a link or a code.
    Sent(SentTo),
    /// From the provider with this name at Appwrite.
    #[cfg_attr(not(feature = "oauth"), expect(dead_code, reason = "only OAuth creates it"))]
    Provider(String),
}

impl Source {
    fn is_of(&self, state: &AppState, account: &Before) -> bool {
        match self {
            Self::Sent(to) => to.is_of(state, account),
            Self::Provider(_) => true,
        }
    }

    async fn is_still_of(&self, state: &AppState, user_id: &str) -> bool {
        match self {
            Self::Sent(to) => to.is_still_of(state, user_id).await,
            Self::Provider(_) => true,
        }
    }
}

/// Creates the session. Returns none if Appwrite refuses the secret as invalid or expired, or if the account no longer has the
/// address that it was sent to.
///
/// Runs in its own task: a browser that disconnects must not stop it between the proof and the removal of earlier
/// credentials.
pub async fn redeem(
    state: &AppState,
    sender: &Sender,
    user_id: &str,
    secret: SecretString,
    source: Source,
) -> Result<Option<Redeemed>, AppError> {
    let (state, sender, user_id) = (state.clone(), sender.clone(), user_id.to_owned());
    let work = async move { redeem_all(&state, &sender, &user_id, secret, source).await };
    tokio::spawn(work.in_current_span()).await.map_err(AppError::internal)?
}

async fn redeem_all(
    state: &AppState,
    sender: &Sender,
    user_id: &str,
    secret: SecretString,
    source: Source,
) -> Result<Option<Redeemed>, AppError> {
    let (admin, visitor) = (state.appwrite.admin(), sender.visitor());
    let work = async {
        let before = first_proof::before(state, user_id).await;
        if !source.is_of(state, &before) {
            return Err(None);
        }
        let session = admin.create_token_session(user_id, &secret, &visitor).await.map_err(Some)?;
        if !source.is_still_of(state, user_id).await {
            if let Err(error) = state.appwrite.session(session.secret).sign_out().await {
                tracing::warn!(%error, "a session that no browser has could not be ended");
            }
            return Err(None);
        }
        Ok((before, session))
    };
    match state.response_timing.refusal(work).await {
        Ok((before, session)) => {
            if first_proof::refuse_phone(state, &before, user_id, &session.session).await {
                return Err(AppError::NumberNotConfirmed);
            }
            let by = match source {
                Source::Provider(provider) => ProofKind::Provider(provider),
                Source::Sent(_) => ProofKind::of(&session.session),
            };
            let mut tell = first_proof::secure(state, &before, user_id, &by, Some(&session.session)).await;
            let is_known = |email: &str| state.known_browsers.id_for(sender.known_browser.as_ref(), email).is_some();
            if matches!(before, Before::Unknown) && !first_proof::is_new_here(state, &session, is_known).await {
                tell = None;
            }
            Ok(Some(Redeemed { session, tell }))
        }
        Err(Some(error)) if !is_no_proof(&error) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn is_no_proof(error: &AppwriteError) -> bool {
    matches!(error, AppwriteError::InvalidId)
        || matches!(error.kind(), Some("user_invalid_token" | "user_not_found" | "general_argument_invalid"))
}
