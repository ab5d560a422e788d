//! The guard of pages that links within the app open. The server guards those that browsers load.

use leptos::prelude::*;
use leptos_router::ChooseView;
use leptos_router::hooks::use_url;

use super::access::Access;
use super::current::{show_failure, use_owes_factor, use_signed_in_user};
use super::side::{is_offline, load_from_server};
use crate::error::AppError;
use crate::routes::Loaded;

/// The view of a page that a link within the app has opened, if its guard lets this user in. Otherwise the server is asked,
/// which redirects.
pub fn guarded<V: IntoView + 'static>(access: Access, view: impl FnOnce() -> V) -> AnyView {
    if is_open(access) {
        return view().into_any();
    }
    load_from_server();
    ().into_any()
}

/// A page whose code is in a [part](crate::routes::Part) of the wasm, and which is guarded as [`guarded`] does.
#[derive(Debug, Clone)]
pub struct LazyPage {
    /// The page's access rule.
    pub access: Access,
    /// Loads the part.
    pub load: fn() -> Loaded<()>,
    /// Loads the part and makes the view of the page at `path`.
    pub view: fn(&'static str) -> Loaded<AnyView>,
    /// The page's path in the table of routes.
    pub path: &'static str,
}

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        if !is_open(self.access) {
            load_from_server();
            return ().into_any();
        }
        let path = use_url().with_untracked(|url| url.path().to_owned());
        let view = (self.view)(self.path).await;
        // The user may have gone to another page meanwhile.
        let is_wanted = use_url().with_untracked(|url| url.path() == path);
        match view {
            Ok(view) => view,
            Err(_) if !is_wanted => ().into_any(),
            Err(_) if is_offline() => {
                show_failure(AppError::Offline);
                ().into_any()
            }
            // A newer build has replaced the part's file, or something blocks it. The server's page works without it.
            Err(_) => {
                load_from_server();
                ().into_any()
            }
        }
    }

    async fn preload(&self) {
        // An error is handled when the page is shown.
        let _ = (self.load)().await;
    }
}

fn is_open(access: Access) -> bool {
    let (is_signed_in, owes_factor) = (use_signed_in_user().is_some(), use_owes_factor());
    match access {
        Access::SameForAll | Access::Always => true,
        Access::SecondFactor => owes_factor,
        Access::Anyone | Access::AnyoneButEnded => !owes_factor,
        Access::SignedIn => is_signed_in,
        Access::SignedOut => !is_signed_in && !owes_factor,
    }
}
