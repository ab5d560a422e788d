//! The browser side of the Realtime hooks: all share the tab's one connection.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::abortable;
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use web_sys::js_sys;

use self::listener::Listener;
use crate::effect::effect;
use crate::error::AppError;
use crate::session::{use_database, use_signed_in_user};
use crate::tables::Table;
use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::{ConnectionState, EndReason};
use appwrite_realtime::update::ChannelUpdate;

pub(super) mod alarm;
mod announcements;
mod broadcast;
pub(super) mod clock;
mod command;
pub(super) mod connection;
mod driver;
mod listener;
#[cfg(feature = "tabs")]
mod other_tabs;
#[cfg(not(feature = "tabs"))]
#[path = "browser/other_tabs/absent.rs"]
mod other_tabs;
#[cfg(split)]
mod part;
#[cfg(not(split))]
#[path = "browser/part/whole.rs"]
mod part;
mod socket;

pub use connection::{announce_sign_out, announce_signing_out, confirm_session, recheck_session};

/// Collect row changes for this long before fetching a list again.
const COLLECT: Duration = Duration::from_millis(100);
/// Collect no changes for this long after a fetch has begun: with many changes and many pages, each costs the server a
/// request.
const REST: Duration = Duration::from_millis(400);
/// A connection that opens within these milliseconds after the page's own fetch leaves a small gap.
const QUICK_START: f64 = 3000.0;
/// Fill that gap after this long at the earliest, and twice as long at the latest. The requests of many pages that are opened
/// at once then spread out, and a page that is left sooner never sends it.
const FIRST_GAP: Duration = Duration::from_secs(10);
/// The time limit for a list, longer than the server's own request timeout.
const FETCH_DEADLINE: Duration = Duration::from_secs(35);

/// Returns the state of the connection, starting with the state that the server rendered.
///
/// Does not open a connection; only subscriptions do.
pub fn use_realtime() -> ReadSignal<ConnectionState> {
    follow(None, |_| {}, |_| {})
}

/// Subscribes to a channel while the calling component is on the page, and returns the state of the connection.
///
/// Without a signed-in user, the state stays [`ConnectionState::Idle`].
pub fn use_channel(
    channel: impl Into<Channel>,
    on_update: impl Fn(ChannelUpdate) + 'static,
) -> ReadSignal<ConnectionState> {
    follow(Some(channel.into()), on_update, |_| {})
}

/// Calls `refetch` when rows of a table have changed or may have changed, at most twice a second. Otherwise like
/// [`use_channel`].
///
/// The first connection of a page leaves a gap: what changed between the page's own fetch and the connection sent it no
/// event. After a quick start, `refetch` fills this gap 10 to 20 seconds later, so that opening a page asks for its list
/// once. After a slow start, and after each later gap, it runs at once.
pub fn use_rows(table: &Table, refetch: impl Fn() + 'static) -> ReadSignal<ConnectionState> {
    let changes = StoredValue::new(Changes::Opened { at: page_fetched_at() });
    let refetch: Rc<dyn Fn()> = Rc::new(refetch);
    use_channel(Channel::rows(use_database(), table.id), move |update| match changes.try_get_value() {
        Some(Changes::Opened { at }) if matches!(update, ChannelUpdate::Gap) && now() - at < QUICK_START => {
            defer(changes, Rc::clone(&refetch));
        }
        Some(Changes::Opened { .. } | Changes::Deferred | Changes::Fetched) => collect(changes, Rc::clone(&refetch)),
        Some(Changes::Resting) => changes.set_value(Changes::Waiting),
        Some(Changes::Collecting | Changes::Waiting) | None => {}
    })
}

/// What `use_rows` does about the changes of a table.
#[derive(Clone, Copy)]
enum Changes {
    /// The page's own fetch began `at` this time, and no connection has opened since.
    Opened { at: f64 },
    /// The first connection opened soon after that fetch. A fetch for the gap between the two follows later.
    Deferred,
    /// All are fetched, and the last fetch is long ago.
    Fetched,
    /// A fetch follows [`COLLECT`] after the first change.
    Collecting,
    /// A fetch has just begun.
    Resting,
    /// The same, and a change has arrived since.
    Waiting,
}

/// Returns when the page's own fetch began, in milliseconds since the document was requested, or earlier.
fn page_fetched_at() -> f64 {
    // Later, a shared context still says that it is hydrating, but not that this is during hydration.
    let during_hydration = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    if during_hydration { 0.0 } else { now() }
}

/// Returns the milliseconds since the document was requested.
fn now() -> f64 {
    window().performance().map_or(f64::INFINITY, |performance| performance.now())
}

fn defer(changes: StoredValue<Changes>, refetch: Rc<dyn Fn()>) {
    changes.set_value(Changes::Deferred);
    let fetch = move || {
        // A hidden page fetches when it becomes visible.
        if matches!(changes.try_get_value(), Some(Changes::Deferred)) && !document().hidden() {
            collect(changes, refetch);
        }
    };
    set_timeout(fetch, FIRST_GAP + random_part(FIRST_GAP));
}

/// Returns a random part of this many seconds, in whole milliseconds: the code for fractions of a [`Duration`] is large.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of milliseconds")]
fn random_part(whole: Duration) -> Duration {
    Duration::from_millis((whole.as_secs() as f64 * 1000.0 * js_sys::Math::random()) as u64)
}

fn collect(changes: StoredValue<Changes>, refetch: Rc<dyn Fn()>) {
    changes.set_value(Changes::Collecting);
    let fetch = move || {
        // Fails if the component has left the page; then `refetch` must not run.
        if changes.try_set_value(Changes::Resting).is_none() {
            refetch();
            set_timeout(move || rest_ends(changes, refetch), REST);
        }
    };
    set_timeout(fetch, COLLECT);
}

fn rest_ends(changes: StoredValue<Changes>, refetch: Rc<dyn Fn()>) {
    match changes.try_get_value() {
        Some(Changes::Waiting) => collect(changes, refetch),
        Some(_) => changes.set_value(Changes::Fetched),
        None => {}
    }
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
pub fn use_session_end(on_end: impl Fn(EndReason) + 'static) -> ReadSignal<ConnectionState> {
    follow(Some(Channel::Account), |_| {}, on_end)
}

fn follow(
    channel: Option<Channel>,
    on_update: impl Fn(ChannelUpdate) + 'static,
    on_end: impl Fn(EndReason) + 'static,
) -> ReadSignal<ConnectionState> {
    let state = RwSignal::new(ConnectionState::Idle);
    let Some(person) = use_signed_in_user() else { return state.read_only() };
    let listener = Listener { channel, state, on_update: owned(on_update), on_end: owned(on_end) };
    // Effects run only in browsers, after hydration.
    effect(move || {
        let listener = connection::join(&person.id, listener.clone());
        on_cleanup(move || connection::leave(listener));
    });
    state.read_only()
}

/// Runs a callback with the owner of the calling component, and tracks nothing. Keeps the owner only weakly: the router ends
/// a page by dropping its owner.
fn owned<T: 'static>(callback: impl Fn(T) + 'static) -> Rc<dyn Fn(T)> {
    let owner = Owner::current().map(|owner| owner.downgrade());
    Rc::new(move |value| match owner.as_ref().map(WeakOwner::upgrade) {
        Some(Some(owner)) => owner.with(|| untrack(|| callback(value))),
        Some(None) => {}
        None => callback(value),
    })
}
