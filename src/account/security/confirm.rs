//! The pages, and the dialogs in their place, that ask before the account becomes less secure.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::account::security::{RemoveAuthenticator, TurnOffSecondFactor};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::{FormAction, PageDialog, PageInDialog, PostForm, SubmitButton};

/// A question that asks for confirmation.
#[derive(Clone, Copy)]
pub struct Question {
    title: &'static str,
    text: &'static str,
    action: fn() -> FormAction,
    button: &'static str,
}

/// The question before the second factor is turned off.
pub const TURN_OFF: Question = Question {
    // The hyphen (U+2011) keeps "two-step" on one line of a narrow page.
    title: "Turn off two‑step verification?",
    text: "Signing in then takes one step. Your methods and recovery codes stay, so you can turn it on again.",
    action: FormAction::of::<TurnOffSecondFactor>,
    button: "Turn off",
};

/// The question before the authenticator app is removed.
pub const REMOVE_APP: Question = Question {
    title: "Remove the authenticator app?",
    text: "Its codes stop working. If you have no other method, two-step verification is turned off.",
    action: FormAction::of::<RemoveAuthenticator>,
    button: "Remove",
};

/// Asks for confirmation, and turns the second factor off.
#[component]
pub fn TurnOffPage() -> impl IntoView {
    view! { <ConfirmPage question=TURN_OFF/> }
}

/// Asks for confirmation, and removes the authenticator app.
#[component]
pub fn RemoveAuthenticatorPage() -> impl IntoView {
    view! { <ConfirmPage question=REMOVE_APP/> }
}

/// The question in a dialog.
#[component]
pub fn QuestionDialog(
    /// The dialog's id.
    id: &'static str,
    /// The question.
    question: Question,
    /// The state of the dialog.
    dialog: PageDialog<Question>,
) -> impl IntoView {
    let content = |question| view! { <QuestionForm question is_page=false/> }.into_any();
    view! { <PageInDialog id title=question.title dialog content/> }
}

#[component]
fn ConfirmPage(question: Question) -> impl IntoView {
    view! {
        <Title text=question.title/>
        <div class="page page-narrow">
            <h1>{question.title}</h1>
            <WhileSignedIn><QuestionForm question is_page=true/></WhileSignedIn>
        </div>
    }
}

#[component]
fn QuestionForm(question: Question, is_page: bool) -> impl IntoView {
    let Question { text, action, button, .. } = question;
    view! {
        <p>{text}</p>
        <PostForm action=action() id="confirm" class="form">
            <AccountField/>
            <div class="actions">
                <SubmitButton class="button button-danger">{button}</SubmitButton>
                {is_page.then(|| view! {
                    <A href="/account/security" exact=true attr:class="button button-quiet">"Cancel"</A>
                })}
            </div>
        </PostForm>
    }
}
