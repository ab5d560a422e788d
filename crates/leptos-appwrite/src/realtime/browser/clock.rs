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
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a negative number becomes zero")]
    pub(in crate::realtime) fn now(&self) -> Duration {
        let wall = Date::now();
        let passed = wall - self.wall.replace(wall);
        // The wall clock was set back, so the step is unknown and counts as zero.
        let passed = Duration::from_millis(passed as u64);
        self.elapsed.set(self.elapsed.get() + passed);
        self.elapsed.get()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self { wall: Cell::new(Date::now()), elapsed: Cell::default() }
    }
}
