//! The page that asks for the second factor again, before a change.

use leptos::prelude::*;
use leptos_appwrite::account::security::{AskToVerify, VerifyAgain};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::{FactorActions, FactorStep};
use crate::components::FormAction;

/// Asks for a second factor, and opens the page where the user came from.
#[component]
pub fn VerifyPage() -> impl IntoView {
    let actions = FactorActions {
        ask: FormAction::of::<AskToVerify>,
        give: FormAction::of::<VerifyAgain>,
        none: "Your account has no two-step method that works here. Set up an authenticator app first.",
    };
    view! {
        <Title text="Verify it's you"/>
        <div class="page page-narrow">
            <h1>"Verify it's you"</h1>
            <WhileSignedIn>
                <p>"You're about to change how your account is protected."</p>
                <FactorStep actions/>
            </WhileSignedIn>
            <p><A href="/account/security" exact=true>"Cancel"</A></p>
        </div>
    }
}
