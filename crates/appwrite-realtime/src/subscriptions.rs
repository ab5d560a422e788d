//! The channels that parts of a page are subscribed to, with the number of parts.

use super::protocol::{Channel, Event};

/// The channels, in the order of their first subscription.
pub(crate) struct Subscriptions(Vec<(Channel, usize)>);

impl Subscriptions {
    /// No channel.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a part. Returns true if it is the first of this channel.
    pub(crate) fn add(&mut self, channel: Channel) -> bool {
        match self.0.iter_mut().find(|(other, _)| *other == channel) {
            Some((_, parts)) => {
                *parts += 1;
                false
            }
            None => {
                self.0.push((channel, 1));
                true
            }
        }
    }

    /// Removes a part. Returns true if it was the last of this channel.
    pub(crate) fn remove(&mut self, channel: &Channel) -> bool {
        let Some(at) = self.0.iter().position(|(other, _)| other == channel) else { return false };
        self.0[at].1 -= 1;
        let is_last = self.0[at].1 == 0;
        if is_last {
            self.0.remove(at);
        }
        is_last
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the channels.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.0.iter().map(|(channel, _)| channel)
    }

    /// True if the event was sent on one of the channels.
    pub(crate) fn carry(&self, event: &Event) -> bool {
        self.channels().any(|channel| channel.carries(event))
    }
}
