//! Who listens, and to what.

use std::collections::BTreeSet;
use std::time::Duration;

use super::limits::{COLLECT, LINGER, SUBSCRIBE_DEADLINE};
use super::{Machine, Phase, Progress, Socket, Timer};
use crate::protocol::{Channel, ClientFrame, RowNaming, Subscription, is_of_account};

impl Machine {
    pub(super) fn subscribe(&mut self, channel: Channel) {
        *self.channels.entry(channel).or_default() += 1;
        self.timers.remove(&Timer::Linger);
        match &self.phase {
            Phase::Idle => self.begin_soon(Duration::ZERO),
            Phase::Socket(socket) if socket.progress == Progress::Live && !self.missing(socket).is_empty() => {
                self.arm(Timer::Channels, COLLECT);
            }
            _ => {}
        }
    }

    pub(super) fn unsubscribe(&mut self, channel: &Channel) {
        let Some(listeners) = self.channels.get_mut(channel) else { return };
        *listeners -= 1;
        if *listeners == 0 {
            self.channels.remove(channel);
        }
        if self.channels.is_empty() && !matches!(self.phase, Phase::Idle | Phase::Suspended | Phase::Ended(_)) {
            self.arm(Timer::Linger, LINGER);
        }
    }

    /// The names of all channels to listen to. The person's account is always among them, because the end of the
    /// session is told there. Presences are not, on a server that does not know them.
    pub(super) fn wanted(&self, naming: RowNaming, knows_presence: bool) -> BTreeSet<String> {
        let channels = self.channels.keys().chain([&Channel::Account]);
        let known = channels.filter(|channel| knows_presence || **channel != Channel::Presences);
        known.map(|channel| channel.name(naming)).collect()
    }

    pub(super) fn missing(&self, socket: &Socket) -> BTreeSet<String> {
        let mut missing = self.wanted(socket.naming, socket.takes_messages);
        missing.retain(|name| !socket.in_address.contains(name) && !socket.added.contains(name));
        // Only the address has the queries that keep secrets out.
        missing.retain(|name| !socket.is_direct || !is_of_account(name));
        missing
    }

    pub(super) fn channels_changed(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let missing = self.missing(socket);
        if socket.progress != Progress::Live || missing.is_empty() {
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
        socket.added.extend(missing);
        socket.is_subscribing = true;
        // The same name each time: the subscription is changed, so all of its channels are named again.
        let subscription =
            Subscription { subscription_id: "added".to_owned(), channels: socket.added.iter().cloned().collect() };
        self.send(&ClientFrame::Subscribe(vec![subscription]));
        self.arm(Timer::Subscribe, SUBSCRIBE_DEADLINE);
    }
}
