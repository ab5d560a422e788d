//! The page where a signed-in user signs in again, before a change that needs a recent sign-in.

use leptos::prelude::*;
use leptos_appwrite::account::security::account_security;
use leptos_appwrite::account::{PasswordState, UsernameField};
use leptos_appwrite::auth::announce_while_pending;
use leptos_appwrite::auth::{SignIn, SignOutForm};
use leptos_router::components::A;

use super::change::{ChangePage, WithPassword, save_account_first};
use crate::auth::{PasskeyButton, use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField};
use crate::person::Person;

/// Asks for the password or a passkey, and opens the page where the user came from.
#[component]
pub fn SignInAgainPage() -> impl IntoView {
    view! { <ChangePage title="Verify it's you" content=methods/> }
}

fn methods(person: Person) -> AnyView {
    if person.is_guest() {
        return save_account_first();
    }
    view! { <Methods person/> }.into_any()
}

#[component]
fn Methods(person: Person) -> impl IntoView {
    let next = use_next();
    // A password signs in with the email address only.
    let password = (!person.email.is_empty()).then(|| {
        let view = |person, state| (state == PasswordState::Set).then(|| view! { <PasswordForm person/> }).into_any();
        view! { <WithPassword person=person.clone() view/> }
    });
    view! {
        <p>"For your security, this change needs a recent sign-in."</p>
        {password}
        <SecondFactorLink next=next.clone()/>
        <PasskeyButton next account=person.id text="Use a passkey"/>
        <section class="other-methods" aria-labelledby="other-methods">
            <h2 id="other-methods">"Another way"</h2>
            <p>"Sign out, sign in again with any other method, and come back within 10 minutes."</p>
            <SignOutForm text="Sign out" id="sign-out-here" class="button button-quiet button-small"/>
        </section>
    }
}

#[component]
fn PasswordForm(person: Person) -> impl IntoView {
    let then = use_next().unwrap_or_else(|| "/account".into());
    let action = FormAction::of::<SignIn>();
    // The new sign-in ends this session: tells the other tabs why.
    announce_while_pending(action);
    let email = person.email;
    view! {
        <PostForm action id="sign-in-again" class="form">
            <UsernameField value=email.clone()/>
            <HiddenField name="email" value=email/>
            <HiddenField name="next" value=then/>
            <HiddenField name="keep" value="same"/>
            <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            <SubmitButton>"Continue"</SubmitButton>
        </PostForm>
    }
}

/// A link to the page that asks for the second factor, if the account has one. A second factor counts as a recent
/// sign-in.
#[component]
fn SecondFactorLink(next: Option<String>) -> impl IntoView {
    let state = Resource::new(|| (), |()| account_security());
    let page = with_next("/account/security/verify", next.as_deref());
    view! {
        <Suspense>
            {move || {
                let page = page.clone();
                Suspend::new(async move {
                    // Shows no link if Appwrite does not answer; the other methods remain.
                    let has_factor = state.await.is_ok_and(|state| state.has_factor());
                    has_factor.then(|| view! {
                        <p class="button-list"><A href=page attr:class="button button-quiet">"Use two-step verification"</A></p>
                    })
                })
            }}
        </Suspense>
    }
}
