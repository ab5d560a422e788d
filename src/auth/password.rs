//! Sign-up and sign-in with e-mail and password: what the forms and the JSON routes have in common.

use secrecy::{ExposeSecret, SecretString};

use crate::appwrite::{NewAccount, NewSession, SessionSecret};
use crate::error::{AppError, Problem};
use crate::server::AppState;
use crate::session::request::{FieldErrors, Sender};

/// The fewest characters that Appwrite takes as a password.
pub const SHORTEST_PASSWORD: usize = 8;
/// The most characters that Appwrite takes as a password.
pub const LONGEST_PASSWORD: usize = 256;
/// The most characters that Appwrite takes as a name.
pub const LONGEST_NAME: usize = 128;
/// The longest e-mail address there is (RFC 5321, section 4.5.3.1).
const LONGEST_EMAIL: usize = 254;

/// What a person signs in with.
pub struct Credentials {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

impl Credentials {
    /// Credentials as typed; white space around the address does not count.
    pub fn new(email: &str, password: String) -> Self {
        Self { email: email.trim().to_owned(), password: password.into() }
    }
}

/// Creates an account and signs in to it.
pub async fn sign_up(
    state: &AppState,
    sender: &Sender,
    name: &str,
    credentials: &Credentials,
) -> Result<NewSession, AppError> {
    let name = name.trim();
    let mut errors = FieldErrors::default();
    errors.note("name", name_problem(name));
    errors.note("email", email_problem(&credentials.email));
    errors.note("password", new_password_problem(&credentials.password));
    errors.check()?;
    state.limits.sign_up(sender.address)?;
    let account =
        NewAccount { email: credentials.email.clone(), password: credentials.password.clone(), name: name.to_owned() };
    let admin = state.appwrite.admin();
    admin.create_account(&account, &sender.visitor()).await?;
    Ok(admin.create_email_session(&account.email, &account.password, &sender.visitor()).await?)
}

/// Signs in. A wrong password and an unknown address give the same error.
pub async fn sign_in(state: &AppState, sender: &Sender, credentials: &Credentials) -> Result<NewSession, AppError> {
    let mut errors = FieldErrors::default();
    errors.note("email", email_problem(&credentials.email));
    errors.note("password", credentials.password.expose_secret().is_empty().then_some(Problem::Missing));
    errors.check()?;
    let length = credentials.password.expose_secret().chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        // No account has such a password, and Appwrite would tell this apart from a wrong one.
        return state.limits.sign_in(sender.address, &credentials.email).and(Err(AppError::InvalidCredentials));
    }
    state.limits.sign_in(sender.address, &credentials.email)?;
    let admin = state.appwrite.admin();
    match admin.create_email_session(&credentials.email, &credentials.password, &sender.visitor()).await {
        // Appwrite checks the address by stricter rules than ours; there is no account with one that it refuses.
        Err(error) if error.is("general_argument_invalid") => Err(AppError::InvalidCredentials),
        result => Ok(result?),
    }
}

/// Ends the session that a browser had before it signed in anew. That the new one stands matters more than that the old
/// one is gone, so a failure is only logged.
pub async fn end_former_session(state: &AppState, former: Option<SessionSecret>) {
    let Some(former) = former else { return };
    if let Err(error) = state.appwrite.session(former).sign_out().await {
        tracing::warn!(%error, "the former session could not be ended");
    }
}

fn name_problem(name: &str) -> Option<Problem> {
    match name.chars().count() {
        0 => Some(Problem::Missing),
        length if length > LONGEST_NAME => Some(Problem::TooLong(LONGEST_NAME)),
        _ => None,
    }
}

fn email_problem(email: &str) -> Option<Problem> {
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

fn new_password_problem(password: &SecretString) -> Option<Problem> {
    match password.expose_secret().chars().count() {
        0 => Some(Problem::Missing),
        length if length < SHORTEST_PASSWORD => Some(Problem::TooShort(SHORTEST_PASSWORD)),
        length if length > LONGEST_PASSWORD => Some(Problem::TooLong(LONGEST_PASSWORD)),
        _ => None,
    }
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
    fn lengths_are_counted_in_characters() {
        assert_eq!(new_password_problem(&"ääääääää".into()), None);
        assert_eq!(new_password_problem(&"1234567".into()), Some(Problem::TooShort(8)));
        assert_eq!(name_problem(&"ä".repeat(128)), None);
        assert_eq!(name_problem(&"ä".repeat(129)), Some(Problem::TooLong(128)));
    }
}
