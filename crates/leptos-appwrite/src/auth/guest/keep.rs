//! Turns a guest's account into a full one.

use leptos::prelude::*;

use crate::error::AppError;

/// Adds a name, an email address and a password to a guest's account. The data and the session stay.
#[server(prefix = "/actions", endpoint = "keep_account")]
pub async fn keep_account(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use appwrite_client::User;

    use crate::auth::password::{Credentials, check_new_member, of_new_member};
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(SignInMethod::Guest)?;
    if !request.state.site.offers_sign_up {
        return Err(AppError::MethodUnavailable);
    }
    let (session, user) = (request.session()?, request.user::<User>().await?);
    if !user.email.is_empty() || !user.phone.is_empty() {
        // The form comes from an old page. With a full account, `update_email` would change the existing email address.
        request.go_to_next("");
        return Ok(());
    }
    let (name, credentials) = (name.trim(), Credentials::new(&email, password));
    check_new_member(name, &credentials)?;
    request.state.limits.count(Attempt::SignUp, request.sender.address, Some(&user.id)).await?;
    session.update_email(&credentials.email, credentials.password.composed()).await.map_err(of_new_member)?;
    request.remember_account(&credentials.email);
    // The account is saved now; the user can set the name later.
    if let Err(error) = session.update_name(name).await {
        tracing::warn!(%error, "a guest account was saved without the user's name");
    }
    request.leave_success(Success::AccountKept);
    request.go_to_next("");
    Ok(())
}
