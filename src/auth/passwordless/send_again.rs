//! Sends the same proof once more.

use leptos::prelude::*;
use leptos_appwrite::auth::passwordless::SendAgain;
use leptos_appwrite::clock;
use leptos_appwrite::session::pending_sign_in::{PendingView, SentProof};

use super::texts::texts;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, use_countdown, words};

/// Seconds before the user can request another message; the first one usually arrives within this time.
const USUAL_DELAY: i64 = 30;

/// The button that requests another proof. It counts down until the user can press it.
#[component]
pub fn SendAgainForm(
    /// The kind of proof.
    proof: SentProof,
    /// The pending sign-in.
    pending: PendingView,
) -> impl IntoView {
    let action = FormAction::of::<SendAgain>();
    // The server computes this with its own clock, which also set the time of sending.
    let wait =
        SharedValue::new(move || (pending.sent_at + USUAL_DELAY - clock::now()).clamp(0, USUAL_DELAY)).into_inner();
    let wait = u32::try_from(wait).unwrap_or_default();
    let left = use_countdown(wait);
    let advice = move || match left.get() {
        None if wait > 0 => {
            format!("Didn't get it? You can send it again at {}.", clock::time_of_day_in(u64::from(wait)))
        }
        None | Some(0) => texts(proof).look_elsewhere.to_owned(),
        Some(1) => "Didn't get it? You can send it again in 1 second.".to_owned(),
        Some(seconds) => format!("Didn't get it? You can send it again in {seconds} seconds."),
    };
    let is_counting = Signal::derive(move || left.get().is_some_and(|seconds| seconds > 0));
    view! {
        <PostForm action id="send-again" class="resend" only_for=("proof", proof.as_str().to_owned())>
            <HiddenField name="proof" value=proof.as_str()/>
            <p class="hint">{move || words(advice())}</p>
            <SubmitButton class="button button-quiet" disabled=is_counting>"Send it again"</SubmitButton>
        </PostForm>
    }
}
