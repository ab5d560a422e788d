//! A point in time.

use leptos::prelude::*;

use super::{reactive, words};
use crate::clock;

/// A date with its time: in UTC from the server, and in the user's own format and time zone once JavaScript runs.
#[component]
pub fn Moment(
    /// The time, in seconds since 1970.
    seconds: i64,
) -> impl IntoView {
    let text = RwSignal::new(clock::in_utc(seconds));
    // Hydration needs the server's text.
    Effect::new(move |_| text.set(clock::in_own_way(seconds)));
    view! { <time datetime=clock::iso(seconds)>{reactive(move || Some(words(text.get())))}</time> }
}
