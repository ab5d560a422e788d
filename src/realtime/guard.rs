//! What is private leaves the screen when the session ends.

use leptos::prelude::*;

use super::side::{use_realtime, use_session_end};
use super::words::of_ending;
use crate::components::{Notice, Tone, words};

/// Whether the person is not signed in any more, as far as the connection has told. It opens none by itself.
pub fn use_has_ended() -> Memo<bool> {
    let connection = use_realtime();
    Memo::new(move |_| connection.with(|state| state.ending().is_some()))
}

/// Shows its children until the person is not signed in any more; then it says why, and what to do.
#[component]
pub fn WhileSignedIn(children: ChildrenFn) -> impl IntoView {
    let state = use_session_end(|_| {});
    let ending = Memo::new(move |_| state.with(|state| state.ending()));
    move || {
        match ending.get() {
        None => children().into_any(),
        Some(ending) => view! {
            <Notice tone=Tone::Bad>{words(format!("{}. ", of_ending(ending)))} <a href="/login" rel="external">"Sign in again"</a></Notice>
        }
        .into_any(),
    }
    }
}
