//! Validation of the sign-in and sign-up fields.

use crate::error::Problem;
use crate::one_time_code::{is_complete, without_spaces};
use crate::password_strength::SHORTEST_PASSWORD;
use passwords::analyzer::is_common_password;
use secrecy::{ExposeSecret, SecretString};

/// The maximum password length that Appwrite accepts, in characters.
pub const MAX_PASSWORD_LENGTH: usize = 256;
/// The maximum name length that Appwrite accepts, in characters.
pub const MAX_NAME_LENGTH: usize = 128;
/// The number of digits in the codes that Appwrite sends.
const SENT_CODE_LENGTH: usize = 6;
/// The maximum length of an email address (RFC 5321, section 4.5.3.1).
const MAX_EMAIL_LENGTH: usize = 254;
/// The maximum length of the part before the `@` (same section).
const MAX_LOCAL_PART_LENGTH: usize = 64;

/// Returns the problem with a user's name, if any.
pub fn name_problem(name: &str) -> Option<Problem> {
    match name.chars().count() {
        0 => Some(Problem::Missing),
        length if length > MAX_NAME_LENGTH => Some(Problem::TooLong(MAX_NAME_LENGTH)),
        _ => None,
    }
}

/// Returns the problem with an email address, if any.
pub fn email_problem(email: &str) -> Option<Problem> {
    if email.is_empty() {
        return Some(Problem::Missing);
    }
    if email.chars().count() > MAX_EMAIL_LENGTH {
        return Some(Problem::TooLong(MAX_EMAIL_LENGTH));
    }
    let has_shape = email.rsplit_once('@').is_some_and(|(local, domain)| {
        is_local_part(local)
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && !email.chars().any(|character| character.is_whitespace() || character.is_control())
    });
    (!has_shape).then_some(Problem::NotAnEmail)
}

/// True if mail servers accept this local part. Appwrite judges letters outside ASCII.
fn is_local_part(local: &str) -> bool {
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_atom = |part: &str| {
        let is_plain = |one: char| one.is_alphanumeric() || !one.is_ascii() || "!#$%&'*+/=?^_`{|}~-".contains(one);
        !part.is_empty() && part.chars().all(is_plain)
    };
    local.chars().count() <= MAX_LOCAL_PART_LENGTH && (is_quoted || local.split('.').all(is_atom))
}

/// Returns the problem with a new password, if any.
///
/// `is_own` returns true if a lower-case text is the user's name, email address or the part before its `@`.
pub fn new_password_problem(password: &SecretString, is_own: impl FnOnce(&str) -> bool) -> Option<Problem> {
    let password = password.expose_secret();
    let lower_case = password.to_lowercase();
    match password.chars().count() {
        0 => Some(Problem::Missing),
        length if length < SHORTEST_PASSWORD => Some(Problem::TooShort(SHORTEST_PASSWORD)),
        length if length > MAX_PASSWORD_LENGTH => Some(Problem::TooLong(MAX_PASSWORD_LENGTH)),
        _ if is_own(lower_case.trim()) => Some(Problem::PersonalData),
        _ => (is_common_password(password) || is_common_password(&lower_case)).then_some(Problem::TooWeak),
    }
}

/// True if `text`, in lower case, is the email address or the part before its `@`.
pub fn is_own_address(email: &str, text: &str) -> bool {
    let email = email.to_lowercase();
    text == email || email.rsplit_once('@').is_some_and(|(local, _)| text == local)
}

/// Normalizes a phone number to the form that Appwrite accepts (E.164, at most 15 digits). Returns none if it is
/// invalid.
pub fn phone_number(typed: &str) -> Option<String> {
    let plain: String =
        typed.chars().filter(|character| !matches!(character, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    let international = plain.strip_prefix("00").map_or_else(|| plain.clone(), |rest| format!("+{rest}"));
    let digits = international.strip_prefix('+')?;
    let is_number = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then_some(international)
}

/// Returns a code that Appwrite sent, as the user typed it, or the problem with it.
pub fn sent_code(typed: &str) -> Result<String, Problem> {
    let code = without_spaces(typed);
    match is_complete(&code, SENT_CODE_LENGTH) {
        true => Ok(code),
        false if code.is_empty() => Err(Problem::Missing),
        false => Err(Problem::WrongCode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_email_differs_from_a_missing_one() {
        assert_eq!(email_problem(""), Some(Problem::Missing));
        for wrong in [
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann@@example.com",
            "a nn@example.com",
            "ann@a..b",
            "ann..lee@example.com",
            ".ann@example.com",
            "ann.@example.com",
            "ann,lee@example.com",
            "ann(lee)@example.com",
            &format!("{}@example.com", "a".repeat(65)),
        ] {
            assert_eq!(email_problem(wrong), Some(Problem::NotAnEmail), "{wrong}");
        }
        let longest = format!("{}@example.com", "a".repeat(64));
        for right in
            ["ann@example.com", "ann+tag@mail.example.co.uk", "ünï@exämple.com", "\"a,n\"@example.com", &longest]
        {
            assert_eq!(email_problem(right), None, "{right}");
        }
    }

    #[test]
    fn phone_number_needs_a_country_code_in_any_format() {
        for (typed, number) in [
            ("+44 20 7946-0018", Some("+442079460018")),
            ("0049 (30) 901820", Some("+4930901820")),
            ("+1.202.555.0123", Some("+12025550123")),
            ("020 7946 0018", None),
            ("+0 12345678", None),
            ("+44", None),
            ("+1234567890123456", None),
            ("+44 20x", None),
            ("", None),
        ] {
            assert_eq!(phone_number(typed).as_deref(), number, "{typed}");
        }
    }

    #[test]
    fn sent_code_has_six_digits() {
        assert_eq!(sent_code("123 456"), Ok("123456".into()));
        assert_eq!(sent_code(" "), Err(Problem::Missing));
        for wrong in ["12345", "1234567", "12345x", "١٢٣"] {
            assert_eq!(sent_code(wrong), Err(Problem::WrongCode), "{wrong}");
        }
    }

    fn password_problem(password: &str) -> Option<Problem> {
        new_password_problem(&password.into(), |text| is_own_address("Annabelle.Lee@example.com", text))
    }

    #[test]
    fn own_address_is_refused_as_password() {
        for password in ["annabelle.lee@example.com", "ANNABELLE.LEE", " annabelle.lee"] {
            assert_eq!(password_problem(password), Some(Problem::PersonalData), "{password}");
        }
        assert_eq!(password_problem("annabelle.lee-Xq7"), None);
    }

    #[test]
    fn common_passwords_are_refused() {
        for password in
            ["password", "Password1", "12345678", "qwertyuiop", "iloveyou", "aaaaaaaa", "annabelle", "football1"]
        {
            assert_eq!(password_problem(password), Some(Problem::TooWeak), "{password}");
        }
        for password in ["Correct-horse-1", "correct horse", "tr0ub4dor&3", "password-with-a-common-beginning"] {
            assert_eq!(password_problem(password), None, "{password}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(password_problem("äöüßéàçñ"), None);
        assert_eq!(password_problem("1234567"), Some(Problem::TooShort(8)));
        assert_eq!(name_problem(&"ä".repeat(128)), None);
        assert_eq!(name_problem(&"ä".repeat(129)), Some(Problem::TooLong(128)));
    }
}
