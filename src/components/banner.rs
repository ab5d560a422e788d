//! A banner above every page.

use leptos::prelude::*;

/// A banner above the page with a sentence and an action.
#[component]
pub fn Banner(
    /// The sentence and the action.
    children: Children,
) -> impl IntoView {
    view! {
        <aside class="banner">
            <div class="banner-content">{children()}</div>
        </aside>
    }
}
