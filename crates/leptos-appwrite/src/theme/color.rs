//! The color of the browser's own frame, `<meta name="theme-color">`.

use super::Theme;

/// The schemes, and the ids of the elements with their colors.
pub(crate) const SCHEMES: [(Theme, &str); 2] = [(Theme::Light, "theme-color-light"), (Theme::Dark, "theme-color-dark")];

/// Returns the elements for a page's head. The choice of a theme in the open page changes which of them counts.
#[cfg(feature = "ssr")]
pub fn theme_colors(light: &'static str, dark: &'static str) -> impl leptos::IntoView {
    use leptos::html::meta;
    use leptos::prelude::*;

    let theme = super::current_theme();
    // The macro `view!` does not know the attribute `media` of this element.
    let element = |(scheme, id): (Theme, &'static str)| {
        let color = if scheme == Theme::Dark { dark } else { light };
        meta().id(id).name("theme-color").content(color).attr("media", theme.media_of(scheme))
    };
    SCHEMES.map(element).into_iter().collect_view()
}
