//! The line below the field of a new password, which says how strong it is.

use leptos::prelude::*;

use super::FormState;
use crate::components::{reactive, words};
use crate::error::Problem;
use crate::password_strength::PasswordStrength;

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

/// Says how strong the password in the field `field_id` is, after each pause in typing. Empty without JavaScript.
#[component]
pub(super) fn StrengthLine(
    /// The line's id.
    id: String,
    field_id: String,
    /// The field's name.
    name: &'static str,
) -> impl IntoView {
    let FormState { wording, error, .. } = expect_context();
    let strength = RwSignal::new(None);
    Effect::new(move |_| side::follow(field_id.clone(), strength));
    let problem = move || error.with(|error| error.as_ref()?.problem(name));
    let text = reactive(move || match strength.get()? {
        // The field's error already explains it.
        PasswordStrength::TooShort(_) if matches!(problem(), Some(Problem::TooShort(_))) => None,
        strength => Some(words((wording.password_strength)(strength))),
    });
    view! { <p class="strength" id=id aria-live="polite">{text}</p> }
}
