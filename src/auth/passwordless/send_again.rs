//! Sends the same proof once more.

use leptos::prelude::*;
use leptos_appwrite::clock;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::pending_sign_in::PendingView;

use super::SentProof;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, use_countdown, words};

/// Seconds before the user can request another message; the first one usually arrives within this time.
const USUAL_DELAY: i64 = 30;

/// Sends another proof to the same address.
#[server(prefix = "/actions", endpoint = "send_again")]
pub async fn send_again(proof: SentProof) -> Result<(), AppError> {
    use super::send::send;
    use leptos_appwrite::session::Success;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let before = request.pending_sign_in(|awaited| awaited == proof.awaited())?.shown;
    send(&request, proof, &before.address, &before.next).await?;
    request.leave_success(Success::SentAgain);
    Ok(())
}

/// The button that requests another proof. It counts down until the user can press it.
#[component]
pub fn SendAgainForm(
    /// The kind of proof.
    proof: SentProof,
    /// The pending sign-in.
    pending: PendingView,
) -> impl IntoView {
    let action = FormAction::of::<SendAgain>();
    // The server computes this: its clock set the time of sending.
    let wait =
        SharedValue::new(move || (pending.sent_at + USUAL_DELAY - clock::now()).clamp(0, USUAL_DELAY)).into_inner();
    let wait = u32::try_from(wait).unwrap_or_default();
    let left = use_countdown(wait);
    let advice = move || match left.get() {
        None if wait > 0 => {
            format!("Didn't get it? You can send it again at {}.", clock::time_of_day_in(u64::from(wait)))
        }
        None | Some(0) => proof.words().look_elsewhere.to_owned(),
        Some(1) => "Didn't get it? You can send it again in 1 second.".to_owned(),
        Some(seconds) => format!("Didn't get it? You can send it again in {seconds} seconds."),
    };
    let is_counting = Signal::derive(move || left.get().is_some_and(|seconds| seconds > 0));
    view! {
        <PostForm action id="send-again" class="resend" only_for=("proof", proof.field_value().to_owned())>
            <HiddenField name="proof" value=proof.field_value()/>
            <p class="hint">{move || words(advice())}</p>
            <SubmitButton class="button button-quiet" disabled=is_counting>"Send it again"</SubmitButton>
        </PostForm>
    }
}
