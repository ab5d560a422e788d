//! The time since the page was opened, including sleep.

use std::cell::Cell;
use std::time::Duration;

use web_sys::js_sys::Date;

/// A monotonic clock that includes sleep. `performance.now()` stops during sleep in some browsers, and the wall clock
/// jumps when the user sets it.
pub(in crate::realtime) struct Clock {
    wall: Cell<f64>,
    elapsed: Cell<Duration>,
}

impl Clock {
    pub(in crate::realtime) fn now(&self) -> Duration {
        let wall = Date::now();
        let passed = wall - self.wall.replace(wall);
        // The wall clock was set back, so the step is unknown and counts as zero.
        let passed = Duration::try_from_secs_f64(passed / 1000.0).unwrap_or_default();
        self.elapsed.set(self.elapsed.get() + passed);
        self.elapsed.get()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self { wall: Cell::new(Date::now()), elapsed: Cell::default() }
    }
}
