//! Being present: told once a connection, again every now and then, and taken back when the page is left.

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
            // Going from page to page and back is not told.
            Phase::Socket(socket) if self.presence.is_none() && socket.told.is_some() => {
                self.arm(Timer::Withdraw, LINGER);
            }
            _ => self.disarm(Timer::Withdraw),
        }
        self.tell_presence();
    }

    /// Tells the server what it does not know yet, one frame at a time: it may deal with two of them in any order.
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

    /// Time to tell it again, whether or not there was an answer.
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

    /// A person has one presence. Another device of theirs that leaves takes it away, though this page is still open.
    pub(super) fn presence_changed(&mut self, event: &Event) {
        let ends_own = event.presence_change().is_some_and(|change| change.user_id == self.user_id && change.is_end());
        let Phase::Socket(socket) = &self.phase else { return };
        if ends_own && self.presence.is_some() && socket.told.is_some() {
            let earliest = self.presence_told_at.map_or(Duration::ZERO, |told| told + PRESENCE_SPACING);
            self.timers.insert(Timer::Presence, earliest.max(self.now));
        }
    }
}
