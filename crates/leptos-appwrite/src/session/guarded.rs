//! The guard of pages that links within the app open. The server guards those that browsers load.

use leptos::prelude::*;

use super::access::Access;
use super::current::{use_owes_factor, use_signed_in_user};
use super::side::load_from_server;

/// The view of a page that a link within the app has opened, if its guard lets this user in. Otherwise the server is asked,
/// which redirects.
pub fn guarded<V: IntoView + 'static>(access: Access, view: impl FnOnce() -> V) -> AnyView {
    let (is_signed_in, owes_factor) = (use_signed_in_user().is_some(), use_owes_factor());
    let is_open = match access {
        Access::SameForAll | Access::Always => true,
        Access::SecondFactor => owes_factor,
        Access::Anyone | Access::AnyoneButEnded => !owes_factor,
        Access::SignedIn => is_signed_in,
        Access::SignedOut => !is_signed_in && !owes_factor,
    };
    if is_open {
        return view().into_any();
    }
    load_from_server();
    ().into_any()
}
