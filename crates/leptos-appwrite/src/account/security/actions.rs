//! The server functions of the security page.

use leptos::prelude::*;

use super::state::SecondFactorState;
use crate::error::AppError;

/// Returns the state of the second factor.
#[server(prefix = "/actions", endpoint = "account_security")]
pub async fn account_security() -> Result<SecondFactorState, AppError> {
    use super::answers::on_pages;
    use appwrite_client::User;

    let (request, _) = on_pages()?;
    request.no_store();
    let session = request.session()?;
    let factors = async { session.factors().await.map_err(AppError::from) };
    let (user, has) = tokio::try_join!(request.user::<User>(), factors)?;
    Ok(SecondFactorState {
        is_on: user.mfa,
        has_authenticator: has.totp,
        has_recovery_codes: has.recovery_code,
        has_custom: has.custom,
        email: user.email,
        is_email_verified: has.email,
        phone: user.phone,
        is_phone_verified: has.phone,
    })
}

/// Turns the second factor on, if the account has one.
#[server(prefix = "/actions", endpoint = "turn_on_second_factor")]
pub async fn turn_on_second_factor(#[server(default)] account: String) -> Result<(), AppError> {
    use super::answers::{check_account, go_back, has_factor, on_pages};
    use crate::session::Success;

    let (request, pages) = on_pages()?;
    check_account(&request, &account).await?;
    let session = request.session()?;
    if !has_factor(session.factors().await?) {
        return Err(AppError::BadRequest);
    }
    session.update_mfa(true).await?;
    go_back(&request, pages, Success::SecondFactorOn);
    Ok(())
}

/// Turns the second factor off. Asks for it once more if the account has one, because Appwrite does not.
#[server(prefix = "/actions", endpoint = "turn_off_second_factor")]
pub async fn turn_off_second_factor(#[server(default)] account: String) -> Result<(), AppError> {
    use super::answers::{check_account, go_back, has_factor, on_pages};
    use crate::session::Success;

    let (request, pages) = on_pages()?;
    check_account(&request, &account).await?;
    let session = request.session()?;
    if has_factor(session.factors().await?) {
        session.require_recent_challenge().await?;
    }
    session.update_mfa(false).await?;
    go_back(&request, pages, Success::SecondFactorOff);
    Ok(())
}

/// Removes the authenticator app. Turns the second factor off if it was the last one.
#[server(prefix = "/actions", endpoint = "remove_authenticator")]
pub async fn remove_authenticator(#[server(default)] account: String) -> Result<(), AppError> {
    use super::answers::{check_account, go_back, has_factor, on_pages};
    use crate::session::Success;

    let (request, pages) = on_pages()?;
    check_account(&request, &account).await?;
    let session = request.session()?;
    match session.delete_authenticator().await {
        Err(error) if error.is("user_authenticator_not_found") => {}
        result => result?,
    }
    if !has_factor(session.factors().await?) {
        session.update_mfa(false).await?;
    }
    go_back(&request, pages, Success::AuthenticatorRemoved);
    Ok(())
}
