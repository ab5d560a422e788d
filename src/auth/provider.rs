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

use crate::components::{FormAction, HiddenField, Notice, PostForm, SubmitButton, Tone};

/// Buttons of the providers that this site offers; empty without any.
#[component]
pub fn ProviderButtons(
    /// Path to open after sign-in.
    next: Option<String>,
) -> impl IntoView {
    let providers = use_sign_in_methods().providers;
    // Shows the error here if the provider is no longer offered, as its button is gone.
    let is_offered = |id: Option<&String>| providers.iter().any(|provider| Some(&provider.id) == id);
    let left = take_submission(SignInWithProvider::PATH).filter(|left| !is_offered(left.typed.get("provider")));
    let refusal = left.and_then(|left| left.outcome.err());
    view! {
        {refusal.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> })}
        <Buttons providers next/>
    }
}

#[component]
fn Buttons(
    providers: Vec<Provider>,
    /// Path to open after sign-in.
    next: Option<String>,
) -> impl IntoView {
    (!providers.is_empty()).then(|| {
        let buttons = providers
            .into_iter()
            .map(|provider| view! { <li><ProviderButton provider next=next.clone()/></li> })
            .collect_view();
        view! {
            <section class="other-ways" aria-label="Other services">
                <ul class="button-list">{buttons}</ul>
                <p class="hint">
                    "We'll match your account by verified email, or create a new one."
                </p>
            </section>
        }
    })
}

/// A form with one button.
#[component]
fn ProviderButton(
    provider: Provider,
    /// Path to open after sign-in.
    next: Option<String>,
) -> impl IntoView {
    let action = FormAction::of::<SignInWithProvider>();
    let Provider { id, name } = provider;
    view! {
        <PostForm action id=format!("provider-{id}") only_for=("provider", id.clone())>
            <HiddenField name="provider" value=id/>
            {next.map(|next| view! { <HiddenField name="next" value=next/> })}
            <SubmitButton class="button button-quiet">"Continue with " {name}</SubmitButton>
        </PostForm>
    }
}
