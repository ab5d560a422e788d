//! Views that wait for nothing.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

use leptos::prelude::*;

/// Returns the view. A server makes and renders it in one step. Other views are walked several times in search
/// of what they wait for, and content that has been waited for is made twice.
///
/// No part of the view may wait: no `Suspense`, no `Suspend`, no resource that is not loaded yet. Nor may the view create a
/// resource or a shared value: the browser makes it earlier than the server, and would read the value of another one.
pub fn at_once<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> AnyView {
    side::at_once(view)
}
