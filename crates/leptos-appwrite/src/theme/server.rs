//! The theme while a page is rendered.

use axum::http::request::Parts;
use leptos::reactive::owner::with_context;

use super::Theme;

/// Returns the theme from the request's cookie.
pub fn current_theme() -> Theme {
    with_context::<Parts, _>(|parts| parts.extensions.get::<Theme>().copied()).flatten().unwrap_or_default()
}

/// Only a browser changes the theme of an open page.
pub fn show_theme(_theme: Theme) {}
