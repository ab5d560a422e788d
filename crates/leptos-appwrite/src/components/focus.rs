//! The keyboard focus.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::js_sys::{Function, Object, Reflect};
use leptos::web_sys::{Element, EventTarget, HtmlElement};

/// Focuses the element, which the browser scrolls into view. Does nothing for other targets.
pub fn focus(target: &EventTarget) {
    if let Some(element) = target.dyn_ref::<HtmlElement>() {
        // Fails only for an element that is being removed.
        let _ = element.focus();
    }
}

/// Focuses the element without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    call(element, "focus", "preventScroll", &true.into());
}

/// True if no element has the focus; the document's body has it then.
pub fn is_nothing_focused() -> bool {
    document().active_element().is_none_or(|focused| focused.tag_name() == "BODY")
}

/// True if this element, or an element in it, has the focus.
pub(super) fn has_focus(element: &Element) -> bool {
    document().active_element().is_some_and(|focused| element.contains(Some(&focused)))
}

/// Scrolls the element into view, unless it is visible already.
pub(super) fn scroll_to(element: &Element) {
    call(element, "scrollIntoView", "block", &"nearest".into());
}

/// Calls a method with one option. The typed options would add more code to the wasm.
fn call(element: &Element, method: &str, option: &str, value: &JsValue) {
    let method = Reflect::get(element, &method.into()).ok();
    if let Some(method) = method.as_ref().and_then(|method| method.dyn_ref::<Function>()) {
        let options = Object::new();
        // Fails only for an element that is being removed.
        let _ = Reflect::set(&options, &option.into(), value);
        let _ = method.call1(element, &options);
    }
}
