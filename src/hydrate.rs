//! The browser's entry: makes the server's HTML alive.

use leptos::prelude::*;
use leptos::server_fn::redirect::set_redirect_hook;
use leptos::wasm_bindgen::prelude::wasm_bindgen;

use crate::app::App;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Signing in and out change who the page is for: a new document leaves nothing of the former person behind. Set
    // before the router sets its own. It can be set only once, and this is the first time.
    let _ = set_redirect_hook(|location| {
        // A browser refuses only while the document is going away already.
        let _ = window().location().assign(location);
    });
    leptos::mount::hydrate_body(App);
}
