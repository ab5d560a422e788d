//! Sign-in with an account at another service, by OAuth2.
//!
//! The button posts to our server, which sends the browser to the provider by way of Appwrite. Appwrite sends it back with
//! a secret, which our server turns into a session. A random state, known to this browser and in the address of the way
//! back, makes sure that whoever comes back is the one who left.
//!
//! A provider cannot be linked to somebody who is signed in: for that Appwrite wants its own cookie in the browser.
//! Instead, Appwrite opens the account that has the same email address, if the provider has verified it.

mod action;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::english::sentence;
use leptos_appwrite::session::methods::Provider;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use self::action::SignInWithProvider;
use crate::components::{FormAction, HiddenField, Notice, PostForm, SubmitButton, Tone};
use crate::person::use_person;

/// The buttons of the providers that this site offers, each leading on to `next`; nothing if it offers none.
#[component]
pub fn ProviderButtons(
    /// Where the person wants to go once signed in.
    next: Option<String>,
) -> impl IntoView {
    let providers = use_sign_in_methods().providers;
    // A provider that was refused may not be offered any more, and its button cannot say why.
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
    /// The providers.
    providers: Vec<Provider>,
    /// Where the person wants to go once signed in.
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

/// Says to somebody who is signed in how another service becomes a way into their account; nothing if there is none.
#[component]
pub fn ProviderHint() -> impl IntoView {
    let is_member = use_person().is_some_and(|person| !person.is_guest());
    let names: Vec<_> = use_sign_in_methods().providers.into_iter().map(|provider| provider.name).collect();
    (is_member && !names.is_empty()).then(|| {
        view! {
            <p class="hint">
                "To use " {names.join(" or ")} ", sign out and sign in with the same verified email."
            </p>
        }
    })
}

/// The button of one provider, as the form that it is.
#[component]
fn ProviderButton(
    /// Which.
    provider: Provider,
    /// Where the person wants to go once signed in.
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
