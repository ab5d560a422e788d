//! Guest sign-in.

use leptos::prelude::*;

use crate::error::AppError;

/// Signs in as a new guest and redirects to `next`.
///
/// Keeps an existing session, because a new guest account would replace the guest's current one.
#[server(prefix = "/actions", endpoint = "continue_as_guest")]
pub async fn continue_as_guest(
    #[server(default)] next: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use crate::auth::finish::finish_sign_in;
    use crate::security::rate_limit::Attempt;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;
    use appwrite_client::User;

    let request = ActionRequest::for_method(SignInMethod::Guest)?;
    let state = &request.state;
    state.limits.count(Attempt::Guest, request.sender.address, None).await?;
    match request.user_if_any::<User>().await {
        Ok(Some(_)) | Err(AppError::MoreFactorsRequired) => {
            request.go_to_next(&next);
            return Ok(());
        }
        Ok(None) | Err(AppError::SignedOut | AppError::Blocked) => {}
        Err(error) => return Err(error),
    }
    let session = state
        .appwrite
        .admin()
        .create_anonymous_session(&request.sender.visitor())
        .await
        .inspect_err(|error| state.availability.note_refusal(SignInMethod::Guest, error))?;
    finish_sign_in(&request, &session, request.cookie_lifetime(&keep), &next).await
}
