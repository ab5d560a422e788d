//! The page with the state of the second factor.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::account::security::{SecondFactorState, TurnOnSecondFactor, account_security};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::confirm::{QuestionDialog, REMOVE_APP, TURN_OFF};
use crate::components::{FormAction, Loaded, PageDialog, PageDialogLink, PostForm, SubmitButton};

/// Shows whether sign-in asks for a second factor, and by which methods.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let state = Resource::new(|| (), |()| account_security());
    view! {
        <Title text="Security"/>
        <div class="page page-narrow">
            <h1>"Security"</h1>
            <WhileSignedIn>
                <Loaded from=state view=|state| view! { <SecondFactor state/> }.into_any()/>
            </WhileSignedIn>
            <p><A href="/account" exact=true>"Back to your account"</A></p>
        </div>
    }
}

#[component]
fn SecondFactor(state: SecondFactorState) -> impl IntoView {
    let lead = match (state.is_on, state.has_factor()) {
        (true, true) => "It is on. When you sign in, we also ask for a code.",
        (true, false) => "It is on, but you have no method, so we don't ask for a code. Set up an authenticator app.",
        (false, true) => "It is off. Turn it on to be asked for a code when you sign in.",
        (false, false) => "It is off. Set up an authenticator app to turn it on.",
    };
    let control = match (state.is_on, state.has_factor()) {
        (true, _) => {
            let dialog = PageDialog::closed();
            view! {
                <p class="actions">
                    <PageDialogLink href="/account/security/off" class="button button-quiet" dialog subject=TURN_OFF>
                        "Turn off"
                    </PageDialogLink>
                </p>
                <QuestionDialog id="turn-off-dialog" question=TURN_OFF dialog/>
            }
            .into_any()
        }
        (false, true) => {
            let action = FormAction::of::<TurnOnSecondFactor>();
            view! { <PostForm action id="turn-on"><AccountField/><SubmitButton>"Turn on"</SubmitButton></PostForm> }
                .into_any()
        }
        (false, false) => ().into_any(),
    };
    view! {
        <section class="other-methods" aria-labelledby="two-step">
            <h2 id="two-step">"Two-step verification"</h2>
            <p>{lead}</p>
            {control}
        </section>
        <section class="other-methods" aria-labelledby="methods">
            <h2 id="methods">"Methods"</h2>
            <ul class="rows" aria-labelledby="methods">
                <App is_set_up=state.has_authenticator/>
                <Sent name="Email" address=state.email is_verified=state.is_email_verified/>
                <Sent name="Text message" address=state.phone is_verified=state.is_phone_verified/>
                <Codes has_some=state.has_recovery_codes/>
            </ul>
            {state.has_custom.then(|| view! {
                <p class="quiet">"There is another method that this site doesn't support."</p>
            })}
        </section>
    }
}

#[component]
fn App(is_set_up: bool) -> impl IntoView {
    let control = if is_set_up {
        let dialog = PageDialog::closed();
        view! {
            <PageDialogLink
                href="/account/security/authenticator/remove"
                class="button button-quiet button-small"
                dialog
                subject=REMOVE_APP
            >
                "Remove" <span class="visually-hidden">" authenticator app"</span>
            </PageDialogLink>
            <QuestionDialog id="remove-app-dialog" question=REMOVE_APP dialog/>
        }
        .into_any()
    } else {
        let action = FormAction::of_page("/account/security/authenticator");
        view! {
            <PostForm action id="set-up-app">
                <AccountField/>
                <SubmitButton class="button button-small" label="Set up an authenticator app">"Set up"</SubmitButton>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">"Authenticator app"</span>
                <span class="row-facts">{if is_set_up { "Set up" } else { "Not set up" }}</span>
            </div>
            <div class="row-controls">{control}</div>
        </li>
    }
}

/// Shows a method that sends codes to an address of the account.
#[component]
fn Sent(name: &'static str, address: String, is_verified: bool) -> impl IntoView {
    (!address.is_empty()).then(|| view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">{name}</span>
                <span class="row-facts"><span>{address}</span></span>
                <span class="row-facts">{if is_verified { "Confirmed" } else { "Not confirmed, so we can't send codes to it" }}</span>
            </div>
        </li>
    })
}

#[component]
fn Codes(has_some: bool) -> impl IntoView {
    let (state, control) = if has_some {
        ("For when you lose your other methods", "Replace")
    } else {
        ("You have none. Get some in case you lose your other methods.", "Get codes")
    };
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">"Recovery codes"</span>
                <span class="row-facts">{state}</span>
            </div>
            <div class="row-controls">
                <A href="/account/security/codes" attr:class="button button-quiet button-small">
                    {control} {has_some.then(|| view! { <span class="visually-hidden">" recovery codes"</span> })}
                </A>
            </div>
        </li>
    }
}
