//! OAuth2 sign-in with a provider's account.
//!
//! The button posts the form around it to our server, which redirects through Appwrite to the provider. Appwrite redirects back with a
//! secret that our server exchanges for a session. A random state, in a cookie and in the return URL, ties both to one
//! browser.
//!
//! A signed-in user cannot link a provider: Appwrite would need its own cookie in the browser.
//! Instead, Appwrite opens the account with the same email address, if the provider has verified it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::oauth::SignInWithProvider;
use leptos_appwrite::session::methods::Provider;
use leptos_appwrite::session::use_sign_in_methods;

use super::provider_logo::provider_logo;
use crate::components::SubmitButton;

/// A divider and the buttons of the providers that this site offers; empty without any.
///
/// They are in the page's form, after its own button: the checkbox "Keep me signed in" then counts for both, also
/// without JavaScript, and the Enter key presses the form's own button.
#[component]
pub fn ProviderButtons() -> impl IntoView {
    let providers = use_sign_in_methods().providers;
    (!providers.is_empty()).then(|| {
        view! {
            <p class="or">"or"</p>
            <ul class="button-list" role="list">
                {providers.into_iter().map(|provider| view! { <li><ProviderButton provider/></li> }).collect_view()}
            </ul>
            <p class="hint">"We'll match your account by verified email, or create a new one."</p>
        }
    })
}

#[component]
fn ProviderButton(provider: Provider) -> impl IntoView {
    let Provider { id, name } = provider;
    view! {
        <SubmitButton
            class="button button-quiet"
            action=SignInWithProvider::PATH
            field=("provider", id.clone())
        >
            {provider_logo(&id)}
            <span>"Continue with " {name}</span>
        </SubmitButton>
    }
}
