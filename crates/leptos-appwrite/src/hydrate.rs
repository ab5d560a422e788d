//! The browser's entry: makes the server's HTML alive.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::Event;

use crate::site::{ROOT, Site, root};

/// The event by which the page's script (`document/start.js`) learns of a panic.
const PANIC: &str = "apppanic";

/// Makes the page of this app alive. The page's script calls the app's export `hydrate` once the module is loaded, and
/// that calls this. Fails where the page has no element for the app.
pub fn hydrate(site: &'static Site) -> Result<(), JsValue> {
    std::panic::set_hook(Box::new(report_panic));
    // Signing in and out change who the page is for: a new document leaves nothing of the former person behind. Set
    // before the router sets its own. It can be set only once, and this is the first time.
    let _ = set_redirect_hook(|location| {
        // A browser refuses only while the document is going away already.
        let _ = window().location().assign(location);
    });
    let element = document().get_element_by_id(ROOT).ok_or("the page has no element for the app")?;
    leptos::mount::hydrate_from(element.unchecked_into(), move || root(site)).forget();
    Ok(())
}

/// Logs the first panic, and hands the page back to the browser. Later ones only follow from it.
fn report_panic(panic: &PanicHookInfo<'_>) {
    static HAS_PANICKED: AtomicBool = AtomicBool::new(false);
    if HAS_PANICKED.swap(true, Ordering::Relaxed) {
        return;
    }
    console_error_panic_hook::hook(panic);
    if let (Some(window), Ok(event)) = (leptos::web_sys::window(), Event::new(PANIC)) {
        // Only a window that is going away takes no events.
        let _ = window.dispatch_event(&event);
    }
}
