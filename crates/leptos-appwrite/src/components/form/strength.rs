//! The line below the field of a new password, which says how strong it is.

use leptos::prelude::*;

use super::FormState;
use crate::components::{reactive, words};

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
) -> impl IntoView {
    let wording = expect_context::<FormState>().wording;
    let strength = RwSignal::new(None);
    Effect::new(move |_| side::follow(field_id.clone(), strength));
    let text = reactive(move || strength.get().map(|strength| words((wording.password_strength)(strength))));
    view! { <p class="strength" id=id aria-live="polite">{text}</p> }
}
