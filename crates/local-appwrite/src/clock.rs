//! A clock that tests can move, so that they need not wait for expiries.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

/// The system clock, or a manual clock. Both can be moved forward.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// The time of a manual clock, in milliseconds since 1970.
    standing: Option<i64>,
    /// The milliseconds that tests have added.
    moved: Arc<AtomicI64>,
}

impl Clock {
    /// The system's time.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self { standing: Some(start.as_millisecond()), moved: Arc::default() }
    }

    /// The current time in milliseconds, the precision that Appwrite stores.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let unmoved = self.standing.unwrap_or_else(|| Timestamp::now().as_millisecond());
        let milliseconds = unmoved.saturating_add(self.moved.load(Ordering::SeqCst));
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock and its clones forward.
    pub fn advance(&self, by: Duration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.moved.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Undoes every [`Clock::advance`].
    pub(crate) fn reset(&self) {
        self.moved.store(0, Ordering::SeqCst);
    }
}

/// Adds `by` to `time`, limited to the range of a timestamp.
#[must_use]
pub fn after(time: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| time.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// Formats a date like Appwrite's responses: `2026-11-21T06:49:14.881+00:00`.
#[must_use]
pub fn wire(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

/// Formats a date like Appwrite's database, seen in a few responses: `2026-11-21 06:49:20.767`.
#[must_use]
pub fn database(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn wire_date_has_milliseconds_and_offset() {
        assert_eq!(wire(at("2026-11-21T06:49:14.88Z")), "2026-11-21T06:49:14.880+00:00");
        assert_eq!(wire(at("2026-11-21T06:49:14Z")), "2026-11-21T06:49:14.000+00:00");
    }

    #[test]
    fn manual_clock_moves_only_on_request() {
        let clock = Clock::manual(at("2026-11-21T06:00:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(61));
        assert_eq!(clock.now(), at("2026-11-21T06:01:01Z"));
        clock.reset();
        assert_eq!(clock.now(), at("2026-11-21T06:00:00Z"));
    }

    #[test]
    fn system_clock_moves_forward_and_back() {
        let clock = Clock::system();
        clock.clone().advance(Duration::from_secs(3600));
        assert!(clock.now() > Timestamp::now() + SignedDuration::from_secs(3590));
        clock.reset();
        assert!(clock.now() <= Timestamp::now());
    }
}
