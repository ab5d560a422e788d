//! The form for a sign-in code.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use super::SentProof;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Signs in by the code and redirects to the path from the request for it.
#[server(prefix = "/actions", endpoint = "enter_code")]
pub async fn enter_code(proof: SentProof, #[server(default)] code: String) -> Result<(), AppError> {
    use super::redeem::redeem_code;
    use leptos_appwrite::session::request::ActionRequest;

    if !proof.is_code() {
        return Err(AppError::BadRequest);
    }
    let request = ActionRequest::current()?;
    let pending = request.pending_sign_in(|awaited| awaited == proof.awaited())?;
    redeem_code(&request, &pending, &code).await
}

/// The form for the code.
#[component]
pub fn CodeForm(
    /// The kind of proof.
    proof: SentProof,
) -> impl IntoView {
    let action = FormAction::of::<EnterCode>();
    view! {
        <PostForm action id="enter-code" class="form" only_for=("proof", proof.field_value().to_owned())>
            <HiddenField name="proof" value=proof.field_value()/>
            <TextField
                name="code"
                label="Code"
                autocomplete="one-time-code"
                input_mode="numeric"
                hint="6 digits"
            />
            <SubmitButton>"Sign in"</SubmitButton>
        </PostForm>
    }
}
