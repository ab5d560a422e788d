//! The timers of a state machine, and when each is due.

use std::time::Duration;

/// The timers that are set. There are few, and in a browser the code of a list is much smaller than that of a map.
pub(crate) struct Timers<T>(Vec<(T, Duration)>);

impl<T: Copy + PartialEq> Timers<T> {
    /// No timer is set.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a timer to this time.
    pub(crate) fn set(&mut self, timer: T, at: Duration) {
        self.remove(timer);
        self.0.push((timer, at));
    }

    /// Sets a timer to this time, unless it is set.
    pub(crate) fn set_if_unset(&mut self, timer: T, at: Duration) {
        if self.get(timer).is_none() {
            self.0.push((timer, at));
        }
    }

    pub(crate) fn remove(&mut self, timer: T) {
        self.0.retain(|(other, _)| *other != timer);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the time of a timer, if it is set.
    pub(crate) fn get(&self, timer: T) -> Option<Duration> {
        self.0.iter().find(|(other, _)| *other == timer).map(|(_, at)| *at)
    }

    /// Returns the earliest time, if any timer is set.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|(_, at)| *at).min()
    }

    /// Returns the timers that are due.
    pub(crate) fn due(&self, now: Duration) -> Vec<(T, Duration)> {
        let mut due = self.0.clone();
        due.retain(|(_, at)| *at <= now);
        due
    }
}
