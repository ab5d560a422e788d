//! The browser's entry point.

use leptos::wasm_bindgen::JsValue;
use leptos::wasm_bindgen::prelude::wasm_bindgen;

use crate::site::SITE;

/// Hydrates the page; its script calls this once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() -> JsValue {
    leptos_appwrite::hydrate(&SITE)
}
