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

/// Returns a view that is the same for all users. A server renders it once, and keeps its HTML for a few seconds.
///
/// The view depends only on the page's path, the theme and `variant`, which tells views of the same name apart. A server makes it
/// as for a visitor without a message: it sees no user and no form that was sent. While the page has an error or the result
/// of a form, the view is not kept.
///
/// It begins and ends with an element. What holds for [`at_once`](super::at_once) holds here, too.
pub fn kept<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    view: impl FnOnce() -> V + Send + 'static,
) -> AnyView {
    side::kept(name, variant, view)
}
