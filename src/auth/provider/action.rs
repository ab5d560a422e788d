//! What a provider's button asks our server.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

/// Sends the browser to a provider, to come back signed in and go on to `next`, if that is a path of ours.
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
