//! The head of every page: icons, and what the app says about itself.

use leptos::html::meta;
use leptos::prelude::*;
use leptos_appwrite::state::AppState;
use leptos_appwrite::theme::theme_colors;

/// The app's description, for search engines and link previews.
const DESCRIPTION: &str =
    "Keep birthdays and share them. An example of Leptos with Appwrite: sign-in, pages from the server, live updates.";

/// The colors of the header, `--sheet` in the style sheet.
const LIGHT: &str = "#ffffff";
const DARK: &str = "#1b2221";

/// Returns what the app adds to the head of every page.
pub(super) fn view() -> AnyView {
    // Sites that show previews load the picture from elsewhere, so its URL is absolute.
    let preview = use_context::<AppState>().map(|state| {
        let address = state.config.origin.url("/preview.png").to_string();
        view! {
            {property("og:image", address)}
            {property("og:image:alt", "Leptos Appwrite")}
            <meta name="twitter:card" content="summary_large_image"/>
        }
    });
    view! {
        <link rel="icon" href="/favicon.ico" sizes="32x32"/>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
        <link rel="manifest" href="/site.webmanifest"/>
        <meta name="description" content=DESCRIPTION/>
        {property("og:type", "website")}
        {property("og:site_name", "Leptos Appwrite")}
        {property("og:title", "Leptos Appwrite")}
        {property("og:description", DESCRIPTION)}
        {preview}
        {theme_colors(LIGHT, DARK)}
    }
    .into_any()
}

/// The macro `view!` does not know the attribute `property` of this element.
fn property(name: &'static str, content: impl Into<String>) -> impl IntoView {
    meta().attr("property", name).content(content.into())
}
