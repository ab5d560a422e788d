//! The challenge of a second factor: asked for, kept in the browser, answered.

use crate::clock;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::pending_cookie::PendingSignIn;
use crate::session::pending_sign_in::{Factor, PendingView, Proof};
use crate::session::request::ActionRequest;
use appwrite_client::{AppwriteError, SessionClient};
use secrecy::SecretString;

use crate::auth::fields;

/// No code of any factor is longer, in bytes.
const LONGEST_CODE: usize = 64;

/// The factors that the account has.
pub async fn factors(request: &ActionRequest) -> Result<Vec<Factor>, AppError> {
    let has = request.session()?.factors().await?;
    let all = [
        (has.totp, Factor::Totp),
        (has.email, Factor::Email),
        (has.phone, Factor::Phone),
        (has.recovery_code, Factor::RecoveryCode),
    ];
    Ok(all.into_iter().filter(|(has, _)| *has).map(|(_, factor)| factor).collect())
}

/// Asks Appwrite for a challenge of this factor.
pub async fn ask(request: &ActionRequest, factor: Factor, next: &str) -> Result<PendingSignIn, AppError> {
    request.state.limits.count(Attempt::SecondFactor, request.sender.address, None)?;
    let challenge = request.session()?.create_challenge(factor.into()).await.map_err(of_challenge)?;
    Ok(PendingSignIn {
        shown: PendingView {
            proof: Proof::SecondFactor(factor),
            address: String::new(),
            phrase: String::new(),
            sent_at: clock::now(),
            next: next.to_owned(),
        },
        id: challenge.user_id,
        challenge: Some(challenge.id),
    })
}

/// Answers the challenge that this browser has under way, or a new one if nothing had to be sent for it.
///
/// The code of someone who has given the factor meanwhile, in another tab, is not looked at.
pub async fn give(request: &ActionRequest, factor: Factor, typed: &str) -> Result<(), AppError> {
    let code = fields::code(typed);
    if code.is_empty() {
        return Err(AppError::field("code", Problem::Missing));
    }
    let session = request.session()?;
    let (pending, is_new) = match request.pending_sign_in(|proof| proof == Proof::SecondFactor(factor)) {
        Ok(pending) => {
            request.state.limits.count(Attempt::SecondFactor, request.sender.address, None)?;
            (pending, false)
        }
        Err(error) => match session.account().await.map_err(AppError::from) {
            Ok(_) => return Ok(()),
            Err(AppError::MoreFactorsRequired) if !factor.is_sent() => (ask(request, factor, "").await?, true),
            Err(AppError::MoreFactorsRequired) => return Err(error),
            Err(other) => return Err(other),
        },
    };
    request.state.limits.count_account(Attempt::SecondFactor, &pending.id)?;
    let challenge = pending.challenge.as_deref().ok_or(AppError::StartAgain)?;
    let outcome = answer(&session, challenge, code).await;
    if outcome.is_err() && is_new {
        // Appwrite counts challenges by person, ten an hour: the next try is of the same one.
        request.keep_pending_sign_in(&pending)?;
    }
    outcome
}

async fn answer(session: &SessionClient, challenge: &str, code: String) -> Result<(), AppError> {
    let wrong = || AppError::field("code", Problem::WrongCode);
    if code.len() > LONGEST_CODE {
        return Err(wrong());
    }
    match session.answer_challenge(challenge, &SecretString::from(code)).await {
        Err(error) if error.is("user_invalid_token") => Err(wrong()),
        result => Ok(result?),
    }
}

/// A factor that the account does not have (any more) was offered by a page that is out of date.
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
