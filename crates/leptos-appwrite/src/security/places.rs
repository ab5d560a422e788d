//! Counts connections per key, up to a limit.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A limited number of places per key.
pub struct Places<K: Hash + Eq> {
    limit: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// An occupied place; dropping it frees the place.
#[derive(Debug)]
pub struct Place<K: Hash + Eq> {
    key: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Hash + Eq + Clone> Places<K> {
    /// Creates `limit` free places per key.
    pub fn new(limit: usize) -> Self {
        Self { limit, taken: Arc::default() }
    }

    /// Takes a place, if one is free.
    pub fn take(&self, key: K) -> Option<Place<K>> {
        let mut taken = lock(&self.taken);
        if taken.get(&key).copied().unwrap_or_default() >= self.limit {
            return None;
        }
        *taken.entry(key.clone()).or_default() += 1;
        Some(Place { key, taken: Arc::clone(&self.taken) })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
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
    fn each_key_has_its_places_and_gets_them_back() {
        let places = Places::new(2);
        let first = places.take("ann").expect("a place");
        let second = places.take("ann").expect("a place");
        assert!(places.take("ann").is_none());
        assert!(places.take("ben").is_some());
        drop(first);
        let third = places.take("ann").expect("a place that was given back");
        assert!(places.take("ann").is_none());
        drop((second, third));
        assert!(lock(&places.taken).is_empty(), "who has left is forgotten");
    }
}
