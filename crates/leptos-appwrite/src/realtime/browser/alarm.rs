//! One timer, set anew as often as needed.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Browsers count milliseconds in 32 bits and fire at once what is further away. Firing early does no harm.
const FURTHEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Calls the same function each time that it goes off.
pub(super) struct Alarm {
    ring: Closure<dyn FnMut()>,
    timeout: Cell<Option<i32>>,
}

impl Alarm {
    pub(super) fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: Closure::new(ring), timeout: Cell::new(None) }
    }

    /// Goes off once after this delay, and not at the time that was set before.
    pub(super) fn set(&self, delay: Option<Duration>) {
        if let Some(timeout) = self.timeout.take() {
            window().clear_timeout_with_handle(timeout);
        }
        let Some(delay) = delay else { return };
        // Rounded up: a timer that fires a fraction early would be set again and again.
        let milliseconds = delay.min(FURTHEST).as_micros().div_ceil(1000);
        let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
        let ring = self.ring.as_ref().unchecked_ref();
        // A window refuses only while it is being torn down.
        let timeout = window().set_timeout_with_callback_and_timeout_and_arguments_0(ring, milliseconds);
        self.timeout.set(timeout.ok());
    }
}

impl Drop for Alarm {
    /// What it would call is gone with it.
    fn drop(&mut self) {
        self.set(None);
    }
}
