//! What the fields of the ways in may hold.

use secrecy::{ExposeSecret, SecretString};

use crate::error::Problem;

/// The fewest characters that Appwrite takes as a password.
pub const SHORTEST_PASSWORD: usize = 8;
/// The most characters that Appwrite takes as a password.
pub const LONGEST_PASSWORD: usize = 256;
/// The most characters that Appwrite takes as a name.
pub const LONGEST_NAME: usize = 128;
/// The longest e-mail address there is (RFC 5321, section 4.5.3.1).
const LONGEST_EMAIL: usize = 254;

/// What is wrong with a person's name, if anything is.
pub fn name_problem(name: &str) -> Option<Problem> {
    match name.chars().count() {
        0 => Some(Problem::Missing),
        length if length > LONGEST_NAME => Some(Problem::TooLong(LONGEST_NAME)),
        _ => None,
    }
}

/// What is wrong with an e-mail address, if anything is.
pub fn email_problem(email: &str) -> Option<Problem> {
    if email.is_empty() {
        return Some(Problem::Missing);
    }
    if email.chars().count() > LONGEST_EMAIL {
        return Some(Problem::TooLong(LONGEST_EMAIL));
    }
    let has_shape = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && !email.chars().any(|character| character.is_whitespace() || character.is_control())
    });
    (!has_shape).then_some(Problem::NotAnEmail)
}

/// What is wrong with a password that somebody chose, if anything is.
pub fn new_password_problem(password: &SecretString) -> Option<Problem> {
    match password.expose_secret().chars().count() {
        0 => Some(Problem::Missing),
        length if length < SHORTEST_PASSWORD => Some(Problem::TooShort(SHORTEST_PASSWORD)),
        length if length > LONGEST_PASSWORD => Some(Problem::TooLong(LONGEST_PASSWORD)),
        _ => None,
    }
}

/// A phone number as Appwrite takes it, from how people write it; none if it is not one (E.164, at most 15 digits).
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

/// A code as it was sent, from how people type or paste it.
pub fn code(typed: &str) -> String {
    typed.chars().filter(|character| !character.is_whitespace() && *character != '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_the_shape_of_one_are_told_apart_from_missing_ones() {
        assert_eq!(email_problem(""), Some(Problem::Missing));
        for wrong in ["ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "a nn@example.com", "ann@a..b"]
        {
            assert_eq!(email_problem(wrong), Some(Problem::NotAnEmail), "{wrong}");
        }
        for right in ["ann@example.com", "ann+tag@mail.example.co.uk", "ünï@exämple.com"] {
            assert_eq!(email_problem(right), None, "{right}");
        }
    }

    #[test]
    fn phone_numbers_are_taken_as_people_write_them_but_need_their_country() {
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
    fn a_code_may_be_typed_in_groups() {
        assert_eq!(code(" 123 456\n"), "123456");
        assert_eq!(code("123-456"), "123456");
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(new_password_problem(&"ääääääää".into()), None);
        assert_eq!(new_password_problem(&"1234567".into()), Some(Problem::TooShort(8)));
        assert_eq!(name_problem(&"ä".repeat(128)), None);
        assert_eq!(name_problem(&"ä".repeat(129)), Some(Problem::TooLong(128)));
    }
}
