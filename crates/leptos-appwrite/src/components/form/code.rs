//! The field for a one-time code.

use leptos::prelude::*;

use super::fields::TextField;
use super::{FormState, side};
use crate::components::has_script::use_has_script;
use crate::one_time_code::{is_complete, without_spaces};

/// A labeled field, `code`, for a code of digits.
///
/// In the browser, the last digit sends the form. After an error it does not, so that the user can correct several
/// digits; it does again once the user has emptied the field.
#[component]
pub fn CodeField(
    /// Its label.
    label: &'static str,
    /// The number of digits.
    digits: usize,
    /// A line below the label that says what to enter.
    hint: &'static str,
    /// The replacement for `hint` if the last digit sends the form.
    hint_with_script: &'static str,
    /// True for the first field of a page that has nothing to read before it.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let has_script = use_has_script();
    let sends = RwSignal::new(form.error.with_untracked(Option::is_none));
    Effect::new(move |_| {
        if form.error.with(Option::is_some) {
            sends.set(false);
        }
    });
    let hint = Signal::derive(move || if has_script.get() && sends.get() { hint_with_script } else { hint });
    let send_when_complete = move |event| {
        side::send_if(&event, |typed| {
            if typed.is_empty() {
                sends.set(true);
            }
            sends.get_untracked() && is_complete(&without_spaces(typed), digits)
        });
    };
    view! {
        <div on:input=send_when_complete>
            <TextField name="code" label autocomplete="one-time-code" input_mode="numeric" hint autofocus/>
        </div>
    }
}
