//! Hashes passwords with Argon2id.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use rand::RngExt;
use serde_json::{Value, json};

use crate::ApiError;

/// Limits concurrent hashes to the number of cores: each takes 19 MiB and a core.
static TURNS: HashSlots = HashSlots { running: Mutex::new(0), ended: Condvar::new() };

struct HashSlots {
    running: Mutex<usize>,
    ended: Condvar,
}

/// Released after the hash, even if it panics.
struct HashSlot<'turns>(&'turns HashSlots);

impl HashSlots {
    fn take(&self) -> HashSlot<'_> {
        let most = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running =
            self.ended.wait_while(running, |running| *running >= most).unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        HashSlot(self)
    }
}

impl Drop for HashSlot<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.ended.notify_one();
    }
}

/// Hashes `password` with a random salt, in PHC format.
///
/// # Errors
/// When the system's random generator fails.
pub fn hash(password: &str) -> Result<String, ApiError> {
    let _turn = TURNS.take();
    let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
    let salt = Salt::new(&rand::rng().random::<[u8; 16]>()).map_err(ApiError::unknown)?;
    let output = computed(algorithm, version, &params, password, &salt).ok_or_else(|| ApiError::unknown("no hash"))?;
    let params = ParamsString::try_from(&params).map_err(ApiError::unknown)?;
    let (version, salt, hash) = (Some(version.into()), Some(salt), Some(output));
    Ok(PasswordHash { algorithm: algorithm.ident(), version, params, salt, hash }.to_string())
}

/// The allocator returns blocks of this size to the system at once. It keeps smaller blocks for each thread that has
/// hashed, which would be 2 GB after a hundred sign-ups. Pages that are never written cost nothing.
const GIVEN_BACK: usize = 33 * 1024 * 1024;

fn computed(algorithm: Algorithm, version: Version, params: &Params, password: &str, salt: &Salt) -> Option<Output> {
    let mut memory: Vec<Block> = Vec::new();
    memory.try_reserve_exact(params.block_count().max(GIVEN_BACK / Block::SIZE)).ok()?;
    memory.resize(params.block_count(), Block::default());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
    let argon2 = Argon2::new(algorithm, version, params.clone());
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory).ok()?;
    Output::new(output).ok()
}

/// Runs expensive `work` once a core is free.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURNS.take();
    work()
}

/// Returns true if `password` matches the hash.
#[must_use]
pub fn matches(password: &str, hash: &str) -> bool {
    let _turn = TURNS.take();
    verified(password, hash).unwrap_or(false)
}

/// Returns `None` if the hash is invalid or too expensive.
fn verified(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok().filter(is_affordable)?;
    let output = computed(algorithm, version, &params, password, hash.salt.as_ref()?)?;
    // `Output` compares in constant time.
    Some(output == hash.hash?)
}

/// The most memory per hash, in KiB. Imported hashes set their own cost.
pub const MAX_MEMORY: u32 = 256 * 1024;

/// The maximum number of passes over this memory.
const MAX_ROUNDS: u32 = 64;

fn is_affordable(params: &Params) -> bool {
    params.m_cost() <= MAX_MEMORY && params.t_cost() <= MAX_ROUNDS
}

/// The options of a hash in the users service's format; without a hash, those of new hashes.
#[must_use]
pub fn options_of(hash: &str) -> Value {
    let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    options(&params.unwrap_or_default())
}

fn options(params: &Params) -> Value {
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
    fn same_password_gets_a_different_hash_each_time() {
        assert_ne!(hash("Correct-horse-1").expect("a hash"), hash("Correct-horse-1").expect("a hash"));
    }

    #[test]
    fn concurrent_hashes_are_limited_to_the_cores() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let turns = HashSlots { running: Mutex::new(0), ended: Condvar::new() };
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
    fn imported_hash_with_excessive_memory_is_refused() {
        let salt_and_hash = "c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b2dWRWJTmaaJObG";
        for cost in ["m=4194304,t=1,p=1", "m=8,t=4000000000,p=1"] {
            assert!(!matches("x", &format!("$argon2id$v=19${cost}${salt_and_hash}")), "{cost}");
        }
    }

    #[test]
    fn malformed_hash_matches_nothing() {
        assert!(!matches("x", "garbage"));
    }
}
