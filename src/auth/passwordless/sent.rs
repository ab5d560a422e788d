//! The page that waits for a link or code: where it was sent, what to compare, and what to do if it does not arrive.

use leptos::prelude::*;
use leptos_appwrite::english::sentence;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::pending_sign_in::{PendingView, Proof, SentProof};
use leptos_appwrite::session::{set_page_status, use_pending_sign_in};
use leptos_meta::Title;
use leptos_router::components::A;

use super::enter_code::CodeForm;
use super::send_again::SendAgainForm;
use super::texts::texts;
use crate::auth::with_next;
use crate::components::OutboxHint;

/// The page that waits for a link or code.
#[component]
pub fn SentPage(
    /// The kind of proof.
    proof: SentProof,
) -> impl IntoView {
    match use_pending_sign_in().filter(|pending| pending.proof == Proof::Sent(proof)) {
        Some(pending) => view! { <Waiting proof pending/> }.into_any(),
        None => view! { <NothingAwaited proof/> }.into_any(),
    }
}

#[component]
fn Waiting(proof: SentProof, pending: PendingView) -> impl IntoView {
    let texts = texts(proof);
    let next = Some(pending.next.clone()).filter(|next| !next.is_empty());
    let change = with_next(texts.ask_page, next.as_deref());
    let sign_in = with_next("/login", next.as_deref());
    let phrase = pending.phrase.clone();
    view! {
        <Title text=texts.sent_heading/>
        <div class="page page-narrow">
            <h1>{texts.sent_heading}</h1>
            <p>{texts.sent_to} <strong>{pending.address.clone()}</strong> ". " {texts.lifetime}</p>
            {(!phrase.is_empty()).then(|| view! {
                <p>
                    "Check that the email says " <strong class="phrase">{phrase}</strong>
                    ". If it doesn't, don't use it."
                </p>
            })}
            <OutboxHint/>
            {proof.is_code().then(|| view! { <CodeForm proof/> })}
            <SendAgainForm proof pending/>
            <p class="actions">
                <A href=change exact=true>{texts.change}</A>
                <A href=sign_in exact=true>"Sign in another way"</A>
            </p>
        </div>
    }
}

/// The page's content if this browser has no pending sign-in.
#[component]
fn NothingAwaited(proof: SentProof) -> impl IntoView {
    set_page_status(&AppError::StartAgain);
    view! {
        <Title text="Start again"/>
        <div class="page page-narrow">
            <h1>"Start again"</h1>
            <p>{sentence(&AppError::StartAgain)}</p>
            <p class="actions">
                <A href=texts(proof).ask_page exact=true attr:class="button">{texts(proof).ask_heading}</A>
                <A href="/login" exact=true>"Sign in another way"</A>
            </p>
        </div>
    }
}
