//! The user's presence: sent once per connection, renewed regularly, and removed when the user leaves the page.

use std::time::Duration;

use super::limits::LINGER;
use super::{Machine, Phase, Progress, Timer};
use crate::presence::RENEWAL;
use crate::protocol::{ClientFrame, Event, Presence};

/// The minimum interval of presence updates caused by events.
const MIN_ATTEMPT_INTERVAL: Duration = Duration::from_secs(3);

impl Machine {
    pub(super) fn present(&mut self, presence: Option<Presence>) {
        if self.presence.wanted == presence {
            return;
        }
        self.presence.wanted = presence;
        match &self.phase {
            // Navigating away and back sends nothing.
            Phase::Socket(_) if self.presence.wanted.is_none() && self.presence.sent.is_some() => {
                self.arm(Timer::Withdraw, LINGER);
            }
            _ => self.disarm(Timer::Withdraw),
        }
        self.send_presence();
    }

    /// Sends outdated presence to the server, one frame at a time, because it may process two in any order.
    pub(super) fn send_presence(&mut self) {
        let Some(presence) = self.presence_to_send() else { return };
        if !self.may_send() {
            self.flush_when_allowed();
            return;
        }
        self.presence.sent = Some(presence.clone());
        self.presence.is_pending = true;
        self.presence.sent_at = Some(self.now);
        self.arm(Timer::Presence, RENEWAL);
        self.send(&ClientFrame::Presence(presence));
    }

    fn presence_to_send(&self) -> Option<Presence> {
        let Phase::Socket(socket) = &self.phase else { return None };
        if socket.progress != Progress::Live || !socket.takes_messages || self.presence.is_pending {
            return None;
        }
        match (&self.presence.wanted, &self.presence.sent) {
            (Some(wanted), sent) => (sent.as_ref() != Some(wanted)).then(|| wanted.clone()),
            (None, Some(sent)) if self.timers.get(Timer::Withdraw).is_none() => sent.next_away_presence(),
            (None, _) => None,
        }
    }

    /// The server has answered.
    pub(super) fn on_presence_response(&mut self) {
        self.presence.is_pending = false;
        self.send_presence();
    }

    /// Sends the presence again, even if the server has not answered.
    pub(super) fn renew_presence(&mut self) {
        self.presence.is_pending = false;
        if self.presence.wanted.is_some() {
            self.presence.sent = None;
        }
        self.send_presence();
    }

    /// A user has one presence. Another device that leaves deletes it, even if this page is still open.
    pub(super) fn presence_changed(&mut self, event: &Event) {
        let ends_own = event.presence_change().is_some_and(|change| change.user_id == self.user_id && change.is_end());
        if ends_own
            && matches!(self.phase, Phase::Socket(_))
            && self.presence.wanted.is_some()
            && self.presence.sent.is_some()
        {
            let earliest = self.presence.sent_at.map_or(Duration::ZERO, |sent| sent + MIN_ATTEMPT_INTERVAL);
            self.timers.set(Timer::Presence, earliest.max(self.now));
        }
    }
}
