//! Renders views that are the same for all users, or takes their HTML from the cache.

use std::sync::Arc;
use std::time::Instant;

use leptos::prelude::*;
use leptos::reactive::owner::with_context;
use leptos::tachys::html::InertElement;
use leptos_router::hooks::use_url;

use crate::components::at_once;
use crate::render::cached_views::Key;
use crate::session::{has_no_result, like_a_visitor};
use crate::state::AppState;
use crate::theme::current_theme;

pub(super) fn cached<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    view: impl FnOnce() -> V + Send + 'static,
) -> AnyView {
    let cached = with_context::<AppState, _>(|state| Arc::clone(&state.cached_views));
    // A query may hold the secret of a link.
    let path = use_url().with_untracked(|url| url.search().is_empty().then(|| url.path().to_owned()));
    let (Some(cached), Some(path), true) = (cached, path, has_no_result()) else { return at_once(view) };
    let key = Key { name, variant, theme: current_theme(), path };
    let html = cached.html(key, Instant::now(), || like_a_visitor(|| view().into_any().to_html()));
    InertElement::new(html).into_any()
}
