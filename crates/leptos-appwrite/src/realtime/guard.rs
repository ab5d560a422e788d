//! Hides private content when the session ends.

use leptos::prelude::*;

use super::side::{use_realtime, use_session_end};
use crate::components::{Notice, NoticeKind, words};
use crate::session::then_here;
use crate::site::use_site;

/// True once the connection has reported the end of the session. Does not open a connection.
pub fn use_has_ended() -> Memo<bool> {
    let connection = use_realtime();
    Memo::new(move |_| connection.with(|state| state.end_reason().is_some()))
}

/// Shows its children until the session ends; then explains why and links to the sign-in page.
#[component]
pub fn WhileSignedIn(children: ChildrenFn) -> impl IntoView {
    let (site, state) = (use_site(), use_session_end(|_| {}));
    let reason = Memo::new(move |_| state.with(appwrite_realtime::state::ConnectionState::end_reason));
    move || {
        match reason.get() {
        None => children().into_any(),
        Some(reason) => view! {
            <Notice kind=NoticeKind::Warning takes_focus=true>{words(format!("{}. ", (site.wording.end_reason)(reason)))} <a href=then_here(site.paths.sign_in) rel="external">{site.wording.sign_in_again}</a></Notice>
        }
        .into_any(),
    }
    }
}
