//! The server functions of the page with the passkeys.

use leptos::prelude::*;

use super::Passkey;
use crate::error::AppError;
use crate::json::Answer;
use crate::passkeys::PasskeyOptions;

#[cfg(feature = "ssr")]
mod server {
    use crate::account::own::OwnAccount;
    use crate::account::passkeys::MAX_NAME_LENGTH;
    use crate::error::{AppError, Problem};
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::own_path::OwnPath;

    pub(super) async fn of_form(account: &str) -> Result<OwnAccount, AppError> {
        OwnAccount::of_form(|paths| paths.passkeys.map(|pages| pages.list), account).await
    }

    pub(super) fn checked_name(name: &str) -> Result<&str, AppError> {
        match name.trim() {
            "" => Err(AppError::field("name", Problem::Missing)),
            name if name.chars().count() > MAX_NAME_LENGTH => {
                Err(AppError::field("name", Problem::TooLong(MAX_NAME_LENGTH)))
            }
            name => Ok(name),
        }
    }

    pub(super) async fn count(account: &OwnAccount) -> Result<(), AppError> {
        account
            .request
            .state
            .limits
            .count(Attempt::Passkey, account.request.sender.address, Some(&account.user.id))
            .await
    }

    /// Opens the page with the passkeys, which shows what has changed.
    pub(super) fn go_back(account: &OwnAccount, success: Success) {
        account.request.leave_success(success);
        if let Some(pages) = account.request.state.site.paths.passkeys {
            account.request.go_to(&OwnPath::of_page(pages.list));
        }
    }
}

/// Returns the user's passkeys, the oldest first.
#[server(prefix = "/actions", endpoint = "list_passkeys", output = Answer)]
pub async fn list_passkeys() -> Result<Vec<Passkey>, AppError> {
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(SignInMethod::Passkey)?;
    request.no_store();
    Ok(request.session()?.passkeys().await?.into_iter().map(Passkey::from).collect())
}

/// Returns the options for a new passkey of this name. Fails with [`AppError::Forbidden`] for a guest, who must save
/// the account first.
#[server(prefix = "/actions", endpoint = "begin_passkey", output = Answer)]
pub async fn begin_passkey(
    #[server(default)] name: String,
    #[server(default)] account: String,
) -> Result<PasskeyOptions, AppError> {
    use crate::session::methods::SignInMethod;

    let account = server::of_form(&account).await?;
    account.request.no_store();
    if account.user.is_guest() {
        return Err(AppError::Forbidden);
    }
    let name = server::checked_name(&name)?;
    server::count(&account).await?;
    let availability = &account.request.state.availability;
    let challenge = account.session.create_passkey(name).await;
    let challenge = challenge.inspect_err(|error| availability.note_refusal(SignInMethod::Passkey, error))?;
    Ok(PasskeyOptions { id: challenge.passkey_id, public_key: challenge.public_key })
}

/// Adds the passkey that the browser created.
#[server(prefix = "/actions", endpoint = "add_passkey")]
pub async fn add_passkey(
    #[server(default)] id: String,
    #[server(default)] credential: String,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    use crate::passkeys::parse_credential;
    use crate::session::Success;

    let account = server::of_form(&account).await?;
    let credential = parse_credential(&credential)?;
    server::count(&account).await?;
    match account.session.confirm_passkey(&id, &credential).await.map_err(AppError::from) {
        // The challenge has expired, or another tab has replaced it.
        Err(AppError::LinkInvalid | AppError::NotFound) => Err(AppError::PasskeyRefused),
        Err(error) => Err(error),
        Ok(_) => {
            server::go_back(&account, Success::PasskeyAdded);
            Ok(())
        }
    }
}

/// Renames a passkey. Fails with [`AppError::OutOfDate`] if it is gone.
#[server(prefix = "/actions", endpoint = "rename_passkey")]
pub async fn rename_passkey(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    use crate::session::Success;

    let account = server::of_form(&account).await?;
    let name = server::checked_name(&name)?;
    match account.session.rename_passkey(&id, name).await.map_err(AppError::from) {
        Err(AppError::NotFound) => return Err(AppError::OutOfDate),
        result => drop(result?),
    }
    server::go_back(&account, Success::PasskeyRenamed(name.to_owned()));
    Ok(())
}

/// Removes a passkey. Fails with [`AppError::NoPassword`] or [`AppError::LastSignInMethod`] if nothing else signs in;
/// otherwise succeeds even if the passkey is already gone.
#[server(prefix = "/actions", endpoint = "remove_passkey")]
pub async fn remove_passkey(#[server(default)] id: String, #[server(default)] account: String) -> Result<(), AppError> {
    use crate::account::sign_in_left::{Credential, require_other_sign_in};
    use crate::session::Success;

    let account = server::of_form(&account).await?;
    require_other_sign_in(&account, Credential::Passkey { id: &id }).await?;
    match account.session.delete_passkey(&id).await.map_err(AppError::from) {
        Ok(()) | Err(AppError::NotFound) => {}
        Err(error) => return Err(error),
    }
    server::go_back(&account, Success::PasskeyRemoved);
    Ok(())
}
