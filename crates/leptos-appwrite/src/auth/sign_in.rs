//! Sign-in with email and password.

use leptos::prelude::*;

use crate::error::AppError;

/// Signs in and redirects to `next` if it is a path of this app, or else to the app's default page. Without `keep=yes`, the
/// browser forgets the session when it is closed.
#[server(prefix = "/actions", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::finish::finish_sign_in;
    use super::guest::stays::asks_first;
    use super::password::{self, Credentials};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    if asks_first(&request).await? {
        return Ok(());
    }
    let credentials = Credentials::new(&email, password);
    let session = password::sign_in(&request.state, &request.sender, &credentials).await?;
    request.remember_account(&credentials.email);
    finish_sign_in(&request, &session, request.cookie_lifetime(&keep), &next).await
}
