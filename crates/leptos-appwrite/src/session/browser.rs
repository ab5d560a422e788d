//! The browser side of the session. It never sees the secret; it only leaves the page after a sign-out.

use leptos::prelude::*;
use leptos_router::hooks::use_url;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Visit;
use crate::error::AppError;
use crate::json::Later;
use crate::site::use_site;

/// The app's own type for the signed-in user. The server creates it.
pub trait UserView: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> UserView for T {}

/// Returns none for a page that no server rendered.
pub(super) fn user<U: UserView>() -> Option<Later<U>> {
    None
}

/// Browsers keep no views for others.
pub(super) fn is_like_a_visitor() -> bool {
    false
}

/// The default for a page that no server rendered. Hydrated pages never use it.
pub(super) fn visit() -> Visit {
    Visit::default()
}

/// Opens the page where the user proves who they are, if they must, with a full load, so that nothing private stays on screen or in
/// memory.
pub fn leave_if_signed_out(error: &AppError) {
    let Some(page) = use_site().paths.proof_for(error) else { return };
    // The browser rejects navigation only while it unloads the page.
    let _ = window().location().assign(&then_here(page));
}

/// Returns the URL of a sign-in page that leads back to this page.
pub(crate) fn then_here(page: &str) -> String {
    let location = window().location();
    let here = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let next = String::from(leptos::web_sys::js_sys::encode_uri_component(&here));
    format!("{page}?next={next}")
}

/// Loads the page that the router has just opened from the server, whose guard decides.
pub fn load_from_server() {
    let page = use_url().with_untracked(|url| match url.search() {
        "" => url.path().to_owned(),
        search => format!("{}?{search}", url.path()),
    });
    // The router changes the address after it has rendered the page.
    request_animation_frame(move || {
        // Fails only on a page that is being closed, where the URL no longer matters.
        let _ = window().location().assign(&page);
    });
}

/// True if the browser knows that it has no network.
pub(super) fn is_offline() -> bool {
    !window().navigator().on_line()
}

/// Does nothing, because only the server sets a status.
pub fn set_page_status(_error: &AppError) {}
