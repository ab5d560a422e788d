//! The field for the codes that Appwrite sends and authenticator apps show.

use leptos::prelude::*;
use leptos_appwrite::components::CodeField;

/// A field for a code of six digits.
#[component]
pub fn SixDigitsField(
    /// True for the first field of a page that has nothing to read before it.
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
