//! Handles events of the device and the page.

use std::time::Duration;

use super::limits::{FIRST_DELAY, THROTTLED_THRESHOLD};
use super::{Machine, OwnPresence, Phase, PongSupport, Progress, Timer};

impl Machine {
    pub(super) fn offline(&mut self) {
        self.is_offline = true;
        if matches!(self.phase, Phase::Minting | Phase::Socket(_)) {
            self.retry_later(Duration::ZERO);
        }
    }

    pub(super) fn online(&mut self) {
        self.is_offline = false;
        match self.phase {
            // The network comes back for all clients at the same moment.
            Phase::Waiting => {
                let delay = self.random_part(FIRST_DELAY);
                self.begin_sooner(delay);
            }
            Phase::Socket(_) => self.probe(),
            _ => {}
        }
    }

    pub(super) fn visible(&mut self) {
        match self.phase {
            Phase::Waiting => self.begin_sooner(Duration::ZERO),
            Phase::Socket(_) => self.probe(),
            _ => {}
        }
    }

    pub(super) fn begin_sooner(&mut self, delay: Duration) {
        let planned = self.timers.get(Timer::Retry);
        if planned.is_none_or(|planned| planned > self.now + delay) {
            self.begin_soon(delay);
        }
    }

    /// Checks soon if the connection is still alive.
    pub(super) fn probe(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let asked_lately = socket.last_ping.is_some_and(|at| self.now - at < THROTTLED_THRESHOLD);
        if socket.progress == Progress::Live && self.pongs == PongSupport::Answered && !asked_lately {
            self.ping();
        }
    }

    pub(super) fn page_hide(&mut self) {
        if !matches!(self.phase, Phase::Idle) {
            self.rest(Phase::Suspended);
        }
        // A pending session check is lost with the page.
        self.is_checking = false;
        self.disarm(Timer::Recheck);
    }

    pub(super) fn step_down(&mut self) {
        self.channels.clear();
        self.presence = OwnPresence::default();
        self.rest(Phase::Idle);
    }

    pub(super) fn page_show(&mut self) {
        if matches!(self.phase, Phase::Suspended) {
            self.begin_soon(Duration::ZERO);
        }
    }
}
