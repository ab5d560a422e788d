//! The browser's entry.

use leptos::wasm_bindgen::JsValue;
use leptos::wasm_bindgen::prelude::wasm_bindgen;

use crate::site::SITE;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() -> Result<(), JsValue> {
    leptos_appwrite::hydrate(&SITE)
}
