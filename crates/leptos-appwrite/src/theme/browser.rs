//! The theme in the browser.

use leptos::prelude::document;

use super::Theme;

/// The attribute of `<html>` that the style sheet follows.
const ATTRIBUTE: &str = "data-theme";

/// Returns the theme of the page.
pub fn current_theme() -> Theme {
    let name = document().document_element().and_then(|html| html.get_attribute(ATTRIBUTE));
    name.and_then(|name| Theme::of_name(&name)).unwrap_or_default()
}

/// Changes the theme of the page that is open. [`SetTheme`](super::SetTheme) keeps the theme for the next pages.
pub fn show_theme(theme: Theme) {
    let Some(html) = document().document_element() else { return };
    // Fails only for an invalid attribute name.
    let _ = match theme.attribute() {
        Some(name) => html.set_attribute(ATTRIBUTE, name),
        None => html.remove_attribute(ATTRIBUTE),
    };
    for (scheme, id) in Theme::COLOR_IDS {
        if let Some(color) = document().get_element_by_id(id) {
            let _ = color.set_attribute("media", theme.media_of(scheme));
        }
    }
}
