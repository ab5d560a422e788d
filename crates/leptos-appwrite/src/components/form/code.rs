//! The field for a one-time code.

use leptos::prelude::*;

use super::fields::TextField;
use super::{FormState, side};
use crate::components::has_script::use_has_script;

/// A labeled field, `code`, for a code of digits.
///
/// In the browser, the last digit sends the form. After an error it does not, so that the user can correct several digits,
/// until the field is emptied for another code.
#[component]
pub fn CodeField(
    /// Its label.
    label: &'static str,
    /// The number of digits.
    digits: usize,
    /// A line below the label that says what to enter.
    hint: &'static str,
    /// The same line where the last digit sends the form.
    hint_with_script: &'static str,
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
            sends.get_untracked() && is_complete(typed, digits)
        });
    };
    view! {
        <div on:input=send_when_complete>
            <TextField name="code" label autocomplete="one-time-code" input_mode="numeric" hint/>
        </div>
    }
}

/// True if the user has typed all digits. Spaces and hyphens do not count.
fn is_complete(typed: &str, digits: usize) -> bool {
    let code: Vec<char> = typed.chars().filter(|one| !one.is_whitespace() && *one != '-').collect();
    code.len() == digits && code.iter().all(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_complete_with_all_of_its_digits() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert!(is_complete(typed, 6), "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345x", "abcdef", "\u{661}23456"] {
            assert!(!is_complete(typed, 6), "{typed}");
        }
    }
}
