//! The page of addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

/// Says that there is no page. Its link loads a document: this page does not know who is signed in.
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
