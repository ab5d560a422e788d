//! Keeps the last way to sign in to the account.

use appwrite_client::Identity;

use super::own::OwnAccount;
use super::password_state::PasswordState;
use crate::error::AppError;
use crate::session::methods::SignInMethod;

/// A credential that is about to be removed, by its id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential<'a> {
    Provider(&'a str),
    Passkey(&'a str),
}

/// Fails with [`AppError::NoPassword`] if nothing else signs in to the account.
pub(super) async fn require_other_sign_in(account: &OwnAccount, without: Credential<'_>) -> Result<(), AppError> {
    if can_sign_in(account, without).await? { Ok(()) } else { Err(AppError::NoPassword) }
}

async fn can_sign_in(account: &OwnAccount, without: Credential<'_>) -> Result<bool, AppError> {
    let user = &account.user;
    let methods = account.request.state.sign_in_methods().await;
    let offers = |all: &[SignInMethod]| all.iter().any(|method| methods.offers(*method));
    // Beside a confirmed email address, an unconfirmed number does not sign in (`first_proof::refuse_phone`).
    let phone_signs_in = !user.phone.is_empty() && (user.phone_verification || !user.email_verification);
    if !user.email.is_empty() && offers(&[SignInMethod::MagicLink, SignInMethod::EmailCode])
        || phone_signs_in && offers(&[SignInMethod::PhoneCode])
    {
        return Ok(true);
    }
    if !user.email.is_empty() && account.password_state().await? == PasswordState::Set {
        return Ok(true);
    }
    let is_other = |link: &Identity| {
        let is_open = methods.providers.iter().any(|open| open.id == link.provider);
        is_open && without != Credential::Provider(&link.id)
    };
    if account.session.identities().await?.iter().any(is_other) {
        return Ok(true);
    }
    let passkeys = match methods.offers(SignInMethod::Passkey) {
        true => account.session.passkeys().await?,
        false => Vec::new(),
    };
    Ok(passkeys.iter().any(|passkey| without != Credential::Passkey(&passkey.id)))
}
