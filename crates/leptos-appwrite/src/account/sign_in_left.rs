//! Makes sure that a user keeps at least one way to sign in.

use appwrite_client::Identity;

use super::own::OwnAccount;
use super::password_state::PasswordState;
use crate::error::AppError;
use crate::session::methods::SignInMethod;

/// A credential that is about to be removed.
#[derive(Clone, Copy)]
pub(super) enum Credential<'a> {
    Provider {
        id: &'a str,
        /// All providers that are linked to the account.
        linked: &'a [Identity],
    },
    Passkey {
        id: &'a str,
    },
}

/// Fails if nothing else signs in to the account: with [`AppError::NoPassword`] if a password would, and with
/// [`AppError::LastSignInMethod`] for an account without an email address.
pub(super) async fn require_other_sign_in(account: &OwnAccount, without: Credential<'_>) -> Result<(), AppError> {
    match can_sign_in(account, without).await? {
        true => Ok(()),
        false if account.user.email.is_empty() => Err(AppError::LastSignInMethod),
        false => Err(AppError::NoPassword),
    }
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
    let is_offered = |link: &&Identity| methods.providers.iter().any(|provider| provider.id == link.provider);
    let has_other_provider = match without {
        Credential::Provider { id, linked } => linked.iter().filter(is_offered).any(|link| link.id != id),
        Credential::Passkey { .. } => account.session.identities().await?.iter().any(|link| is_offered(&link)),
    };
    if has_other_provider {
        return Ok(true);
    }
    let passkeys = match methods.offers(SignInMethod::Passkey) {
        true => account.session.passkeys().await?,
        false => Vec::new(),
    };
    Ok(passkeys.iter().any(|passkey| !matches!(without, Credential::Passkey { id } if id == passkey.id)))
}
