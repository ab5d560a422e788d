//! The color of the browser's own frame, `<meta name="theme-color">`.

use leptos::html::meta;
use leptos::prelude::*;

use super::{Theme, current_theme};

/// Returns the elements for a page's head. [`show_theme`](super::show_theme) changes which of them applies.
pub fn theme_colors(light: &'static str, dark: &'static str) -> impl IntoView {
    let theme = current_theme();
    // The macro `view!` does not know the attribute `media` of this element.
    let element = |(scheme, id): (Theme, &'static str)| {
        let color = if scheme == Theme::Dark { dark } else { light };
        meta().id(id).name("theme-color").content(color).attr("media", theme.media_of(scheme))
    };
    Theme::COLOR_IDS.map(element).into_iter().collect_view()
}
