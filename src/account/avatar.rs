//! The user's initials in a circle.

use leptos::prelude::*;

/// Shows the initials of a name. Screen readers skip them, because the name follows.
#[component]
pub fn Avatar(
    /// The name.
    name: String,
) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{initials(&name)}</span> }
}

/// Returns the first letters of the first and the last word, or the last two digits of a phone number.
fn initials(name: &str) -> String {
    if name.starts_with('+') {
        return name.get(name.len().saturating_sub(2)..).unwrap_or_default().to_owned();
    }
    let mut words = name.split_whitespace();
    let ends = [words.next(), words.next_back()];
    ends.into_iter().flatten().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_name_or_the_phone_number() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Ada King, Countess of Lovelace", "AL"),
            ("  \u{e9}mile  zola ", "\u{c9}Z"),
            ("ada@example.com", "A"),
            ("+12025550123", "23"),
            ("+\u{c9}", "\u{c9}"),
            ("+", "+"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
