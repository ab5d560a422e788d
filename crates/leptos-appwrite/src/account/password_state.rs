//! The state of the account's password.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The state of the account's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordState {
    /// The account has a password.
    Set,
    /// The account never had a password. [`ChangePassword`](super::ChangePassword) sets the first one.
    NeverSet,
    /// The password was removed. Appwrite still asks for it before it accepts another one, so only a reset link sets a
    /// new one.
    Removed,
}

#[cfg(feature = "ssr")]
mod server {
    use appwrite_client::User;

    use super::PasswordState;
    use crate::error::AppError;
    use crate::state::AppState;

    impl PasswordState {
        /// Asks Appwrite with the API key: to the account itself, Appwrite reports a removed password as set.
        pub(in crate::account) async fn of(state: &AppState, user: &User) -> Result<Self, AppError> {
            if user.password_update.is_none() {
                return Ok(Self::NeverSet);
            }
            match state.appwrite.admin().claims(&user.id).await {
                Ok(claims) if claims.has_password => Ok(Self::Set),
                Ok(_) => Ok(Self::Removed),
                // The key lacks `users.read`. With such a key, the app removes no password.
                Err(error) if error.is("general_unauthorized_scope") => Ok(Self::Set),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// Returns the state of the user's password.
#[server(prefix = "/actions", endpoint = "read_password_state")]
pub async fn read_password_state() -> Result<PasswordState, AppError> {
    use crate::session::request::ActionRequest;
    use appwrite_client::User;

    let request = ActionRequest::current()?;
    request.no_store();
    let user = request.user::<User>().await?;
    PasswordState::of(&request.state, &user).await
}
