//! The presence of the page's user: as the page wants it, and as the server has it.

use std::time::Duration;

use crate::protocol::Presence;

/// The presence of the page's user, as wanted and as sent.
#[derive(Default)]
pub(super) struct OwnPresence {
    pub(super) wanted: Option<Presence>,
    /// The presence last sent on this socket.
    pub(super) sent: Option<Presence>,
    /// True while the server has not answered it.
    pub(super) is_pending: bool,
    pub(super) sent_at: Option<Duration>,
}

impl OwnPresence {
    /// Each connection starts without a presence.
    pub(super) fn start_socket(&mut self) {
        self.sent = None;
        self.is_pending = false;
    }
}
