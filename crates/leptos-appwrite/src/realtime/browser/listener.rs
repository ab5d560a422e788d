//! A part of the page that listens to the connection.

use std::rc::Rc;

use appwrite_realtime::protocol::{Channel, Event};
use appwrite_realtime::state::{ConnectionState, Ending};

/// A notification to a listener.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Notice {
    /// The state of the connection has changed.
    State(ConnectionState),
    /// An event on the channel.
    Event(Event),
    /// Events may have been missed.
    Gap,
    /// Fetch lists again now.
    Revalidate,
    /// The session has ended.
    Ended(Ending),
}

/// A listener: its channel, if any, and its callback.
#[derive(Clone)]
pub(super) struct Listener {
    pub channel: Option<Channel>,
    pub tell: Rc<dyn Fn(Notice)>,
}

impl Listener {
    /// True if this notice concerns the listener.
    pub fn is_concerned(&self, notice: &Notice) -> bool {
        match (notice, &self.channel) {
            (Notice::Event(event), Some(channel)) => channel.carries(event),
            (Notice::Event(_), None) => false,
            (Notice::Gap, channel) => channel.is_some(),
            (Notice::Revalidate, channel) => matches!(channel, Some(Channel::Rows { .. })),
            (Notice::State(_) | Notice::Ended(_), _) => true,
        }
    }
}

/// The id of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListenerId(pub u64);
