//! The guard of pages that open by a link within the app. The server guards pages that the browser loads.

use leptos::prelude::*;
use leptos_router::ChooseView;
use leptos_router::hooks::use_url;

use super::access::Access;
use super::current::{show_failure, use_needs_second_factor, use_signed_in_user};
use super::side::{is_offline, load_from_server};
use crate::error::AppError;
use crate::routes::{Loaded, Page, PageView};

impl ChooseView for &'static Page {
    async fn choose(self) -> AnyView {
        if !is_open(self.access) {
            // The server redirects.
            load_from_server();
            return ().into_any();
        }
        match self.view {
            PageView::Here(view) => view(),
            PageView::InPart { view, .. } => view_in_part(view(self.path)).await,
        }
    }

    async fn preload(&self) {
        if let PageView::InPart { load, .. } = self.view {
            // An error is handled when the page is shown.
            let _ = load().await;
        }
    }
}

async fn view_in_part(view: Loaded<AnyView>) -> AnyView {
    let path = use_url().with_untracked(|url| url.path().to_owned());
    let view = view.await;
    // The user may have opened another page meanwhile.
    let is_wanted = use_url().with_untracked(|url| url.path() == path);
    match view {
        Ok(view) => return view,
        Err(_) if !is_wanted => {}
        Err(_) if is_offline() => show_failure(AppError::Offline),
        // The part's file belongs to an older build, or something blocks it. The server's page works without it.
        Err(_) => load_from_server(),
    }
    ().into_any()
}

fn is_open(access: Access) -> bool {
    let (is_signed_in, needs_second_factor) = (use_signed_in_user().is_some(), use_needs_second_factor());
    match access {
        Access::SameForAll | Access::Always => true,
        Access::SecondFactor => needs_second_factor,
        Access::Anyone | Access::AnyoneButEnded => !needs_second_factor,
        Access::SignedIn => is_signed_in,
        Access::SignedOut => !is_signed_in && !needs_second_factor,
    }
}
