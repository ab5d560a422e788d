//! Moves the focus.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use leptos::web_sys::js_sys::{Function, Object, Reflect};

/// Focuses without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    let options = Object::new();
    let focus = Reflect::get(element, &"focus".into()).ok();
    if let Some(focus) = focus.as_ref().and_then(|focus| focus.dyn_ref::<Function>()) {
        // Fails only for an element that is being removed.
        let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
        let _ = focus.call1(element, &options);
    }
}
