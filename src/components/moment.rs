//! A point in time, in the reader's language.

#[cfg(not(feature = "ssr"))]
#[path = "moment/browser.rs"]
mod side;
#[cfg(feature = "ssr")]
#[path = "moment/server.rs"]
mod side;

use leptos::prelude::*;
use leptos_appwrite::clock;
use leptos_appwrite::components::words;
use leptos_appwrite::effect::effect;

/// A date with its time: in UTC from the server, which does not know the time zone, and in the reader's once JavaScript
/// runs. Always in the Gregorian calendar, like the list.
#[component]
pub fn Moment(
    /// The time, in seconds since 1970.
    seconds: i64,
) -> impl IntoView {
    // The text and its language. Hydration needs the server's.
    let shown = RwSignal::new(side::at_first(seconds));
    effect(move || shown.set(side::in_own_zone(seconds)));
    view! {
        <time datetime=clock::iso(seconds) lang=move || shown.get().1 dir="auto">
            {move || words(shown.get().0)}
        </time>
    }
}
