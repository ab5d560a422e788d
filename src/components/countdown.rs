//! A countdown in seconds.

use std::time::Duration;

use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use leptos_appwrite::clock;
use leptos_appwrite::effect::effect;

/// Counts `seconds` down to 0 in the browser. Returns `None` on the server and while JavaScript is not running.
pub fn use_countdown(seconds: u32) -> Signal<Option<u32>> {
    let left = RwSignal::new(None);
    effect(move || {
        // Reads the clock on each tick, because browsers delay the timers of hidden pages.
        let until = clock::now() + i64::from(seconds);
        let count = move || left.set(Some(u32::try_from(until - clock::now()).unwrap_or_default()));
        count();
        if let Ok(interval) = set_interval_with_handle(count, Duration::from_secs(1)) {
            effect(move || {
                if left.get() == Some(0) {
                    interval.clear();
                }
            });
            on_cleanup(move || interval.clear());
        }
    });
    left.into()
}
