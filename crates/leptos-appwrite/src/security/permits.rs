//! Counts connections per key, up to a limit.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A limited number of permits per key.
pub struct Permits<K: Hash + Eq> {
    limit: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// A permit in use. Dropping it returns it.
#[derive(Debug)]
pub struct Permit<K: Hash + Eq> {
    key: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Hash + Eq + Clone> Permits<K> {
    /// Creates `limit` free permits per key.
    pub fn new(limit: usize) -> Self {
        Self { limit, taken: Arc::default() }
    }

    /// Takes a permit, if one is free.
    pub fn take(&self, key: K) -> Option<Permit<K>> {
        let mut taken = lock(&self.taken);
        if taken.get(&key).copied().unwrap_or_default() >= self.limit {
            return None;
        }
        *taken.entry(key.clone()).or_default() += 1;
        Some(Permit { key, taken: Arc::clone(&self.taken) })
    }
}

impl<K: Hash + Eq> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

/// The counts stay correct even if a thread panicked with the lock held.
fn lock<K>(taken: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_counted_per_key_and_returned() {
        let permits = Permits::new(2);
        let first = permits.take("ann").expect("a permit");
        let second = permits.take("ann").expect("a permit");
        assert!(permits.take("ann").is_none());
        assert!(permits.take("ben").is_some());
        drop(first);
        let third = permits.take("ann").expect("a permit that was given back");
        assert!(permits.take("ann").is_none());
        drop((second, third));
        assert!(lock(&permits.taken).is_empty(), "who has left is forgotten");
    }
}
