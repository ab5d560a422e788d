//! The time since the page was opened, sleep included.

use std::cell::Cell;
use std::time::Duration;

use web_sys::js_sys::Date;

/// A clock that goes on while the device sleeps, which `performance.now()` does not everywhere, and that never goes
/// back, which the wall clock does when somebody sets it.
pub(super) struct Clock {
    wall: Cell<f64>,
    elapsed: Cell<Duration>,
}

impl Clock {
    pub(super) fn now(&self) -> Duration {
        let wall = Date::now();
        let passed = wall - self.wall.replace(wall);
        // A clock that was set back: this step is not known, and taken for none.
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
