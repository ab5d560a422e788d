//! The pages that ask before they weaken the account.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::account::security::{RemoveAuthenticator, TurnOffSecondFactor};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::{FormAction, PostForm, SubmitButton};

/// Asks once, and turns the second factor off.
#[component]
pub fn TurnOffPage() -> impl IntoView {
    let action = FormAction::of::<TurnOffSecondFactor>();
    view! {
        <ConfirmPage
            title="Turn off two-step verification?"
            text="Signing in then takes one step. Your methods and recovery codes stay, so you can turn it on again."
            action
            button="Turn off"
        />
    }
}

/// Asks once, and removes the authenticator app.
#[component]
pub fn RemoveAuthenticatorPage() -> impl IntoView {
    let action = FormAction::of::<RemoveAuthenticator>();
    view! {
        <ConfirmPage
            title="Remove the authenticator app?"
            text="Its codes stop working. If you have no other method, two-step verification is turned off."
            action
            button="Remove"
        />
    }
}

#[component]
fn ConfirmPage(title: &'static str, text: &'static str, action: FormAction, button: &'static str) -> impl IntoView {
    view! {
        <Title text=title/>
        <div class="page page-narrow">
            <h1>{title}</h1>
            <WhileSignedIn>
                <p>{text}</p>
                <PostForm action id="confirm" class="form">
                    <AccountField/>
                    <div class="actions">
                        <SubmitButton class="button button-danger">{button}</SubmitButton>
                        <A href="/account/security" exact=true attr:class="button button-quiet">"Cancel"</A>
                    </div>
                </PostForm>
            </WhileSignedIn>
        </div>
    }
}
