//! Guest sign-in: an account without email or password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::guest::ContinueAsGuest;
use leptos_appwrite::english::sentence;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use crate::components::{FormAction, HiddenField, Notice, PostForm, SubmitButton, Tone};

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
