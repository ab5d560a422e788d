//! The request for the link.

use leptos::prelude::*;

use crate::error::AppError;

/// Emails the confirmation link. Reloads `page`, which holds the form, if the address is confirmed already.
///
/// `to` is the address that the page shows; may be empty. Fails with [`AppError::OutOfDate`] if the account has another
/// one now.
#[server(prefix = "/actions", endpoint = "send_verification")]
pub async fn send_verification(#[server(default)] page: String, #[server(default)] to: String) -> Result<(), AppError> {
    use super::sent::remember;
    use crate::auth::sent_to::link_for;
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;
    use appwrite_client::User;

    let request = ActionRequest::current()?;
    let state = &request.state;
    let page_of_link = state.site.paths.verification.ok_or(AppError::MethodUnavailable)?;
    let (session, user) = (request.session()?, request.user::<User>().await?);
    if user.email.is_empty() {
        return Err(AppError::Forbidden);
    }
    if !to.is_empty() && to != user.email {
        return Err(AppError::OutOfDate);
    }
    state.limits.count(Attempt::Verification, request.sender.address, Some(&user.id)).await?;
    match session.create_email_verification(&link_for(state, page_of_link, &user.email)).await {
        Err(error) if error.is("user_email_already_verified") => {
            request.leave_success(Success::EmailConfirmed);
            request.go_to_next(&page);
            Ok(())
        }
        Err(error) => {
            state.availability.note_refusal(SignInMethod::Verification, &error);
            Err(error.into())
        }
        Ok(_) => remember(&request, &user),
    }
}
