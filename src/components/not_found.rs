//! The 404 page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Says that the page does not exist. Its link loads a document, because this page does not know who is signed in.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found"/>
        <div class="page page-narrow">
            <h1>"Page not found"</h1>
            <p>"There is no page at this address. The link may be old or mistyped."</p>
            <p class="actions"><a href="/" rel="external">"Go to the home page"</a></p>
        </div>
    }
}
