//! Restores the scroll position after back and forward, as browsers do for documents. For the app's pages, browsers try
//! too early, while the page is not rendered and too short.

use std::collections::HashMap;

use leptos::ev;
use leptos::prelude::*;
use leptos::web_sys::js_sys::Date;
use leptos_appwrite::effect::effect;

/// The time limit for the content of a page to arrive, in milliseconds. After it, the page is not scrolled any more.
const LIMIT: f64 = 5000.0;

/// True after a navigation that restores the position, until the user scrolls, clicks or types.
#[derive(Clone, Copy)]
struct IsRestored(StoredValue<bool>);

/// Returns a function that says if the position is being restored: nothing else may scroll then.
pub fn use_scroll_is_restored() -> impl Fn() -> bool + Copy {
    let is_restored = use_context::<IsRestored>();
    move || is_restored.and_then(|IsRestored(is_restored)| is_restored.try_get_value()).unwrap_or_default()
}

/// Remembers how far each page is scrolled, and scrolls there after back and forward.
pub fn restore_scroll_after_back() {
    // The browser restores the position of a document.
    let is_restored = StoredValue::new(true);
    provide_context(IsRestored(is_restored));
    let positions = StoredValue::new(HashMap::<String, f64>::new());
    effect(move || {
        let remember = move || {
            let (address, position) = (address(), window().scroll_y().unwrap_or_default());
            positions.update_value(|positions| {
                positions.insert(address, position);
            });
        };
        let scrolls = window_event_listener(ev::scroll, move |_| remember());
        let restore = window_event_listener(ev::popstate, move |_| {
            is_restored.set_value(true);
            if let Some(position) = positions.with_value(|positions| positions.get(&address()).copied()) {
                scroll_when_long_enough(position, is_restored, Date::now() + LIMIT);
            }
        });
        let acts = ["pointerdown", "wheel", "keydown", "click"].map(|event| {
            window_event_listener_untyped(event, move |_| {
                is_restored.set_value(false);
                // A browser reports scrolling in the next frame, when a quick click may already have opened another page.
                remember();
            })
        });
        on_cleanup(move || {
            scrolls.remove();
            restore.remove();
            acts.into_iter().for_each(WindowListenerHandle::remove);
        });
    });
}

fn address() -> String {
    window().location().href().unwrap_or_default()
}

/// Scrolls in the first frame in which the page is long enough.
fn scroll_when_long_enough(position: f64, is_restored: StoredValue<bool>, deadline: f64) {
    request_animation_frame(move || {
        if is_restored.try_get_value() != Some(true) {
            return;
        }
        let [height, shown] =
            document().document_element().map_or([0, 0], |root| [root.scroll_height(), root.client_height()]);
        let is_late = Date::now() > deadline;
        if f64::from(height - shown) >= position.floor() || is_late {
            window().scroll_to_with_x_and_y(0.0, position);
        } else {
            scroll_when_long_enough(position, is_restored, deadline);
        }
    });
}
