//! The server function behind a provider's button.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

/// Redirects to the provider. After sign-in the user continues to `next`, if it is a path of this site.
#[server(prefix = "/actions", endpoint = "sign_in_with_provider")]
pub async fn sign_in_with_provider(
    #[server(default)] provider: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use leptos_appwrite::auth::oauth::departure::depart;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let (trip, provider_page) = depart(&request.state, &request.sender, &provider, &next).await?;
    request.keep_round_trip(&trip)?;
    request.go_elsewhere(&provider_page);
    Ok(())
}
