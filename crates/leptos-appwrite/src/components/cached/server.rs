//! Renders views that are the same for all users, or takes their HTML from the cache.

use std::sync::Arc;
use std::time::Instant;

use leptos::prelude::*;
use leptos::reactive::owner::with_context;
use leptos::tachys::html::InertElement;
use leptos_router::hooks::use_url;

use crate::components::at_once;
use crate::render::cached_views::{CachedViews, Key};
use crate::session::{has_no_result, like_a_visitor};
use crate::state::AppState;
use crate::theme::current_theme;

/// Stands for the text of a user in cached HTML. It is from the private use area.
const MARK: &str = "\u{e000}";

pub(super) fn cached<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    view: impl FnOnce() -> V + Send + 'static,
) -> AnyView {
    match Place::of(name, variant) {
        Some(place) => InertElement::new(place.html(view)).into_any(),
        None => at_once(view),
    }
}

pub(super) fn cached_around<V: IntoView + 'static>(
    name: &'static str,
    variant: &'static str,
    text: String,
    view: impl FnOnce(String) -> V + Send + 'static,
) -> AnyView {
    match Place::of(name, variant) {
        Some(place) => InertElement::new(place.html(|| view(MARK.into())).replace(MARK, &text.to_html())).into_any(),
        None => at_once(move || view(text)),
    }
}

/// The place of a view in the cache.
struct Place {
    views: Arc<CachedViews>,
    key: Key,
}

impl Place {
    /// None if the page caches nothing.
    fn of(name: &'static str, variant: &'static str) -> Option<Self> {
        let views = with_context::<AppState, _>(|state| Arc::clone(&state.cached_views))?;
        // A query may hold the secret of a link.
        let path = use_url().with_untracked(|url| url.search().is_empty().then(|| url.path().to_owned()))?;
        (has_no_result() && !path.contains(MARK))
            .then(|| Self { views, key: Key { name, variant, theme: current_theme(), path } })
    }

    fn html<V: IntoView>(self, view: impl FnOnce() -> V) -> String {
        self.views.html(self.key, Instant::now(), || like_a_visitor(|| view().into_any().to_html()))
    }
}
