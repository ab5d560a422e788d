//! The confirmation, by the link's secret.

use leptos::prelude::*;

use crate::error::AppError;

/// Confirms an email address by the link's secret. Needs no session.
#[server(prefix = "/actions", endpoint = "confirm_email")]
pub async fn confirm_email(
    #[server(default)] user_id: String,
    #[server(default)] secret: String,
) -> Result<(), AppError> {
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::mail_link::MailLink;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;
    use appwrite_client::User;

    let request = ActionRequest::for_method(SignInMethod::Verification)?;
    let state = &request.state;
    let MailLink { user_id, secret } = MailLink::parse(&user_id, &secret).ok_or(AppError::LinkInvalid)?;
    state.limits.count(Attempt::Proof, request.sender.address, None).await?;
    let guest = state.appwrite.guest();
    let work = async { guest.confirm_email(&user_id, &secret.into()).await.map_err(AppError::of_mail_link) };
    let outcome = state.steady.refusal(work).await;
    if let Err(error) = outcome {
        // A second click on the same link succeeds if this user's address is confirmed already.
        let user = request.user_if_any::<User>().await.ok().flatten();
        let is_done = user.is_some_and(|user| user.id == user_id && user.email_verification);
        if error != AppError::LinkInvalid || !is_done {
            return Err(error);
        }
    }
    request.leave_success(Success::EmailConfirmed);
    request.go_to_next("");
    Ok(())
}
