//! Sign-out.

use leptos::prelude::*;

use crate::components::{FormAction, PostForm, SubmitButton};
use crate::effect::effect;
use crate::error::AppError;
use crate::realtime::{announce_sign_out, announce_signing_out};

/// Ends the session at Appwrite and in this browser. Always clears the cookie, even if Appwrite fails.
#[server(prefix = "/actions", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use super::finish::end_own_session;
    use crate::session::Success;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    end_own_session(&request).await;
    request.leave_success(Success::SignedOut);
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
    announce_while_pending(action);
    announce_when_done(action);
    view! {
        <PostForm action id>
            <SubmitButton class=class>{text}</SubmitButton>
        </PostForm>
    }
}

/// Tells all tabs why the session is about to end, once this form is sent.
pub fn announce_while_pending(action: FormAction) {
    effect(move || {
        if action.is_pending() {
            announce_signing_out();
        }
    });
}

/// Closes the live connections of all tabs, once this form has ended the session.
pub fn announce_when_done(action: FormAction) {
    effect(move || {
        if action.is_done() {
            announce_sign_out();
        }
    });
}
