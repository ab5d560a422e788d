//! A small cache of what the server renders for many users. Its entries live for a few seconds.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The age at which the cache no longer returns an entry.
pub const MAX_AGE: Duration = Duration::from_secs(5);

/// At most `MAX_LEN` entries, the newest.
pub struct Cache<K, V, const MAX_LEN: usize>(Mutex<HashMap<K, (Instant, V)>>);

impl<K, V, const MAX_LEN: usize> Default for Cache<K, V, MAX_LEN> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone, const MAX_LEN: usize> Cache<K, V, MAX_LEN> {
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        self.lock().get(key).filter(|(since, _)| is_fresh(*since, now)).map(|(_, value)| value.clone())
    }

    pub fn insert(&self, key: K, value: V, now: Instant) {
        let mut entries = self.lock();
        entries.retain(|_, (since, _)| is_fresh(*since, now));
        if entries.len() >= MAX_LEN {
            let oldest = entries.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone());
            oldest.and_then(|key| entries.remove(&key));
        }
        entries.insert(key, (now, value));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (Instant, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.duration_since(since) < MAX_AGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_is_used_for_its_key_and_a_few_seconds() {
        let (cache, now) = (Cache::<_, _, 2>::default(), Instant::now());
        cache.insert("a", 1, now);
        assert_eq!((cache.get(&"a", now), cache.get(&"b", now)), (Some(1), None));
        assert_eq!(cache.get(&"a", now + MAX_AGE - Duration::from_millis(1)), Some(1));
        assert_eq!(cache.get(&"a", now + MAX_AGE), None);
    }

    #[test]
    fn only_the_newest_entries_stay() {
        let (cache, now) = (Cache::<_, _, 4>::default(), Instant::now());
        for number in 0..9 {
            cache.insert(number, (), now + Duration::from_micros(number));
        }
        assert_eq!((0..9).filter(|number| cache.get(number, now).is_some()).collect::<Vec<_>>(), [5, 6, 7, 8]);
        cache.insert(9, (), now + MAX_AGE * 2);
        assert_eq!(cache.lock().len(), 1);
    }
}
