//! The two steps of a sign-in with a passkey.

use leptos::prelude::*;

use crate::error::AppError;
use crate::passkeys::PasskeyOptions;

/// Returns the options for the browser. The challenge's id stays in a sealed cookie, which ties it to this browser.
#[server(prefix = "/actions", endpoint = "ask_passkey")]
pub async fn ask_passkey() -> Result<PasskeyOptions, AppError> {
    use super::challenges::{Challenge, ChallengeCookie};
    use crate::security::rate_limit::Attempt;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(SignInMethod::Passkey)?;
    request.no_store();
    let state = &request.state;
    state.limits.count(Attempt::PasskeyChallenge, request.sender.address, None).await?;
    // The API key passes even if the project has switched passkeys off.
    if !state.sign_in_methods().await.offers(SignInMethod::Passkey) {
        return Err(AppError::MethodUnavailable);
    }
    let challenge = state
        .appwrite
        .admin()
        .create_passkey_challenge(&request.sender.visitor())
        .await
        .inspect_err(|error| state.availability.note_refusal(SignInMethod::Passkey, error))?;
    let text = challenge.public_key["challenge"].as_str();
    let text = text.ok_or_else(|| AppError::internal("Appwrite's options have no challenge"))?.to_owned();
    let kept = Challenge { text: text.clone(), id: challenge.id };
    request.set_cookie(|headers| ChallengeCookie::new(&state.sealer).keep(headers, kept))?;
    Ok(PasskeyOptions { id: text, public_key: challenge.public_key })
}

/// Signs in by the browser's answer and redirects to `next`, if it is a path of this app, or else to the app's default
/// page. `account` is the only user who may sign in, if the page has one. `keep` is that of a sign-in with a password.
#[server(prefix = "/actions", endpoint = "sign_in_with_passkey")]
pub async fn sign_in_with_passkey(
    #[server(default)] id: String,
    #[server(default)] credential: String,
    #[server(default)] next: String,
    #[server(default)] account: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::challenges::ChallengeCookie;
    use crate::account::form_account::check_form_account;
    use crate::auth::finish::finish_sign_in;
    use crate::auth::guest::stays::asks_first;
    use crate::passkeys::parse_credential;
    use crate::security::rate_limit::Attempt;
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(SignInMethod::Passkey)?;
    if asks_first(&request).await? {
        return Ok(());
    }
    let state = &request.state;
    let credential = parse_credential(&credential)?;
    let cookie = ChallengeCookie::new(&state.sealer);
    let challenge = cookie.read(request.headers(), &id).ok_or(AppError::StartAgain)?;
    state.limits.count(Attempt::Passkey, request.sender.address, None).await?;
    // Appwrite accepts each challenge only once, even with a wrong answer.
    request.set_cookie(|headers| cookie.forget(headers, &id))?;
    let (admin, visitor) = (state.appwrite.admin(), request.sender.visitor());
    let expired = |error| match AppError::from(error) {
        AppError::LinkInvalid => AppError::StartAgain,
        error => error,
    };
    let proof = admin.answer_passkey_challenge(&challenge.id, &credential, &visitor).await;
    let (user_id, secret) = proof.map_err(expired)?;
    check_form_account(&user_id, &account)?;
    let session = admin.create_token_session(&user_id, &secret, &visitor).await.map_err(expired)?;
    finish_sign_in(&request, &session, request.cookie_lifetime(&keep), &next).await
}
