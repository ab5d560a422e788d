//! Updates from a channel to a page.

use super::protocol::Event;

/// An update from a channel to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelUpdate {
    /// An event.
    Event(Event),
    /// Events may have been missed: refetch the page's data. Sent when a connection begins to deliver the channel, also the
    /// first one, because data may have changed since the server rendered the page. Also sent for rows at regular intervals.
    Gap,
}
