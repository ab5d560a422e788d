//! Live updates: one connection to Appwrite's Realtime, shared by all parts of the page and all tabs of the browser.
//!
//! In a component, with a signed-in user:
//!
//! ```ignore
//! let birthdays = Resource::new(|| (), |()| in_time(list_birthdays()));
//! use_rows(&BIRTHDAYS, move || birthdays.refetch());
//! view! { <LiveBadge/> }
//! ```
//!
//! * [`use_rows`] refetches a list when rows of its table have changed or may have changed: an event only triggers a
//!   request to our server, which decides what a user sees. [`in_time`] adds a timeout, so that a hanging fetch does
//!   not block the next one.
//! * [`use_channel`] returns the events of any channel, and gaps ([`ChannelUpdate::Gap`]): Appwrite stores no events
//!   for disconnected clients.
//! * [`use_realtime`] returns the state of the connection as a signal, and [`LiveBadge`] shows it. It is live only if
//!   Appwrite has connected the same user that the page shows.
//! * [`use_session_end`] reports that the session was deleted elsewhere, has expired, or ended in another tab;
//!   [`WhileSignedIn`] then hides private content.
//! * [`AlsoHere`] names the other users on the page, if the server supports presence. [`use_presence`] returns the same
//!   as a signal.
//! * A visible page checks the session and refetches its lists regularly: Appwrite does not announce every end of a
//!   session, and sends no event to users who lose read access to a row. [`recheck_session`] checks at once, and
//!   [`confirm_session`] skips the next check.
//! * [`announce_signing_out`] tells all tabs why the session is about to end. [`announce_sign_out`] closes the sockets
//!   of all tabs when the user signs out.
//!
//! The first component that subscribes opens the connection, the last one closes it. On the server, the same functions
//! exist but do not connect. Internally, [`ticket`] gets a JWT from our server that lives for one minute, a new one for
//! each attempt. [`appwrite_realtime::connection`] is the state machine, and [`appwrite_realtime::tabs`] shares it
//! between all tabs of a browser; neither depends on a browser. `browser` drives them. If Appwrite ignores a JWT in the
//! address, the connection goes through `relay` on our own server (`REALTIME` in the configuration), which can filter
//! events.

mod badge;
#[cfg(not(feature = "ssr"))]
mod browser;
mod guard;
#[cfg(feature = "ssr")]
mod jwt;
#[cfg(feature = "ssr")]
mod mint;
#[cfg(feature = "presence")]
pub mod presence;
#[cfg(all(feature = "ssr", feature = "relay"))]
pub mod relay;
#[cfg(all(feature = "ssr", not(feature = "relay")))]
#[path = "relay/absent.rs"]
pub mod relay;
#[cfg(feature = "ssr")]
pub mod relay_policy;
#[cfg(feature = "ssr")]
mod server;
pub mod ticket;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use appwrite_realtime::protocol::Channel;
pub use appwrite_realtime::state::{ConnectionState, EndReason, NotLiveReason};
pub use appwrite_realtime::update::ChannelUpdate;
pub use badge::LiveBadge;
pub use guard::{WhileSignedIn, use_has_ended};
#[cfg(feature = "presence")]
pub use presence::{AlsoHere, use_presence};
pub use side::{
    announce_sign_out, announce_signing_out, confirm_session, in_time, recheck_session, use_channel, use_realtime,
    use_rows, use_session_end,
};
