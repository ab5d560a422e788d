//! Sign-up with name, email and password.

use leptos::prelude::*;

use crate::error::AppError;

/// Creates an account, signs in to it, and redirects to `next` like a sign-in, with the same `keep`.
#[server(prefix = "/actions", endpoint = "sign_up")]
pub async fn sign_up(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::finish::finish_sign_in;
    use super::guest::stays::asks_first;
    use super::password::{self, Credentials};
    use crate::session::Success;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    if !request.state.site.offers_sign_up {
        return Err(AppError::MethodUnavailable);
    }
    if asks_first(&request).await? {
        return Ok(());
    }
    let credentials = Credentials::new(&email, password);
    let session = password::sign_up(&request.state, &request.sender, &name, &credentials).await?;
    request.remember_account(&credentials.email);
    finish_sign_in(&request, &session, request.cookie_lifetime(&keep), &next).await?;
    request.leave_success(Success::SignedUp);
    Ok(())
}
