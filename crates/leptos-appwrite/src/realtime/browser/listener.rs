//! A part of the page that follows the connection.

use std::rc::Rc;

use appwrite_realtime::protocol::{Channel, Event};
use appwrite_realtime::state::{ConnectionState, Ending};

/// What a part of the page is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Notice {
    /// It stands otherwise with the connection.
    State(ConnectionState),
    /// Something changed on the channel.
    Event(Event),
    /// Events may have been missed.
    Gap,
    /// It is time to fetch lists again.
    Revalidate,
    /// The person is not signed in any more.
    Ended(Ending),
}

/// A part of the page: the channel that it listens to, if any, and how to tell it.
#[derive(Clone)]
pub(super) struct Listener {
    pub channel: Option<Channel>,
    pub tell: Rc<dyn Fn(Notice)>,
}

impl Listener {
    /// Whether this notice is of any concern to the part of the page.
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

/// The name of a listener while it listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListenerId(pub u64);
