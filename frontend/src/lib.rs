//! The browser's half: the app as WebAssembly.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// Hydrates the page; its script calls this once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() -> JsValue {
    leptos_appwrite::hydrate(&leptos_birthdays::site::SITE)
}
