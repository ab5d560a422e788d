//! Passwords: hashed with Argon2id, never kept in the clear.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use serde_json::{Value, json};

use crate::ApiError;

/// As many hashes at once as the machine has cores: each takes 19 MiB and a core of its own.
static TURNS: Turns = Turns { running: Mutex::new(0), ended: Condvar::new() };

struct Turns {
    running: Mutex<usize>,
    ended: Condvar,
}

/// Ends with the hash, also when it panics.
struct Turn<'turns>(&'turns Turns);

impl Turns {
    fn take(&self) -> Turn<'_> {
        let most = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running =
            self.ended.wait_while(running, |running| *running >= most).unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.ended.notify_one();
    }
}

/// The hash of `password`, in PHC form, with a salt of its own.
///
/// # Errors
/// When the system has no randomness.
pub fn hash(password: &str) -> Result<String, ApiError> {
    let _turn = TURNS.take();
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(ApiError::unknown)
}

/// Runs costly `work` when a core is free.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURNS.take();
    work()
}

/// Whether `password` is the one that was hashed.
#[must_use]
pub fn matches(password: &str, hash: &str) -> bool {
    let _turn = TURNS.take();
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The options of a hash, as the users service shows them; those of new hashes where there is none.
#[must_use]
pub fn options_of(hash: &str) -> Value {
    let params = PasswordHash::new(hash).ok().and_then(|hash| argon2::Params::try_from(&hash).ok());
    options(&params.unwrap_or_default())
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
    fn no_more_hashes_run_at_once_than_there_are_cores() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let turns = Turns { running: Mutex::new(0), ended: Condvar::new() };
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    let _turn = turns.take();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        assert!(most.into_inner() <= cores);
    }

    #[test]
    fn garbage_in_place_of_a_hash_matches_nothing() {
        assert!(!matches("x", "garbage"));
    }
}
