//! The OAuth2 providers that sign in to the user's account: which there are, and unlinking them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A linked provider as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedProvider {
    /// The link's id, which is not secret.
    pub id: String,
    /// The provider's name: `GitHub`.
    pub name: String,
    /// The email address there; may be empty.
    pub email: String,
    /// The time of the first sign-in with it, in seconds since 1970.
    pub since: Option<i64>,
}

#[cfg(feature = "ssr")]
mod server {
    use appwrite_client::Identity;

    use super::LinkedProvider;
    use crate::account::own::OwnAccount;
    use crate::config::providers::provider;
    use crate::error::AppError;
    use crate::session::methods::SignInMethod;

    impl From<Identity> for LinkedProvider {
        fn from(identity: Identity) -> Self {
            let name = provider(&identity.provider).map(|known| known.name);
            Self {
                id: identity.id,
                name: name.unwrap_or(identity.provider),
                email: identity.provider_email,
                since: identity.created_at.map(|at| at.as_second()),
            }
        }
    }

    /// True if the user can sign in without the link `id`.
    pub(super) async fn can_sign_in_without(
        id: &str,
        linked: &[Identity],
        account: &OwnAccount,
    ) -> Result<bool, AppError> {
        let user = &account.user;
        let methods = account.request.state.sign_in_methods().await;
        let offers = |all: &[SignInMethod]| all.iter().any(|method| methods.offers(*method));
        let is_open = |link: &Identity| methods.providers.iter().any(|open| open.id == link.provider);
        let can = linked.iter().any(|link| link.id != id && is_open(link))
            || (!user.email.is_empty() && user.password_update.is_some())
            || (!user.email.is_empty() && offers(&[SignInMethod::MagicLink, SignInMethod::EmailCode]))
            || (!user.phone.is_empty() && offers(&[SignInMethod::PhoneCode]));
        Ok(can || (methods.offers(SignInMethod::Passkey) && !account.session.passkeys().await?.is_empty()))
    }
}

/// Returns the linked providers, the oldest first.
#[server(prefix = "/actions", endpoint = "list_linked_providers")]
pub async fn list_linked_providers() -> Result<Vec<LinkedProvider>, AppError> {
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.state.site.paths.linked_providers.ok_or(AppError::MethodUnavailable)?;
    request.no_store();
    let mut identities = request.session()?.identities().await?;
    identities.sort_by_key(|identity| identity.created_at);
    Ok(identities.into_iter().map(LinkedProvider::from).collect())
}

/// Unlinks a provider. Fails with [`AppError::NoPassword`] if it is the last way to sign in.
#[server(prefix = "/actions", endpoint = "unlink_provider")]
pub async fn unlink_provider(
    #[server(default)] id: String,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::session::Success;
    use crate::session::own_path::OwnPath;

    let account = OwnAccount::of_form(|paths| paths.linked_providers, &account).await?;
    let page = account.request.state.site.paths.linked_providers.ok_or(AppError::MethodUnavailable)?;
    let identities = account.session.identities().await?;
    if identities.iter().any(|identity| identity.id == id) {
        if !server::can_sign_in_without(&id, &identities, &account).await? {
            return Err(AppError::NoPassword);
        }
        account.require_factor_if_on().await?;
        match account.session.delete_identity(&id).await {
            Err(error) if error.is("user_identity_not_found") => {}
            result => result?,
        }
    }
    account.request.leave_success(Success::ProviderUnlinked);
    account.request.go_to(&OwnPath::of_page(page));
    Ok(())
}
