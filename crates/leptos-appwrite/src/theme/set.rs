//! The choice of a theme.

use leptos::prelude::*;

use super::Theme;
use crate::error::AppError;

/// Keeps the theme in this browser, and in the account of a signed-in user. Needs no session.
#[server(prefix = "/actions", endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<(), AppError> {
    use super::account::{self, Stored};
    use super::cookie::{self, StoredTheme};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let is_https = request.state.cookie.is_https();
    let is_here_only = match request.session() {
        // After a sign-out, the account's theme applies again from the next sign-in.
        Ok(session) => account::store(&session, theme).await == Stored::HereOnly,
        Err(_) => false,
    };
    request.set_cookie(|_| cookie::set(StoredTheme { theme, is_here_only }, is_https))
}
