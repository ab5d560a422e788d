//! Subscriptions to channels.

use std::time::Duration;

use super::limits::{COLLECT, LINGER, SUBSCRIBE_DEADLINE};
use super::{Machine, Phase, Progress, Socket, Timer};
use crate::output::Output;
use crate::protocol::{Channel, ClientFrame, RowNaming, Subscription, is_of_account};

impl Machine {
    pub(super) fn subscribe(&mut self, channel: Channel) {
        self.channels.add(channel);
        self.timers.remove(Timer::Linger);
        match &self.phase {
            Phase::Idle => self.begin_soon(Duration::ZERO),
            Phase::Socket(socket) if socket.progress == Progress::Live && !self.missing(socket).is_empty() => {
                self.arm(Timer::Channels, COLLECT);
            }
            _ => {}
        }
    }

    pub(super) fn unsubscribe(&mut self, channel: &Channel) {
        let is_last = self.channels.remove(channel) && self.channels.is_empty();
        if is_last && !matches!(self.phase, Phase::Idle | Phase::Suspended | Phase::Ended(_)) {
            self.arm(Timer::Linger, LINGER);
        }
    }

    /// Returns the names of all channels to subscribe to. Always includes the account, which announces the end of the
    /// session. Omits presences on servers without presence.
    pub(super) fn wanted(&self, naming: RowNaming, knows_presence: bool) -> Vec<String> {
        let mut names = Vec::new();
        for channel in self.channels.channels().chain([&Channel::Account]) {
            let name = channel.name(naming);
            if (knows_presence || *channel != Channel::Presences) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    pub(super) fn missing(&self, socket: &Socket) -> Vec<String> {
        let mut missing = self.wanted(socket.naming, socket.takes_messages);
        missing.retain(|name| !socket.in_address.contains(name) && !socket.added.contains(name));
        // Only subscriptions in the address have the queries that exclude secrets.
        missing.retain(|name| !socket.is_direct || !is_of_account(name));
        missing
    }

    /// True if no subscription to this channel of the page is outstanding: the server delivers its events.
    pub(crate) fn delivers(&self, channel: &Channel) -> bool {
        let Phase::Socket(socket) = &self.phase else { return false };
        let name = channel.name(socket.naming);
        socket.progress == Progress::Live
            && !socket.unconfirmed.contains(&name)
            && !self.missing(socket).contains(&name)
    }

    /// Reports that some channels of the page delivered no events until now.
    pub(super) fn report_gap(&mut self, is_affected: impl Fn(&Self, &Channel) -> bool) {
        let channels: Vec<_> = self.channels.channels().filter(|channel| is_affected(self, channel)).cloned().collect();
        if !channels.is_empty() {
            self.outputs.push(Output::Gap(channels));
        }
    }

    pub(super) fn channels_changed(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let missing = self.missing(socket);
        // A response names the channels of its frame, so the next frame waits for it.
        if socket.progress != Progress::Live || !socket.unconfirmed.is_empty() || missing.is_empty() {
            return;
        }
        if !socket.takes_messages {
            self.reconnect();
            return;
        }
        if !self.may_send() {
            self.flush_when_allowed();
            return;
        }
        let Phase::Socket(socket) = &mut self.phase else { return };
        socket.added.extend_from_slice(&missing);
        socket.unconfirmed = missing;
        // Reuses the name, which replaces the subscription, so the frame lists all of its channels again.
        let subscription = Subscription { subscription_id: "added".to_owned(), channels: socket.added.clone() };
        self.send(&ClientFrame::Subscribe(vec![subscription]));
        self.arm(Timer::Subscribe, SUBSCRIBE_DEADLINE);
    }
}
