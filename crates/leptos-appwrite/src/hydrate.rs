//! The browser's entry point: hydrates the server's HTML.

use std::sync::Arc;

use hydration_context::SharedContext;
use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::PositionState;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::Event;
use leptos::web_sys::js_sys::Promise;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use self::context::PageContext;
use crate::site::{ROOT, Site, root};

mod context;
mod executor;
#[cfg(debug_assertions)]
mod panics;
#[cfg(not(debug_assertions))]
#[path = "hydrate/panics/release.rs"]
mod panics;

/// The event before the app's components run. Until the next one, the page's script keeps the user's events from them.
const STARTS: &str = "appstarts";

/// The event just before hydration. The page's script then moves foreign nodes out of the way, and keeps the title.
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
    panics::log_messages();
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
    // The browser compiles each function when it is first called, so the start takes long. These are the steps of
    // `leptos::mount::hydrate_from`, each in a task of its own, so that the browser can answer the user in between.
    executor::keep_tasks();
    window().dispatch_event(&Event::new(STARTS)?)?;
    let context = Arc::new(PageContext::new());
    let owner = Owner::new_root(Some(context.clone()));
    let view = owner.with(|| root(site));
    next_task().await;
    window().dispatch_event(&Event::new(HYDRATES)?)?;
    let state = owner.with(|| view.hydrate::<true>(&Cursor::new(element.unchecked_into()), &PositionState::default()));
    context.hydration_complete();
    // The app lives as long as the document.
    std::mem::forget((owner, state));
    next_task().await;
    executor::run_tasks();
    Ok(())
}

/// Waits for the browser's next task.
async fn next_task() {
    let timer = Promise::new(&mut |done, _| {
        // Fails only while the browser unloads the document.
        let _ = window().set_timeout_with_callback(&done);
    });
    let _ = JsFuture::from(timer).await;
}
