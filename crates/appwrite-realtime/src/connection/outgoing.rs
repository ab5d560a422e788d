//! Sends frames within the budget, and shows the state.

use std::time::Duration;

use super::limits::{BUDGET, BUDGET_WINDOW};
use super::{Machine, Phase, Progress, Socket, Timer};
use crate::output::Output;
use crate::protocol::ClientFrame;
use crate::state::ConnectionState;

impl Machine {
    pub(super) fn is_live(&self) -> bool {
        matches!(&self.phase, Phase::Socket(socket) if socket.progress == Progress::Live)
    }

    /// True if the server has confirmed every channel of the page.
    fn hears_all(&self, socket: &Socket) -> bool {
        socket.progress == Progress::Live && socket.unconfirmed.is_empty() && self.missing(socket).is_empty()
    }

    pub(super) fn may_send(&mut self) -> bool {
        let (now, sent) = (self.now, &mut self.sent);
        sent.retain(|at| now - *at < BUDGET_WINDOW);
        sent.len() < BUDGET && self.muted_until <= now
    }

    pub(super) fn send(&mut self, frame: &ClientFrame) {
        self.sent.push_back(self.now);
        self.outputs.push(Output::Send(frame.to_text()));
    }

    pub(super) fn flush_when_allowed(&mut self) {
        let budget = self.sent.front().map_or(self.now, |at| *at + BUDGET_WINDOW);
        self.timers.set(Timer::Flush, budget.max(self.muted_until));
    }

    pub(super) fn show(&mut self) {
        self.disarm(Timer::Countdown);
        let state = match &self.phase {
            Phase::Ended(reason) => ConnectionState::Ended(*reason),
            Phase::Stopped(reason) => ConnectionState::NotLive(reason.clone()),
            Phase::Idle | Phase::Suspended => ConnectionState::Idle,
            Phase::Socket(socket) if self.hears_all(socket) => ConnectionState::Live,
            Phase::Socket(socket) if socket.progress == Progress::Live => ConnectionState::Connecting,
            _ if self.is_offline => ConnectionState::Offline,
            Phase::Minting | Phase::Socket(_) | Phase::Waiting if self.not_live_reason.is_some() => {
                self.not_live_reason.clone().map_or(ConnectionState::Connecting, ConnectionState::NotLive)
            }
            _ if self.failures == 0 && !self.was_live => ConnectionState::Connecting,
            Phase::Waiting => self.countdown(),
            // Keeps the text of the waiting state, so that screen readers do not announce each attempt.
            Phase::Minting | Phase::Socket(_) => ConnectionState::Reconnecting { seconds: 0 },
        };
        if state != self.shown {
            self.shown = state.clone();
            self.outputs.push(Output::State(state));
        }
    }

    pub(super) fn countdown(&mut self) -> ConnectionState {
        let at = self.timers.get(Timer::Retry).unwrap_or(self.now);
        let left = at.saturating_sub(self.now);
        let seconds = left.as_secs() + u64::from(left.subsec_millis() > 0);
        if seconds > 1 {
            self.timers.set(Timer::Countdown, at - Duration::from_secs(seconds - 1));
        }
        ConnectionState::Reconnecting { seconds }
    }
}
