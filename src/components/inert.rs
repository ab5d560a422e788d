//! Elements that never change.

use leptos::tachys::html::InertElement;
use maud::Markup;

/// Returns a view of an element that has no events and never changes in place: another one replaces it. It is rendered as
/// text, and the browser hydrates only its outermost node, which matters in long lists.
pub fn inert(element: Markup) -> InertElement {
    InertElement::new(element.into_string())
}
