//! OAuth2 sign-in with a provider's account.
//!
//! The button posts to our server, which redirects through Appwrite to the provider. Appwrite redirects back with a
//! secret that our server exchanges for a session. A random state, in a cookie and in the return URL, ties both to one
//! browser.
//!
//! A signed-in user cannot link a provider: Appwrite would need its own cookie in the browser.
//! Instead, Appwrite opens the account with the same email address, if the provider has verified it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::oauth::SignInWithProvider;
use leptos_appwrite::english::sentence;
use leptos_appwrite::session::methods::Provider;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use super::keep::KeepField;
use super::provider_logo::provider_logo;
use crate::components::{FormAction, HiddenField, Notice, PostForm, SubmitButton, Tone};

/// Buttons of the providers that this site offers, and the divider below them; empty without any.
#[component]
pub fn ProviderButtons(
    /// Path to open after sign-in.
    next: Option<String>,
) -> impl IntoView {
    let providers = use_sign_in_methods().providers;
    if providers.is_empty() {
        // Shows the error of a form sent from a page that was loaded before the last provider was switched off.
        let refusal = take_submission(SignInWithProvider::PATH).and_then(|left| left.outcome.err());
        return refusal.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> }).into_any();
    }
    let action = FormAction::of::<SignInWithProvider>();
    view! {
        <PostForm action id="providers" class="stack" label="Sign in with another service">
            {next.map(|next| view! { <HiddenField name="next" value=next/> })}
            <ul class="button-list">
                {providers.into_iter().map(|provider| view! { <li><ProviderButton provider/></li> }).collect_view()}
            </ul>
            <p class="hint">"We'll match your account by verified email, or create a new one."</p>
            <KeepField/>
        </PostForm>
        <p class="or">"or"</p>
    }
    .into_any()
}

#[component]
fn ProviderButton(provider: Provider) -> impl IntoView {
    let Provider { id, name } = provider;
    view! {
        <SubmitButton class="button button-quiet" field=("provider", id.clone())>
            {provider_logo(&id)}
            <span>"Continue with " {name}</span>
        </SubmitButton>
    }
}
