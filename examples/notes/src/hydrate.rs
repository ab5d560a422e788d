//! The browser's entry point.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
pub fn hydrate() -> JsValue {
    leptos_appwrite::hydrate(&crate::SITE)
}
