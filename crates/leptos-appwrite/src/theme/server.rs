//! The theme while a page is rendered.

use axum::http::request::Parts;
use leptos::prelude::use_context;

use super::Theme;

/// Returns the theme from the request's cookie.
pub fn current_theme() -> Theme {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Theme>().copied()).unwrap_or_default()
}

/// Only a browser changes the theme of an open page.
pub fn show_theme(_theme: Theme) {}
