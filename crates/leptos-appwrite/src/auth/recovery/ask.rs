//! The request for the link. The response never reveals if an account exists.

use leptos::prelude::*;

use crate::error::AppError;

/// Emails a reset link if an account has this address; the response is the same without one.
#[server(prefix = "/actions", endpoint = "ask_recovery")]
pub async fn ask_recovery(#[server(default)] email: String) -> Result<(), AppError> {
    use crate::auth::fields::email_problem;
    use crate::auth::sent_to::link_for;
    use crate::error::FieldErrors;
    use crate::security::rate_limit::Attempt;
    use crate::session::methods::SignInMethod;
    use crate::session::own_path::OwnPath;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let pages = request.state.site.paths.recovery.ok_or(AppError::MethodUnavailable)?;
    let (state, email) = (&request.state, email.trim());
    let mut errors = FieldErrors::default();
    errors.note("email", email_problem(email));
    errors.check()?;
    state.limits.count(Attempt::Recovery, request.sender.address, Some(email)).await?;
    let link = link_for(state, pages.open, email);
    let work = async {
        match state.appwrite.admin().create_recovery(email, &link, &request.sender.visitor()).await {
            Ok(_) => Ok(()),
            Err(error) if error.is("user_not_found") || error.is("user_blocked") => Ok(()),
            Err(error) => {
                state.availability.note_refusal(SignInMethod::Recovery, &error);
                Err(AppError::of_form(error, &[("email", "email")]))
            }
        }
    };
    state.response_timing.answer(work).await?;
    request.go_to(&OwnPath::of_page(pages.sent));
    Ok(())
}
