//! Sign-out.

use leptos::prelude::*;

use crate::components::{FormAction, PostForm, SubmitButton};
use crate::error::AppError;
use crate::realtime::{announce_sign_out, announce_signing_out};

/// Ends the session at Appwrite and in this browser. The browser's part is done whatever Appwrite says.
#[server(prefix = "/actions", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::finish::end_former_session;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.forget_session();
    request.forget_pending_sign_in();
    end_former_session(&request.state, request.session_secret()).await;
    request.go_home();
    Ok(())
}

/// The button that signs out, as the form that it is.
#[component]
pub fn SignOutForm(
    /// What the button says.
    text: &'static str,
    /// Its class.
    #[prop(default = "button")]
    class: &'static str,
) -> impl IntoView {
    let action = FormAction::of::<SignOut>();
    Effect::new(move |_| {
        if action.is_pending() {
            announce_signing_out();
        }
    });
    Effect::new(move |_| {
        if action.is_done() {
            announce_sign_out();
        }
    });
    view! {
        <PostForm action id="sign-out">
            <SubmitButton class=class>{text}</SubmitButton>
        </PostForm>
    }
}
