//! The server side of the Realtime hooks: renders the first state and does not connect.

use leptos::prelude::*;

use crate::error::AppError;
use crate::tables::Table;
use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::{ConnectionState, EndReason};
use appwrite_realtime::update::ChannelUpdate;

/// Returns the idle state: the server does not connect.
pub fn use_realtime() -> ReadSignal<ConnectionState> {
    RwSignal::new(ConnectionState::Idle).read_only()
}

/// Does nothing on the server. In the browser, subscribes to a channel.
pub fn use_channel(
    _channel: impl Into<Channel>,
    _on_update: impl Fn(ChannelUpdate) + 'static,
) -> ReadSignal<ConnectionState> {
    use_realtime()
}

/// Does nothing on the server. In the browser, refetches when rows change.
pub fn use_rows(_table: &Table, _refetch: impl Fn() + 'static) -> ReadSignal<ConnectionState> {
    use_realtime()
}

/// Runs the fetch unchanged: the request that renders the page has its own deadline.
pub async fn in_time<T>(fetch: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    fetch.await
}

/// Does nothing on the server. In the browser, reports the end of the session.
pub fn use_session_end(_on_end: impl Fn(EndReason) + 'static) -> ReadSignal<ConnectionState> {
    use_realtime()
}

/// Does nothing on the server, which has no tabs.
pub fn announce_signing_out() {}

/// Does nothing on the server, which has no tabs.
pub fn announce_sign_out() {}

/// Does nothing on the server, which has just checked the session.
pub fn confirm_session() {}

/// Does nothing on the server, which has just checked the session.
pub fn recheck_session() {}
