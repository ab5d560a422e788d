//! One-time codes as users type them.

/// Removes the spaces and hyphens that users type or paste into a code.
pub(crate) fn without_spaces(typed: &str) -> String {
    typed.chars().filter(|character| !character.is_whitespace() && *character != '-').collect()
}

/// True if the code has this number of ASCII digits and nothing else.
pub(crate) fn is_complete(code: &str, digits: usize) -> bool {
    code.len() == digits && code.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_may_be_typed_in_groups() {
        assert_eq!(without_spaces(" 123 456\n"), "123456");
        assert_eq!(without_spaces("123-456"), "123456");
    }

    #[test]
    fn code_is_complete_with_all_of_its_digits() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert!(is_complete(&without_spaces(typed), 6), "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345x", "abcdef", "\u{661}23456"] {
            assert!(!is_complete(&without_spaces(typed), 6), "{typed}");
        }
    }
}
