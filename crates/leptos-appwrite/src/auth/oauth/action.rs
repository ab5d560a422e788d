//! The server function behind a provider's button.

use leptos::prelude::*;

use crate::error::AppError;

/// Redirects to the provider. After sign-in the user continues to `next`, if it is a path of this app.
#[server(prefix = "/actions", endpoint = "sign_in_with_provider")]
pub async fn sign_in_with_provider(
    #[server(default)] provider: String,
    #[server(default)] next: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::start::start;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    start(&request, &provider, &next, request.cookie_lifetime(&keep)).await
}
