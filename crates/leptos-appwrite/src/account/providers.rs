//! Lists the OAuth2 providers that sign in to the user's account, and unlinks them.

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
    /// The email address at the provider; may be empty.
    pub email: String,
    /// The time of the first sign-in with it, in seconds since 1970.
    pub since: Option<i64>,
}

#[cfg(feature = "ssr")]
mod server {
    use appwrite_client::Identity;

    use super::LinkedProvider;
    use crate::config::providers::provider;

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

/// Unlinks a provider. Fails with [`AppError::NoPassword`] or [`AppError::LastSignInMethod`] if nothing else signs in.
#[server(prefix = "/actions", endpoint = "unlink_provider")]
pub async fn unlink_provider(
    #[server(default)] id: String,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use super::sign_in_left::{Credential, require_other_sign_in};
    use crate::session::Success;
    use crate::session::own_path::OwnPath;

    let account = OwnAccount::of_form(|paths| paths.linked_providers, &account).await?;
    let page = account.request.state.site.paths.linked_providers.ok_or(AppError::MethodUnavailable)?;
    let linked = account.session.identities().await?;
    if linked.iter().any(|identity| identity.id == id) {
        require_other_sign_in(&account, Credential::Provider { id: &id, linked: &linked }).await?;
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
