//! The field for the codes that Appwrite sends and authenticator apps show.

use leptos::prelude::*;
use leptos_appwrite::components::CodeField;

/// A field for a code of six digits.
#[component]
pub fn SixDigitsField(
    /// Set it if this is the first field of the page and no text before it needs to be read.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    view! {
        <CodeField
            label="Code"
            digits=6
            autofocus
            hint="6 digits"
            hint_with_script="6 digits. The last one sends the code."
        />
    }
}
