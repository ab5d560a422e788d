//! Elements without events.

use leptos::tachys::html::InertElement;
use maud::Markup;

/// Returns a view without events. If its text changes, the whole element is replaced. The browser hydrates only its outermost
/// node, which matters in long lists.
pub fn inert(element: Markup) -> InertElement {
    InertElement::new(element.into_string())
}
