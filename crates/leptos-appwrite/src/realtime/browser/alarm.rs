//! A timer that can be reset.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Browsers store timeouts as 32-bit milliseconds and fire longer ones at once. Firing early is harmless.
const FURTHEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Calls the same function each time it fires.
pub(in crate::realtime) struct Alarm {
    ring: Closure<dyn FnMut()>,
    timeout: Cell<Option<i32>>,
}

impl Alarm {
    pub(in crate::realtime) fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: Closure::new(ring), timeout: Cell::new(None) }
    }

    /// Fires once after this delay, and cancels the previous one.
    pub(in crate::realtime) fn set(&self, delay: Option<Duration>) {
        if let Some(timeout) = self.timeout.take() {
            window().clear_timeout_with_handle(timeout);
        }
        let Some(delay) = delay else { return };
        let delay = delay.min(FURTHEST);
        // Rounds up: a timer that fires slightly early would be set again and again.
        let milliseconds = delay.as_secs() * 1000 + u64::from(delay.subsec_nanos().div_ceil(1_000_000));
        let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
        let ring = self.ring.as_ref().unchecked_ref();
        // Fails only while the browser unloads the page.
        let timeout = window().set_timeout_with_callback_and_timeout_and_arguments_0(ring, milliseconds);
        self.timeout.set(timeout.ok());
    }
}

impl Drop for Alarm {
    /// Clears the timeout, because the closure that it would call is dropped too.
    fn drop(&mut self) {
        self.set(None);
    }
}
