//! Formats of ids, email addresses and phone numbers.

/// Returns true if `text` is a valid id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    is_key(text, 36)
}

/// Returns true if `text` is a valid key of at most `length` characters.
#[must_use]
pub fn is_key(text: &str, length: usize) -> bool {
    let first_is_plain = text.chars().next().is_some_and(|first| first.is_ascii_alphanumeric());
    first_is_plain
        && text.len() <= length
        && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_'))
}

/// Follows PHP's `FILTER_VALIDATE_EMAIL`: dot-atoms, one `@`, a host of labels with a dot.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(character))
    };
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    local.len() <= 64
        && text.len() <= 254
        && local.split('.').all(atom)
        && host.contains('.')
        && host.split('.').all(label)
        // Refuses IP addresses and numeric top-level names.
        && host.rsplit('.').next().is_some_and(|top| top.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

/// Matches `^\+[1-9]\d{6,14}$`.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_with_a_path_is_refused() {
        for bad in ["../x", "", "_a", "a/b", ".", "a b", "é", &"a".repeat(37)] {
            assert!(!is_id(bad), "{bad:?}");
        }
        assert!(is_id("up243860") && is_id("a.b-c_d"));
    }

    #[test]
    fn addresses_are_validated_as_in_php() {
        for good in ["ann@example.com", "a.b+c@sub.example.co", "Ann@Example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["nope", "a@b", "@x.y", "a@", "a..b@x.y", "a b@x.y", "a@-x.y", ".a@x.y", "a@127.0.0.1", "a@x.123"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers_must_be_e164() {
        assert!(is_phone("+12025550243"));
        for bad in ["12025550243", "+0202555024", "+123456", "+1234567890123456", "+1202555x243"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
