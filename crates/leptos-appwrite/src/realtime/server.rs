//! The server's half of what a page calls to be live: it renders the first state, and nothing is connected.

use leptos::prelude::*;

use crate::error::AppError;
use crate::tables::Table;
use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::{ConnectionState, Ending};
use appwrite_realtime::update::ChannelUpdate;

/// How it stands with the connection: there is none yet.
pub fn use_realtime() -> Signal<ConnectionState> {
    Signal::stored(ConnectionState::Idle)
}

/// Listens to a channel once the page is in a browser.
pub fn use_channel(
    _channel: impl Into<Channel>,
    _on_update: impl Fn(ChannelUpdate) + 'static,
) -> Signal<ConnectionState> {
    use_realtime()
}

/// Follows the rows of a table once the page is in a browser.
pub fn use_rows(_table: &Table, _refetch: impl Fn() + 'static) -> Signal<ConnectionState> {
    use_realtime()
}

/// A fetch for a page that is being rendered, whose request has a deadline.
pub async fn in_time<T>(fetch: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    fetch.await
}

/// Who else has the page open, once the page is in a browser.
pub fn use_presence(_page: &'static str) -> Signal<Option<Vec<String>>> {
    Signal::stored(None)
}

/// Tells of the end of the session once the page is in a browser.
pub fn use_session_end(_on_end: impl Fn(Ending) + 'static) -> Signal<ConnectionState> {
    use_realtime()
}

/// Tells the tabs of a browser; there are none here.
pub fn announce_signing_out() {}

/// Tells the tabs of a browser; there are none here.
pub fn announce_sign_out() {}

/// Notes that the session lives; a page that is being rendered knows it.
pub fn confirm_session() {}

/// Asks whether the session lives; a page that is being rendered knows it.
pub fn doubt_session() {}
