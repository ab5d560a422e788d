//! The line that says who else has the page open.

use leptos::prelude::*;

use super::side::use_presence;
use crate::components::words;
use crate::site::use_site;

/// Says who else has this page open, and lets the others know that this person has. Both only while the page is live on
/// a server that knows presence; otherwise there is nothing. Who is alone reads what the others would see. `page` is the
/// page's path.
#[component]
pub fn AlsoHere(page: &'static str) -> impl IntoView {
    let (names, wording) = (use_presence(page), use_site().wording);
    let line_of_names =
        Memo::new(move |_| names.with(|names| names.as_deref().map(wording.also_here).unwrap_or_default()));
    // Whoever sees others knows that they see them.
    let is_alone = Memo::new(move |_| names.with(|names| names.as_ref().is_some_and(Vec::is_empty)));
    view! {
        <div class="also-here">
            <p aria-live="polite">{move || words(line_of_names.get())}</p>
            <Show when=move || is_alone.get()>
                <p class="quiet">{wording.alone_here}</p>
            </Show>
        </div>
    }
}
