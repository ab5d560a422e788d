//! Passwords: hashed with Argon2id, never kept in the clear.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use serde_json::{Value, json};

use crate::ApiError;

/// The hash of `password`, in PHC form, with a salt of its own.
///
/// # Errors
/// When the system has no randomness.
pub fn hash(password: &str) -> Result<String, ApiError> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(ApiError::unknown)
}

/// Whether `password` is the one that was hashed.
#[must_use]
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The name and options of a hash, as the users service shows them.
#[must_use]
pub fn describe(hash: &str) -> (&'static str, Value) {
    let options = PasswordHash::new(hash)
        .ok()
        .and_then(|hash| argon2::Params::try_from(&hash).ok())
        .map_or_else(default_options, |params| options(&params));
    ("argon2", options)
}

/// The options of new hashes.
#[must_use]
pub fn default_options() -> Value {
    options(&argon2::Params::default())
}

fn options(params: &argon2::Params) -> Value {
    json!({
        "type": "argon2",
        "memory_cost": params.m_cost(),
        "time_cost": params.t_cost(),
        "threads": params.p_cost(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_matches() {
        let hash = hash("Correct-horse-1").expect("a hash");
        assert!(matches("Correct-horse-1", &hash));
        assert!(!matches("correct-horse-1", &hash));
        assert!(!matches("", &hash));
    }

    #[test]
    fn the_same_password_is_never_hashed_the_same() {
        assert_ne!(hash("Correct-horse-1").expect("a hash"), hash("Correct-horse-1").expect("a hash"));
    }

    #[test]
    fn garbage_in_place_of_a_hash_matches_nothing() {
        assert!(!matches("x", "garbage"));
    }
}
