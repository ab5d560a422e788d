//! The choice to stay signed in after the browser is closed.

use leptos::prelude::*;

use crate::components::CheckField;

/// A checkbox, checked at first. Without it, the session ends when the browser closes.
#[component]
pub fn KeepField(
    /// A line below the checkbox.
    #[prop(default = "If unchecked, you're signed out when this browser closes.")]
    hint: &'static str,
    /// Follows the checkbox, for another form on the page.
    #[prop(optional)]
    choice: Option<RwSignal<bool>>,
) -> impl IntoView {
    view! { <CheckField name="keep" label="Keep me signed in" checked=true hint choice/> }
}
