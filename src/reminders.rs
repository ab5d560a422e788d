//! Reminders above every page of a signed-in user.

use leptos::prelude::*;
use leptos_appwrite::auth::verification::is_link_sent;
use leptos_appwrite::realtime::use_has_ended;
use leptos_appwrite::session::use_revealed;

use crate::auth::{GuestHint, VerificationBanner, is_dismissed};
use crate::components::reactive;
use crate::person::use_person;

/// The reminders. They contain the user's data, so they disappear when the session ends.
#[component]
pub fn Reminders() -> impl IntoView {
    let has_ended = use_has_ended();
    // Shows no form: sending one would reload the page, which could not show its secret again.
    let has_secret = use_revealed().with_untracked(Option::is_some);
    let is_dismissed = use_person().is_some_and(|person| is_dismissed(person.id));
    let is_link_sent = is_link_sent();
    reactive(move || {
        (!has_secret && !has_ended.get())
            .then(|| view! { <GuestHint/> <VerificationBanner is_dismissed is_link_sent/> })
    })
}
