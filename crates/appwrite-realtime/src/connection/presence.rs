//! The user's presence: sent once per connection, renewed regularly, and withdrawn when the user leaves the page.

use std::time::Duration;

use super::limits::{LINGER, PRESENCE_SPACING};
use super::{Machine, Phase, Progress, Timer};
use crate::presence::RENEWAL;
use crate::protocol::{ClientFrame, Event, Presence};

impl Machine {
    pub(super) fn present(&mut self, presence: Option<Presence>) {
        if self.presence == presence {
            return;
        }
        self.presence = presence;
        match &self.phase {
            // Navigating away and back sends nothing.
            Phase::Socket(socket) if self.presence.is_none() && socket.told.is_some() => {
                self.arm(Timer::Withdraw, LINGER);
            }
            _ => self.disarm(Timer::Withdraw),
        }
        self.tell_presence();
    }

    /// Sends outdated presence to the server, one frame at a time, because it may process two in any order.
    pub(super) fn tell_presence(&mut self) {
        let Some(news) = self.news_of_presence() else { return };
        if !self.may_send() {
            self.flush_when_allowed();
            return;
        }
        let Phase::Socket(socket) = &mut self.phase else { return };
        socket.told = Some(news.clone());
        socket.is_telling = true;
        self.presence_told_at = Some(self.now);
        self.arm(Timer::Presence, RENEWAL);
        self.send(&ClientFrame::Presence(news));
    }

    fn news_of_presence(&self) -> Option<Presence> {
        let Phase::Socket(socket) = &self.phase else { return None };
        if socket.progress != Progress::Live || !socket.takes_messages || socket.is_telling {
            return None;
        }
        match (&self.presence, &socket.told) {
            (Some(wanted), told) => (told.as_ref() != Some(wanted)).then(|| wanted.clone()),
            (None, Some(told)) if !self.timers.contains_key(&Timer::Withdraw) => told.farewell(),
            (None, _) => None,
        }
    }

    /// The server has answered.
    pub(super) fn presence_told(&mut self) {
        if let Phase::Socket(socket) = &mut self.phase {
            socket.is_telling = false;
        }
        self.tell_presence();
    }

    /// Sends the presence again, even if the server has not answered.
    pub(super) fn renew_presence(&mut self) {
        let is_present = self.presence.is_some();
        if let Phase::Socket(socket) = &mut self.phase {
            socket.is_telling = false;
            if is_present {
                socket.told = None;
            }
        }
        self.tell_presence();
    }

    /// A user has one presence. Another device that leaves deletes it, even if this page is still open.
    pub(super) fn presence_changed(&mut self, event: &Event) {
        let ends_own = event.presence_change().is_some_and(|change| change.user_id == self.user_id && change.is_end());
        let Phase::Socket(socket) = &self.phase else { return };
        if ends_own && self.presence.is_some() && socket.told.is_some() {
            let earliest = self.presence_told_at.map_or(Duration::ZERO, |told| told + PRESENCE_SPACING);
            self.timers.insert(Timer::Presence, earliest.max(self.now));
        }
    }
}
