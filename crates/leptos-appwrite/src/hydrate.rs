//! The browser's entry point: hydrates the server's HTML.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::Event;

use wasm_bindgen_futures::future_to_promise;

use crate::site::{ROOT, Site, root};

/// The event that reports a panic to the page's script (`document/start.js`).
const PANIC: &str = "apppanic";

/// The event just before hydration. The page's script then removes foreign nodes from the document.
const HYDRATES: &str = "apphydrates";

/// The attribute of the app's element with the names of the parts that the page needs.
const PARTS: &str = "data-parts";

/// Loads the parts of the wasm that the page needs, and hydrates the page. Once the module is loaded, the page's script
/// calls the app's export `hydrate`, which must call this function.
///
/// Returns a promise, which is rejected if a part cannot be loaded or the page has no element for the app.
pub fn hydrate(site: &'static Site) -> JsValue {
    future_to_promise(async move { load_and_hydrate(site).await.map(|()| JsValue::UNDEFINED) }).into()
}

async fn load_and_hydrate(site: &'static Site) -> Result<(), JsValue> {
    std::panic::set_hook(Box::new(report_panic));
    // Signing in or out changes the user: loading a new document leaves nothing of the previous user. Must be set
    // before the router sets its hook, because only the first one counts.
    let _ = set_redirect_hook(|location| {
        // Fails only while the browser unloads the document.
        let _ = window().location().assign(location);
    });
    let element = document().get_element_by_id(ROOT).ok_or("the page has no element for the app")?;
    let parts = element.get_attribute(PARTS).unwrap_or_default();
    for part in site.parts.iter().filter(|part| parts.split(' ').any(|name| name == part.name)) {
        (part.load)().await.map_err(|error| error.to_string())?;
    }
    window().dispatch_event(&Event::new(HYDRATES)?)?;
    leptos::mount::hydrate_from(element.unchecked_into(), move || root(site)).forget();
    Ok(())
}

/// Logs the first panic and returns control to the browser. Ignores later panics, which only follow from the first.
fn report_panic(panic: &PanicHookInfo<'_>) {
    static HAS_PANICKED: AtomicBool = AtomicBool::new(false);
    if HAS_PANICKED.swap(true, Ordering::Relaxed) {
        return;
    }
    console_error_panic_hook::hook(panic);
    if let (Some(window), Ok(event)) = (leptos::web_sys::window(), Event::new(PANIC)) {
        // Fails only while the window closes.
        let _ = window.dispatch_event(&event);
    }
}
