//! A part of the page that listens to the connection.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::{ConnectionState, EndReason};
use appwrite_realtime::update::ChannelUpdate;

/// A listener: its channel, if any, the state that it shows, and its callbacks.
#[derive(Clone)]
pub(super) struct Listener {
    pub channel: Option<Channel>,
    pub state: RwSignal<ConnectionState>,
    pub on_update: Rc<dyn Fn(ChannelUpdate)>,
    pub on_end: Rc<dyn Fn(EndReason)>,
}

impl Listener {
    /// Shows another state.
    pub fn show(&self, state: ConnectionState) {
        // Fails if the signal was disposed of, when nothing shows it any more.
        let _ = self.state.try_set(state);
    }
}

/// The id of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListenerId(u64);

impl ListenerId {
    /// Returns an id that no other listener has.
    pub(super) fn next() -> Self {
        thread_local! { static NEXT: Cell<u64> = const { Cell::new(0) } }
        Self(NEXT.replace(NEXT.get() + 1))
    }
}
