//! What reaches a page from a channel.

use super::protocol::Event;

/// What reaches a page from a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum ChannelUpdate {
    /// Something changed.
    Event(Event),
    /// Something may have changed unseen: fetch again what the page shows. This comes at each connection, the first
    /// included, because things may have changed since the server rendered the page. Rows also get it every now and then.
    Gap,
}
