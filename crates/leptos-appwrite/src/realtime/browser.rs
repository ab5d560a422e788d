//! The browser side of the Realtime hooks: all share the tab's one connection.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::abortable;
use leptos::prelude::*;

use self::listener::{Listener, Notice};
use crate::error::AppError;
use crate::session::{use_database, use_signed_in_user};
use crate::tables::Table;
use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::{ConnectionState, Ending};
use appwrite_realtime::update::ChannelUpdate;

mod alarm;
mod announcements;
mod broadcast;
mod clock;
mod driver;
mod listener;
mod lock;
mod other_tabs;
mod presence;
mod socket;

pub use driver::{announce_sign_out, announce_signing_out, confirm_session, doubt_session};
pub use presence::use_presence;

/// Collect row changes for this long before fetching a list again.
const COLLECT: Duration = Duration::from_millis(100);
/// The time limit for a list, longer than the server's own request timeout.
const FETCH_DEADLINE: Duration = Duration::from_secs(35);

/// Returns the state of the connection, starting with the state that the server rendered.
///
/// Does not open a connection; only subscriptions do.
pub fn use_realtime() -> Signal<ConnectionState> {
    follow(None, |_| {})
}

/// Subscribes to a channel while the calling component is on the page, and returns the state of the connection.
///
/// Without a signed-in user, the state stays [`ConnectionState::Idle`].
pub fn use_channel(
    channel: impl Into<Channel>,
    on_update: impl Fn(ChannelUpdate) + 'static,
) -> Signal<ConnectionState> {
    follow(Some(channel.into()), move |notice| match notice {
        Notice::Event(event) => on_update(ChannelUpdate::Event(event)),
        Notice::Gap | Notice::Revalidate => on_update(ChannelUpdate::Gap),
        Notice::State(_) | Notice::Ended(_) => {}
    })
}

/// Calls `refetch` when rows of a table have changed or may have changed, at most once per 100 ms. Otherwise like
/// [`use_channel`].
pub fn use_rows(table: &Table, refetch: impl Fn() + 'static) -> Signal<ConnectionState> {
    let refetch = Rc::new(refetch);
    let is_collecting = StoredValue::new(false);
    use_channel(Channel::rows(use_database(), table.id), move |_| {
        if is_collecting.try_get_value() != Some(false) {
            return;
        }
        is_collecting.set_value(true);
        let refetch = Rc::clone(&refetch);
        let done = move || {
            // Fails if the component has left the page; then `refetch` must not run.
            if is_collecting.try_set_value(false).is_none() {
                refetch();
            }
        };
        set_timeout(done, COLLECT);
    })
}

/// Limits a fetch's time and returns [`AppError::Offline`] afterwards.
///
/// A resource does not refetch while a fetch is pending, and after sleep or a network change a browser may wait forever
/// for a response.
pub async fn in_time<T>(fetch: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let (fetch, handle) = abortable(fetch);
    set_timeout(move || handle.abort(), FETCH_DEADLINE);
    fetch.await.unwrap_or(Err(AppError::Offline))
}

/// Calls `on_end` when the session ends: deleted elsewhere, expired, or signed out in another tab. Keeps a
/// connection open, because Appwrite announces the end there.
pub fn use_session_end(on_end: impl Fn(Ending) + 'static) -> Signal<ConnectionState> {
    follow(Some(Channel::Account), move |notice| {
        if let Notice::Ended(ending) = notice {
            on_end(ending);
        }
    })
}

fn follow(channel: Option<Channel>, tell: impl Fn(Notice) + 'static) -> Signal<ConnectionState> {
    let state = RwSignal::new(ConnectionState::Idle);
    let Some(person) = use_signed_in_user() else { return state.into() };
    let owner = Owner::current();
    let tell = move |notice: Notice| {
        if let Notice::State(news) = &notice {
            // Fails if the signal was disposed of, when nothing shows it any more.
            let _ = state.try_set(news.clone());
        }
        match &owner {
            Some(owner) => owner.with(|| untrack(|| tell(notice))),
            None => tell(notice),
        }
    };
    let listener = Listener { channel, tell: Rc::new(tell) };
    // Effects run only in browsers, after hydration.
    Effect::new(move |_| {
        let listener = driver::join(&person.id, listener.clone());
        on_cleanup(move || driver::leave(listener));
    });
    state.into()
}
