//! The content of a page opened by an invalid mail link.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::{set_page_status, take_submission};

use super::mail_link::FormsTellOrigin;
use crate::components::{FormAction, Notice, Tone};

/// Returns true once the server has refused the link that the form sent.
pub fn use_is_refused(action: FormAction) -> Memo<bool> {
    let refused_before = take_submission(action.path()).is_some_and(|left| left.outcome == Err(AppError::LinkInvalid));
    Memo::new(move |_| if action.is_unused() { refused_before } else { action.is_refused_with(&AppError::LinkInvalid) })
}

/// Says that the link is invalid. The children offer a next step.
#[component]
pub fn InvalidLink(children: Children) -> impl IntoView {
    set_page_status(&AppError::LinkInvalid);
    view! {
        <FormsTellOrigin/>
        <h1>"This link does not work"</h1>
        <Notice tone=Tone::Bad>
            "It's expired, incomplete, or already used. A link works once and expires in an hour."
        </Notice>
        {children()}
    }
}
