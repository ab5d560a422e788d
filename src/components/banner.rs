//! A calm line above the page, on each page as long as it is true.

use leptos::prelude::*;

/// A calm line above the page: a sentence and what to do about it.
#[component]
pub fn Banner(
    /// The sentence and the control.
    children: Children,
) -> impl IntoView {
    view! {
        <aside class="banner">
            <div class="banner-content">{children()}</div>
        </aside>
    }
}
