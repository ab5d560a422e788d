//! The choice of a theme.

use leptos::prelude::*;

use super::Theme;
use crate::error::AppError;

/// Keeps the theme in this browser. Needs no session.
#[server(prefix = "/actions", endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<(), AppError> {
    use super::cookie;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let is_https = request.state.cookie.is_https();
    request.set_cookie(|_| cookie::set(theme, is_https))
}
