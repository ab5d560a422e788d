//! The logos of providers, in the color of the text.

use leptos::prelude::*;

/// Returns the logo of the provider with Appwrite's id `id`, or a key if there is none.
///
/// The drawings are files in `public/logos`, which only browsers with such a button load. All but the key are from Simple
/// Icons (CC0), version 12 for Microsoft's and 16 for the others.
pub fn provider_logo(id: &str) -> impl IntoView + use<> {
    let class = match id {
        "apple" => "logo logo-apple",
        "discord" => "logo logo-discord",
        "facebook" => "logo logo-facebook",
        "github" => "logo logo-github",
        "gitlab" => "logo logo-gitlab",
        "google" => "logo logo-google",
        "microsoft" => "logo logo-microsoft",
        _ => "logo",
    };
    view! { <span class=class aria-hidden="true"></span> }
}
