//! The badge that shows if the page is live.

use leptos::prelude::*;

use super::side::use_realtime;
use crate::components::words;
use crate::site::use_site;
use appwrite_realtime::state::ConnectionState;

/// Shows the state of the live updates. Screen readers announce only settled states, not connection attempts or each
/// second of a countdown.
#[component]
pub fn LiveBadge() -> impl IntoView {
    let state = use_realtime();
    let text = use_site().wording.connection;
    let announcement = Memo::new(move |_| state.with(text)[0].clone());
    let detail = Memo::new(move |_| state.with(text)[1].clone());
    let class = Memo::new(move |_| state.with(class));
    view! {
        <p class=class>
            <span role="status" aria-live="polite">{move || words(announcement.get())}</span>
            {move || words(detail.get())}
        </p>
    }
}

fn class(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Live => "badge badge-live",
        ConnectionState::Connecting | ConnectionState::Reconnecting { .. } => "badge badge-wait",
        ConnectionState::Idle => "badge",
        ConnectionState::Offline | ConnectionState::NotLive(_) | ConnectionState::Ended(_) => "badge badge-off",
    }
}
