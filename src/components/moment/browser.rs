//! Writes times in the time zone and language of the browser.

use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::js_sys::{Date, Object, Reflect};
use leptos_appwrite::clock;

/// Must differ from the final text: only a change replaces the server's text.
pub(super) fn at_first(seconds: i64) -> (String, String) {
    (clock::iso(seconds), String::new())
}

/// Returns the time and its language.
#[expect(clippy::cast_precision_loss, reason = "dates are exact far beyond any session")]
pub(super) fn in_own_zone(seconds: i64) -> (String, String) {
    let style = Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short"), ("calendar", "gregory")] {
        // Setting a property of a new object does not fail.
        let _ = Reflect::set(&style, &name.into(), &value.into());
    }
    let language = window().navigator().language().unwrap_or_else(|| "en".into());
    let date = Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    (date.to_locale_string(&language, &style).into(), language)
}
