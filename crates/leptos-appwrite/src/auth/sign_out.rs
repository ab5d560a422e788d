//! Sign-out.

use leptos::prelude::*;

use crate::components::{FormAction, PostForm, SubmitButton};
use crate::error::AppError;
use crate::realtime::{announce_sign_out, announce_signing_out};

/// Ends the session at Appwrite and in this browser. Always clears the cookie, even if Appwrite fails.
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

/// A form with one button that signs out.
#[component]
pub fn SignOutForm(
    /// The button's text.
    text: &'static str,
    /// The button's class.
    #[prop(default = "button")]
    class: &'static str,
    /// A unique id on the page.
    #[prop(default = "sign-out")]
    id: &'static str,
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
        <PostForm action id>
            <SubmitButton class=class>{text}</SubmitButton>
        </PostForm>
    }
}
