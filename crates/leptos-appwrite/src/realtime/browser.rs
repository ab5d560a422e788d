//! The browser's half of what a page calls to be live: it listens, over one connection for the tab.

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

/// How long changes of rows are collected before a list is fetched again.
const COLLECT: Duration = Duration::from_millis(100);
/// How long a list may take to arrive: longer than our server takes before it gives up by itself.
const FETCH_DEADLINE: Duration = Duration::from_secs(35);

/// How it stands with the connection. Starts with what the server rendered, so it may be shown as it is.
///
/// It opens no connection: that is for those who listen to something.
pub fn use_realtime() -> Signal<ConnectionState> {
    follow(None, |_| {})
}

/// Listens to a channel while the calling component is on the page, and tells how it stands with the connection.
///
/// Without a person who is signed in there is nothing to listen with, and the state stays [`ConnectionState::Idle`].
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

/// Calls `refetch` when rows of a table have changed, or may have: once for all that happens within a tenth of a second.
/// Else as [`use_channel`].
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
            // Given back if the component has gone meanwhile, and with it whatever `refetch` holds.
            if is_collecting.try_set_value(false).is_none() {
                refetch();
            }
        };
        set_timeout(done, COLLECT);
    })
}

/// A fetch that ends in any case, with [`AppError::Offline`] if there is no answer after a while.
///
/// A resource fetches nothing else before, and a browser that slept or changed its network may wait for an answer that
/// never comes.
pub async fn in_time<T>(fetch: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let (fetch, handle) = abortable(fetch);
    set_timeout(move || handle.abort(), FETCH_DEADLINE);
    fetch.await.unwrap_or(Err(AppError::Offline))
}

/// Calls `on_end` when the person is not signed in any more: the session was ended elsewhere, expired, or another tab
/// signed out. It keeps a connection open for that, since Appwrite tells it there.
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
            // Nobody shows it any more if the signal is gone.
            let _ = state.try_set(news.clone());
        }
        match &owner {
            Some(owner) => owner.with(|| untrack(|| tell(notice))),
            None => tell(notice),
        }
    };
    let listener = Listener { channel, tell: Rc::new(tell) };
    // Effects run in browsers only, and only after the page has been hydrated as the server rendered it.
    Effect::new(move |_| {
        let listener = driver::join(&person.id, listener.clone());
        on_cleanup(move || driver::leave(listener));
    });
    state.into()
}
