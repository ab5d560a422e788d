//! Rate limits with windows aligned to the clock, like Appwrite's.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

/// The rate limit of a call, for its response headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Calls per window.
    pub limit: u32,
    /// Calls left after this one.
    pub remaining: u32,
    /// The end of the window, in seconds since 1970.
    pub reset: i64,
    /// True if this call exceeds the limit.
    pub is_exceeded: bool,
}

/// The counters of one backend. They are in memory, because Appwrite's are in a cache.
#[derive(Debug, Default)]
pub struct RateLimiter {
    windows: Mutex<HashMap<String, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    reset: i64,
    count: u32,
}

/// Deletes the counters of past windows when this many exist.
const SWEEP_AT: usize = 10_000;

impl RateLimiter {
    /// Counts a call under `key` and checks the limit, in one step, so that parallel calls cannot exceed it.
    pub fn count(&self, key: &str, limit: u32, window: u32, now: Timestamp) -> Allowance {
        let reset = window_end(window, now);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SWEEP_AT {
            windows.retain(|_, window| window.reset > now.as_second());
        }
        let entry = windows.entry(key.to_owned()).or_insert(Window { reset, count: 0 });
        if entry.reset != reset {
            *entry = Window { reset, count: 0 };
        }
        let is_exceeded = entry.count >= limit;
        if !is_exceeded {
            entry.count += 1;
        }
        Allowance { limit, remaining: limit.saturating_sub(entry.count), reset, is_exceeded }
    }

    /// Clears all counters.
    pub fn clear_all(&self) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Clears the counter of `key` after a success.
    pub fn clear(&self, key: &str) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// The headers for API keys: their requests are not counted, so they always look like the first one.
#[must_use]
pub fn untouched(limit: u32, window: u32, now: Timestamp) -> Allowance {
    Allowance { limit, remaining: limit.saturating_sub(1), reset: window_end(window, now), is_exceeded: false }
}

fn window_end(window: u32, now: Timestamp) -> i64 {
    let window = i64::from(window.max(1));
    (now.as_second().div_euclid(window) + 1) * window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a timestamp")
    }

    #[test]
    fn hour_ends_at_the_full_hour() {
        assert_eq!(untouched(10, 3600, at(1_795_243_754)).reset, 1_795_244_400);
    }

    #[test]
    fn countdown_matches_the_recording() {
        let limiter = RateLimiter::default();
        let now = at(1_795_243_754);
        let remaining: Vec<u32> = (0..10).map(|_| limiter.count("k", 10, 3600, now).remaining).collect();
        assert_eq!(remaining, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        let eleventh = limiter.count("k", 10, 3600, now);
        assert!(eleventh.is_exceeded);
        assert_eq!(eleventh.remaining, 0);
    }

    #[test]
    fn next_window_resets_the_count() {
        let limiter = RateLimiter::default();
        for _ in 0..3 {
            limiter.count("k", 2, 60, at(0));
        }
        assert!(limiter.count("k", 2, 60, at(59)).is_exceeded);
        assert!(!limiter.count("k", 2, 60, at(60)).is_exceeded);
    }

    #[test]
    fn keys_are_counted_and_cleared_separately() {
        let limiter = RateLimiter::default();
        limiter.count("a", 1, 60, at(0));
        assert!(!limiter.count("b", 1, 60, at(0)).is_exceeded);
        limiter.clear("a");
        assert!(!limiter.count("a", 1, 60, at(0)).is_exceeded);
        assert!(limiter.count("b", 1, 60, at(0)).is_exceeded);
    }

    #[test]
    fn two_limits_on_one_key_share_its_count() {
        // As in Appwrite, `PATCH` and `DELETE` of a session share a counter.
        let limiter = RateLimiter::default();
        for _ in 0..12 {
            assert!(!limiter.count("k", 100, 3600, at(0)).is_exceeded);
        }
        let stricter = limiter.count("k", 10, 3600, at(0));
        assert!(stricter.is_exceeded);
        assert_eq!(stricter.remaining, 0);
    }

    #[test]
    fn parallel_calls_are_limited_exactly() {
        let limiter = RateLimiter::default();
        let through: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..50).filter(|_| !limiter.count("k", 60, 3600, at(0)).is_exceeded).count()))
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("a count")).sum()
        });
        assert_eq!(through, 60);
    }
}
