//! Presence: names the other users on the page.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod list_present;
pub mod people_present;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub use browser::use_presence;
#[cfg(feature = "ssr")]
pub use server::use_presence;

use leptos::prelude::*;

use super::side::use_realtime;
use crate::components::words;
use crate::session::use_signed_in_user;
use crate::site::use_site;
use appwrite_realtime::state::ConnectionState;

/// Names the other users on this page, and announces this user to them.
///
/// Empty unless the page is live on a server that supports presence. If a user with a name is alone, tells them that
/// others would see this name.
#[component]
pub fn AlsoHere(
    /// The page's path.
    page: &'static str,
) -> impl IntoView {
    let (names, wording) = (use_presence(page), use_site().wording);
    let line_of_names =
        Memo::new(move |_| names.with(|names| names.as_deref().map(wording.also_here).unwrap_or_default()));
    // Users who see others already know that others see them.
    let state = use_realtime();
    let has_name = use_signed_in_user().is_some_and(|user| !user.name.is_empty());
    let is_alone = Memo::new(move |_| {
        has_name
            && state.with(ConnectionState::is_live)
            && names.with(|names| names.as_ref().is_some_and(Vec::is_empty))
    });
    view! {
        <div class="also-here">
            <p aria-live="polite">{move || words(line_of_names.get())}</p>
            <Show when=move || is_alone.get()>
                <p class="quiet">{wording.alone_here}</p>
            </Show>
        </div>
    }
}
