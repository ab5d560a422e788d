//! Guest sign-in: an account without email or password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::english::sentence;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use crate::components::{FormAction, HiddenField, Notice, PostForm, SubmitButton, Tone};

/// Signs in as a new guest and redirects to `next`.
///
/// Keeps an existing session: a new guest account would cost a guest the one they have.
#[server(prefix = "/actions", endpoint = "continue_as_guest")]
pub async fn continue_as_guest(#[server(default)] next: String) -> Result<(), AppError> {
    use crate::person::Person;
    use leptos_appwrite::auth::finish::finish_sign_in;
    use leptos_appwrite::security::rate_limit::Attempt;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let state = &request.state;
    state.limits.count(Attempt::Guest, request.sender.address, None)?;
    match request.user_if_any::<Person>().await {
        Ok(Some(_)) | Err(AppError::MoreFactorsRequired) => {
            request.go_to_next(&next);
            return Ok(());
        }
        Ok(None) | Err(AppError::SignedOut | AppError::Blocked) => {}
        Err(error) => return Err(error),
    }
    let session = state
        .appwrite
        .admin()
        .create_anonymous_session(&request.sender.visitor())
        .await
        .inspect_err(|error| state.availability.note_refusal(SignInMethod::Guest, error))?;
    finish_sign_in(&request, &session, &next).await
}

/// The button to continue as a guest; empty if the project allows no guests.
#[component]
pub fn GuestForm(
    /// Path to open after sign-in.
    next: Option<String>,
) -> impl IntoView {
    let action = FormAction::of::<ContinueAsGuest>();
    if use_sign_in_methods().offers(SignInMethod::Guest) {
        return view! {
            <PostForm action id="guest" class="guest">
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <SubmitButton class="button button-quiet">"Continue as guest"</SubmitButton>
                <p class="hint">"No email or password needed. You can save your account later."</p>
            </PostForm>
        }
        .into_any();
    }
    // Shows the error of a form sent from a page that was loaded before guests were switched off.
    let refusal = take_submission(ContinueAsGuest::PATH).and_then(|left| left.outcome.err());
    refusal.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> }).into_any()
}
