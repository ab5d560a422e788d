//! Browsers render no head.

use leptos::prelude::*;

pub(super) fn view() -> AnyView {
    ().into_any()
}
