//! The form for a sign-in code.

use leptos::prelude::*;
use leptos_appwrite::auth::passwordless::EnterCode;
use leptos_appwrite::session::pending_sign_in::SentProof;

use crate::components::{FormAction, HiddenField, PostForm, SixDigitsField, SubmitButton};

/// The form for the code.
#[component]
pub fn CodeForm(
    /// The kind of proof.
    proof: SentProof,
) -> impl IntoView {
    let action = FormAction::of::<EnterCode>();
    view! {
        <PostForm action id="enter-code" class="form" only_for=("proof", proof.as_str().to_owned())>
            <HiddenField name="proof" value=proof.as_str()/>
            <SixDigitsField autofocus=true/>
            <SubmitButton>"Sign in"</SubmitButton>
        </PostForm>
    }
}
