//! The confirmation of the account's phone number, by a code in a text message.

use leptos::prelude::*;

use crate::error::AppError;

/// Texts a code to the account's phone number, and opens the page for it. `account` comes from
/// [`AccountField`](super::AccountField).
#[server(prefix = "/actions", endpoint = "send_phone_code")]
pub async fn send_phone_code(#[server(default)] account: String) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::methods::SignInMethod;
    use crate::session::own_path::OwnPath;

    let OwnAccount { request, session, user } = OwnAccount::of_form(|paths| paths.confirm_phone, &account).await?;
    let state = &request.state;
    let page = state.site.paths.confirm_phone.ok_or(AppError::MethodUnavailable)?;
    if user.phone.is_empty() {
        return Err(AppError::OutOfDate);
    }
    state.limits.count(Attempt::PhoneVerification, request.sender.address, Some(&user.phone)).await?;
    // Counts by account too: otherwise a user could change the number to send more messages.
    state.limits.count_account(Attempt::PhoneVerification, &user.id).await?;
    match session.create_phone_verification(&request.sender.visitor()).await {
        Err(error) if error.is("user_phone_already_verified") => request.leave_success(Success::PhoneConfirmed),
        Err(error) => {
            state.availability.note_refusal(SignInMethod::PhoneCode, &error);
            return Err(error.into());
        }
        Ok(_) => request.leave_success(Success::CodeSent),
    }
    request.go_to(&OwnPath::of_page(page));
    Ok(())
}

/// Confirms the phone number by the texted code, and redirects to `next`.
#[server(prefix = "/actions", endpoint = "confirm_phone")]
pub async fn confirm_phone(
    #[server(default)] code: String,
    #[server(default)] account: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::auth::fields::sent_code;
    use crate::error::Problem;
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;

    let account = OwnAccount::of_form(|paths| paths.confirm_phone, &account).await?;
    let (request, user) = (&account.request, &account.user);
    if !user.phone_verification {
        let code = sent_code(&code).map_err(|problem| AppError::field("code", problem))?;
        // Counts by account and number: a stranger's guesses at sign-in codes count by account, and must not use up
        // these tries.
        let key = format!("{} {}", user.id, user.phone);
        request.state.limits.count(Attempt::Proof, request.sender.address, Some(&key)).await?;
        match account.session.confirm_phone(&user.id, &code.into()).await {
            Err(error) if error.is("user_invalid_token") => {
                return Err(AppError::field("code", Problem::WrongCode));
            }
            result => result?,
        }
    }
    account.finish(Success::PhoneConfirmed, &next);
    Ok(())
}
