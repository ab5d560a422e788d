//! Views that are the same for all users.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

use leptos::prelude::*;

/// Returns a view that is the same for all users. A server renders it once, and caches its HTML for a few seconds.
///
/// The server renders it without the request's user, headers and form result, and caches it for the page's path, the theme, `name`
/// and `variant`. **Whatever else changes the HTML, such as a value that `view` captures, belongs in `variant`**; nothing of a user may be in it.
/// A page with a query, an error or the result of a form renders the view anew.
///
/// The view begins and ends with an element, uses no nonce, and gets no further attributes. Like a view of [`at_once()`](super::at_once()), it
/// waits for nothing, and creates no resource. It is inside a router.
pub fn cached<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    view: impl FnOnce() -> V + Send + 'static,
) -> AnyView {
    side::cached(name, variant, view)
}

/// Like [`cached()`], for a view that shows a text of the user. The server caches the HTML around the text, and writes the escaped text
/// into it for each user.
///
/// `view` gets the text, or on the server a character that stands for it. So it may only show the text, as the only content of an element:
/// not in an attribute, and not as a part of another text. It captures nothing else of the user.
pub fn cached_around<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    text: String,
    view: impl FnOnce(String) -> V + Send + 'static,
) -> AnyView {
    side::cached_around(name, variant, text, view)
}
