//! The choice to stay signed in after the browser is closed.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::CheckField;

/// A checkbox that is checked by default.
#[component]
pub fn KeepField(
    /// A line below the checkbox.
    #[prop(
        default = "Uncheck this on a shared device. You'll be signed out after 24 hours without use and, in most browsers, when you close the browser."
    )]
    hint: &'static str,
    /// False if the user has unchecked it before.
    #[prop(default = true)]
    checked: bool,
    /// Follows the checkbox, for another form on the page.
    #[prop(optional)]
    choice: Option<RwSignal<bool>>,
) -> impl IntoView {
    // After a refused sign-in with a provider, the redirect back to this page has `keep=no`.
    let was_unchecked = use_query_map().with_untracked(|query| query.get("keep").is_some_and(|keep| keep == "no"));
    let checked = checked && !was_unchecked;
    view! { <CheckField name="keep" label="Keep me signed in" checked hint choice/> }
}
