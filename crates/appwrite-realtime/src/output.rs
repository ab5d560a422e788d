//! The outputs of a connection, for the program that drives it.

use super::message::Message;
use super::protocol::{Channel, Event};
use super::state::{ConnectionState, EndReason};

/// An output for the driver to carry out.
///
/// [`Machine`](super::connection::Machine) has no other tabs, so it emits neither lock requests nor messages to tabs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Request a ticket from our server.
    MintTicket {
        /// Pass it back with the result.
        attempt: u64,
        /// Appwrite ignored the JWT in the address and connected a guest: use the relay, if there is one.
        jwt_ignored: bool,
    },
    /// Cancel the ticket request.
    CancelTicket,
    /// Open the socket.
    OpenSocket {
        /// Pass it back with all of the socket's events.
        attempt: u64,
        /// The full URL.
        address: String,
    },
    /// Send a text frame on the open socket.
    Send(String),
    /// Close the socket and ignore its later events.
    CloseSocket,
    /// Ask our server if the session is valid, and pass in
    /// [`Input::SessionChecked`](super::connection::Input::SessionChecked).
    CheckSession,
    /// Show another state.
    State(ConnectionState),
    /// Pass an event to the parts of the page that are subscribed to one of its channels.
    Event(Event),
    /// Pass [`ChannelUpdate::Gap`](super::update::ChannelUpdate::Gap) to the parts of the page that are subscribed to one of these channels.
    Gap(Vec<Channel>),
    /// Refetch this page's lists.
    Revalidate,
    /// The session has ended: hide all private content.
    SessionEnded(EndReason),
    /// Request the lock that one tab holds at a time.
    RequestLock,
    /// Cancel the lock request, or release the lock.
    ReleaseLock,
    /// Steal the lock.
    StealLock,
    /// Send a message to the other tabs.
    Say(Message),
}
