//! Requests, stores and answers the challenge of a second factor.

use crate::clock;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::pending_cookie::PendingSignIn;
use crate::session::pending_sign_in::{Factor, PendingView, Proof};
use crate::session::request::ActionRequest;
use appwrite_client::{AppwriteError, SessionClient};
use secrecy::SecretString;

use crate::one_time_code::without_spaces;

/// The maximum length of any factor's code, in bytes.
const MAX_CODE_LENGTH: usize = 64;

/// Requests a challenge for this factor from Appwrite.
pub async fn ask(request: &ActionRequest, factor: Factor) -> Result<PendingSignIn, AppError> {
    request.state.limits.count(Attempt::SecondFactor, request.sender.address, None).await?;
    let challenge = request.session()?.create_challenge(factor.into()).await.map_err(of_challenge)?;
    Ok(PendingSignIn {
        shown: PendingView {
            proof: Proof::SecondFactor(factor),
            address: String::new(),
            phrase: String::new(),
            sent_at: clock::now(),
            // The URL of the second-factor page contains it.
            next: String::new(),
            // The session already exists, so this value is not used.
            keep: false,
        },
        id: challenge.user_id,
        challenge: Some(challenge.id),
    })
}

/// The purpose of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To complete a sign-in.
    SignIn,
    /// To confirm a change of the account, for which Appwrite wants a recent challenge.
    Change,
}

/// Answers this browser's pending challenge, or a new one for factors that send no code.
///
/// At sign-in, ignores the code if the user has already completed the second factor in another tab.
pub async fn give(request: &ActionRequest, factor: Factor, typed: &str, purpose: Purpose) -> Result<(), AppError> {
    let code = without_spaces(typed);
    if code.is_empty() {
        return Err(AppError::field("code", Problem::Missing));
    }
    let session = request.session()?;
    let (pending, is_new) = match request.pending_sign_in(Proof::SecondFactor(factor)) {
        Ok(pending) => {
            request.state.limits.count(Attempt::SecondFactor, request.sender.address, None).await?;
            (pending, false)
        }
        Err(_) if purpose == Purpose::Change && !factor.is_sent() => (ask(request, factor).await?, true),
        Err(error) if purpose == Purpose::Change => return Err(error),
        Err(error) => match session.account().await.map_err(AppError::from) {
            Ok(_) => return Ok(()),
            Err(AppError::MoreFactorsRequired) if !factor.is_sent() => (ask(request, factor).await?, true),
            Err(AppError::MoreFactorsRequired) => return Err(error),
            Err(other) => return Err(other),
        },
    };
    request.state.limits.count_account(Attempt::SecondFactor, &pending.id).await?;
    let challenge = pending.challenge.as_deref().ok_or(AppError::StartAgain)?;
    let outcome = answer(&session, challenge, code).await;
    if outcome.is_err() && is_new {
        // Appwrite limits challenges to ten per user and hour, so the next try reuses this one.
        request.keep_pending_sign_in(&pending)?;
    }
    outcome
}

async fn answer(session: &SessionClient, challenge: &str, code: String) -> Result<(), AppError> {
    let wrong = || AppError::field("code", Problem::WrongCode);
    if code.len() > MAX_CODE_LENGTH {
        return Err(wrong());
    }
    match session.answer_challenge(challenge, &SecretString::from(code)).await {
        Err(error) if error.is("user_invalid_token") => Err(wrong()),
        result => Ok(result?),
    }
}

/// An outdated page offered a factor that the account does not have.
fn of_challenge(error: AppwriteError) -> AppError {
    match error.kind() {
        Some(
            "user_email_not_found"
            | "user_email_not_verified"
            | "user_phone_not_found"
            | "user_phone_not_verified"
            | "user_authenticator_not_found",
        ) => AppError::BadRequest,
        _ => error.into(),
    }
}
