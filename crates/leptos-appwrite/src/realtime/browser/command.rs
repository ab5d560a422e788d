//! The requests of components to the tab's connection.

use std::rc::Rc;

use super::listener::{Listener, ListenerId};
use appwrite_realtime::tabs::Input;

/// A request of a component.
pub(super) enum Command {
    /// Adds a listener. The first one with a channel opens the connection.
    Join(ListenerId, Listener),
    /// Removes a listener.
    Leave(ListenerId),
    /// Passes an input to the state machine.
    Give(Input),
}

/// The driver of the connection, for components.
pub(super) trait Drive {
    /// Carries out a request.
    fn carry_out(self: Rc<Self>, command: Command);
}
