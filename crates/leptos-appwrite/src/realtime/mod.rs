//! Live updates that tell the truth: one connection to Appwrite's Realtime, shared by all parts of the page and by all
//! tabs of the browser.
//!
//! In a component, while somebody is signed in:
//!
//! ```ignore
//! let birthdays = Resource::new(|| (), |()| in_time(list_birthdays()));
//! use_rows(&BIRTHDAYS, move || birthdays.refetch());
//! view! { <LiveBadge/> }
//! ```
//!
//! * [`use_rows`] fetches a list again when rows of its table changed, or may have: an event is a reason to ask our
//!   server, which stays in command of what a person sees. [`in_time`] sees to it that a fetch that hangs is not the last.
//! * [`use_channel`] hands over the events of any channel, and tells of gaps ([`ChannelUpdate::Gap`]): Appwrite keeps nothing
//!   for those who were away.
//! * [`use_realtime`] is the state of the connection as a signal, and [`LiveBadge`] shows it. It is live only if
//!   Appwrite has connected the very person whom the page shows.
//! * [`use_session_end`] tells when the session ended elsewhere, by its time, or in another tab; [`WhileSignedIn`] takes
//!   what is private off the screen then.
//! * [`AlsoHere`] names the other people who have the page open, where the server knows presence, and [`use_presence`] is
//!   the same as a signal.
//! * While somebody looks at the page, it makes sure every now and then that the person is still signed in, and fetches its
//!   lists again: Appwrite does not tell every end of a session, and nobody that a row was taken out of their sight.
//!   [`doubt_session`] has it ask at once, and [`confirm_session`] spares it the question.
//! * [`announce_signing_out`] tells all tabs why the session is about to end, and [`announce_sign_out`] closes the socket when the person signs out, in all tabs.
//!
//! The first component that listens opens the connection, the last one that goes closes it. On the server the same
//! calls exist, and nothing is connected. Inside: [`ticket`] asks our server for a JWT that lives a minute, a new one
//! for each attempt; [`appwrite_realtime::connection`] is the state machine and [`appwrite_realtime::tabs`] makes it one for all tabs of a browser, both
//! without a browser in them; `browser` drives them. Where Appwrite ignores a JWT in the address, the same connection goes
//! through `relay` on our own server (`REALTIME` in the configuration), where what people receive can be filtered.

mod also_here;
mod badge;
#[cfg(not(feature = "ssr"))]
mod browser;
mod guard;
#[cfg(feature = "ssr")]
mod jwt;
#[cfg(feature = "ssr")]
mod list_present;
#[cfg(feature = "ssr")]
mod mint;
pub mod people_present;
#[cfg(feature = "ssr")]
pub mod probe;
#[cfg(feature = "ssr")]
pub mod relay;
#[cfg(feature = "ssr")]
mod server;
pub mod ticket;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use also_here::AlsoHere;
pub use appwrite_realtime::state::{ConnectionState, Ending, Hindrance};
pub use appwrite_realtime::update::ChannelUpdate;
pub use badge::LiveBadge;
pub use guard::{WhileSignedIn, use_has_ended};
pub use side::{
    announce_sign_out, announce_signing_out, confirm_session, doubt_session, in_time, use_channel, use_presence,
    use_realtime, use_rows, use_session_end,
};
