//! The confirmation, by the link's secret.

use leptos::prelude::*;

use crate::error::AppError;

/// Confirms an email address by the link's secret. Fails with [`AppError::SignInToConfirm`] unless this browser is signed in
/// to the account of the link.
///
/// Anyone can sign up with another's address and have the link sent: the owner of the address must not confirm a
/// stranger's account. `address` is the link's hash of the address that it was sent to: it must still be the account's.
#[server(prefix = "/actions", endpoint = "confirm_email")]
pub async fn confirm_email(
    #[server(default)] user_id: String,
    #[server(default)] secret: String,
    #[server(default)] address: String,
) -> Result<(), AppError> {
    use crate::auth::sent_to::{SentTo, is_link_to};
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
    let user = match request.user_if_any::<User>().await {
        Ok(user) => user.filter(|user| user.id == user_id).ok_or(AppError::SignInToConfirm)?,
        Err(AppError::SignedOut) => return Err(AppError::SignInToConfirm),
        Err(error) => return Err(error),
    };
    if !is_link_to(&state.hash, &address, &user.email) {
        return Err(AppError::LinkInvalid);
    }
    match state.appwrite.guest().confirm_email(&user_id, &secret.into()).await.map_err(AppError::of_mail_link) {
        // The user has clicked the same link a second time.
        Err(AppError::LinkInvalid) if user.email_verification => {}
        result => result?,
    }
    if !SentTo::Link(address).is_still_of(state, &user_id).await {
        return Err(AppError::LinkInvalid);
    }
    request.leave_success(Success::EmailConfirmed);
    request.go_to_next("");
    Ok(())
}
