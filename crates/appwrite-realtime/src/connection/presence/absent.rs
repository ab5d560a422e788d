//! Stands in for presence where the feature is off: sends none.

use super::Machine;
use crate::protocol::{Event, Presence};

impl Machine {
    pub(super) fn present(&mut self, _presence: Option<Presence>) {}

    pub(super) fn send_presence(&mut self) {}

    pub(super) fn on_presence_response(&mut self) {}

    pub(super) fn renew_presence(&mut self) {}

    pub(super) fn presence_changed(&mut self, _event: &Event) {}
}
