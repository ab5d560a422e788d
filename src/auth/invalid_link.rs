//! The content of a page opened by an invalid mail link.

use leptos::prelude::*;
use leptos_appwrite::auth::mail_link::SendFormOrigin;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::set_page_status;

use crate::components::{Notice, NoticeKind};

/// Says that the link is invalid. The children offer a next step.
#[component]
pub fn InvalidLink(children: Children) -> impl IntoView {
    set_page_status(&AppError::LinkInvalid);
    view! {
        <SendFormOrigin/>
        <h1>"This link does not work"</h1>
        <Notice kind=NoticeKind::Error>
            "It's expired, incomplete, or already used. A link works once and expires in an hour."
        </Notice>
        {children()}
    }
}
