//! In a browser, nothing is rendered as text.

use leptos::prelude::*;

pub(super) fn at_once<V: IntoView + 'static>(view: impl FnOnce() -> V) -> AnyView {
    view().into_any()
}
