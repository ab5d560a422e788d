//! Says that the next page loads.

use std::time::Duration;

use leptos::prelude::*;

use super::words;

/// Most pages load sooner, and then no message flashes.
const SHOWN_AFTER: Duration = Duration::from_millis(300);

/// Says that the next page is loading, if that takes a while.
#[component]
pub fn LoadingNotice(
    /// True while the page loads.
    is_loading: Memo<bool>,
) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    Effect::new(move |_| {
        is_shown.set(false);
        if is_loading.get()
            && let Ok(timer) = set_timeout_with_handle(move || is_shown.set(true), SHOWN_AFTER)
        {
            on_cleanup(move || timer.clear());
        }
    });
    view! { <p class="loading" role="status">{move || is_shown.get().then(|| words("Loading…"))}</p> }
}
