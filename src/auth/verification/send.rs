//! Sends the confirmation link.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

/// Emails the confirmation link. Reloads `page`, which holds the form, if the address is confirmed already.
#[server(prefix = "/actions", endpoint = "send_verification")]
pub async fn send_verification(#[server(default)] page: String) -> Result<(), AppError> {
    use crate::person::Person;
    use leptos_appwrite::security::rate_limit::Attempt;
    use leptos_appwrite::session::Success;
    use leptos_appwrite::session::methods::SignInMethod;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let (session, person) = (request.session()?, request.user::<Person>().await?);
    if person.email.is_empty() {
        return Err(AppError::Forbidden);
    }
    let state = &request.state;
    state.limits.count(Attempt::Verification, request.sender.address, Some(&person.id))?;
    let link = state.config.origin.url("/account/confirm");
    match session.create_email_verification(&link).await {
        Err(error) if error.is("user_email_already_verified") => {
            request.leave_success(Success::EmailConfirmed);
            request.go_to_next(&page);
            Ok(())
        }
        Err(error) => {
            state.availability.note_refusal(SignInMethod::Verification, &error);
            Err(error.into())
        }
        Ok(_) => Ok(()),
    }
}

/// Returns true once the user's email address is confirmed.
#[server(prefix = "/actions", endpoint = "email_is_confirmed")]
pub async fn email_is_confirmed() -> Result<bool, AppError> {
    use crate::person::Person;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    Ok(request.user::<Person>().await?.email_verified)
}
