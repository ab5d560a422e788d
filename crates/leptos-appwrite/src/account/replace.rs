//! Replaces a password, and ends the sessions that were started with the old one.

use appwrite_client::AppwriteError;
use secrecy::SecretString;

use super::others::end_others;
use super::own::OwnAccount;
use crate::auth::typed_password::TypedPassword;
use crate::error::{AppError, Problem};

/// Replaces the old password.
pub(super) async fn replace(
    account: &OwnAccount,
    old: Option<&TypedPassword>,
    new: &SecretString,
) -> Result<(), AppError> {
    let (session, visitor) = (&account.session, &account.request.sender.visitor());
    let wrong = || AppError::field("old_password", Problem::WrongPassword);
    let outcome = match old {
        Some(old) => {
            let update = |old| async move { session.update_password(new, Some(&old), visitor).await };
            old.prove(update).await.ok_or_else(wrong)?
        }
        None => session.update_password(new, None, visitor).await,
    };
    outcome.map(drop).map_err(|error| match (error.kind(), error.parameter()) {
        // The account has received a password since the form was rendered.
        (Some("user_invalid_credentials"), _) if old.is_none() => AppError::OutOfDate,
        (Some("user_invalid_credentials"), _) | (_, Some("oldPassword")) => wrong(),
        _ => AppError::of_form(error, &[("password", "password")]),
    })
}

/// Ends all sessions of the user but this one.
pub(super) async fn end_other_sessions(account: &OwnAccount) -> Result<(), AppwriteError> {
    let outcome = async { end_others(&account.session, account.session.sessions().await?).await }.await;
    if let Err(error) = &outcome {
        tracing::warn!(%error, "the other sessions of an account with a new password could not be ended");
    }
    outcome
}
