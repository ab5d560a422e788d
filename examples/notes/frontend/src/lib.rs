//! The browser's half: the app as WebAssembly.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
pub fn hydrate() -> JsValue {
    leptos_appwrite::hydrate(&notes::SITE)
}
