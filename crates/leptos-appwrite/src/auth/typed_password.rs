//! A typed password in Unicode's composed form (NFC): some systems type `é` as one character, some as two.

use std::borrow::Cow;

use appwrite_client::AppwriteError;
use icu_normalizer::ComposingNormalizerBorrowed;
use secrecy::{ExposeSecret, SecretString};

use super::fields::MAX_PASSWORD_LENGTH;
use crate::password_strength::SHORTEST_PASSWORD;

/// A typed password.
pub(crate) struct TypedPassword {
    composed: SecretString,
    /// The password as typed, if that differs. Accounts from before the app composed passwords may have this form.
    raw: Option<SecretString>,
}

impl TypedPassword {
    /// Composes a typed password.
    pub fn new(typed: String) -> Self {
        match ComposingNormalizerBorrowed::new_nfc().normalize(&typed) {
            Cow::Owned(composed) if composed != typed => Self { composed: composed.into(), raw: Some(typed.into()) },
            _ => Self { composed: typed.into(), raw: None },
        }
    }

    /// Returns the composed form, for a new password.
    pub fn composed(&self) -> &SecretString {
        &self.composed
    }

    /// True if nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.composed.expose_secret().is_empty()
    }

    /// True if the other is the same password.
    pub fn is(&self, other: &Self) -> bool {
        self.composed.expose_secret() == other.composed.expose_secret()
    }

    /// Calls Appwrite with the composed form, and again with the raw form if the first is wrong. Returns none if no account
    /// can have the password.
    pub async fn prove<T, F>(&self, call: impl Fn(SecretString) -> F) -> Option<Result<T, AppwriteError>>
    where
        F: Future<Output = Result<T, AppwriteError>>,
    {
        let mut result = None;
        for form in [Some(&self.composed), self.raw.as_ref()].into_iter().flatten() {
            let length = form.expose_secret().chars().count();
            if (SHORTEST_PASSWORD..=MAX_PASSWORD_LENGTH).contains(&length) {
                let answer = call(form.clone()).await;
                let is_wrong = answer.as_ref().is_err_and(|error| error.is("user_invalid_credentials"));
                result = Some(answer);
                if !is_wrong {
                    break;
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_forms_are_one_password() {
        let (composed, decomposed) = ("caf\u{e9}-Xq7-horse", "cafe\u{301}-Xq7-horse");
        let (one, other) = (TypedPassword::new(composed.into()), TypedPassword::new(decomposed.into()));
        assert_eq!(one.composed.expose_secret(), other.composed.expose_secret());
        assert!(one.raw.is_none());
        assert_eq!(other.raw.as_ref().map(ExposeSecret::expose_secret), Some(decomposed));
    }

    #[tokio::test]
    async fn only_forms_of_a_possible_length_are_tried() {
        let tried = async |typed: &str| {
            let typed = TypedPassword::new(typed.into());
            let lengths = std::sync::Mutex::new(Vec::new());
            let _ = typed
                .prove(|form| {
                    lengths.lock().expect("the list").push(form.expose_secret().chars().count());
                    std::future::ready(Err::<(), _>(AppwriteError::TimedOut))
                })
                .await;
            lengths.into_inner().expect("the list")
        };
        assert_eq!(tried("x").await, [0; 0]);
        assert_eq!(tried("12345678").await, [8]);
        assert_eq!(tried("e\u{301}e\u{301}e\u{301}e\u{301}").await, [8], "4 characters when composed");
    }
}
