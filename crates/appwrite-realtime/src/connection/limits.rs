//! The times and counts by which the machine goes.

use std::time::Duration;

/// The ceiling of the first delay after a failure; it doubles with each further one.
pub(super) const FIRST_DELAY: Duration = Duration::from_secs(1);
/// The highest ceiling.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// The least time from the start of one attempt to that of the next, whatever happens.
pub(super) const SPACING: Duration = Duration::from_secs(1);
/// A connection that has lasted this long makes the next delay the first again.
pub(super) const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long minting a ticket may take.
pub(super) const TICKET_DEADLINE: Duration = Duration::from_secs(15);
/// How long opening the socket may take, and from then on the `connected` frame.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// How long to stay away after the server said "too many", or when asking again is of little use.
pub(super) const LONG_WAIT: Duration = Duration::from_secs(60);
/// The time between pings.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How long a pong may take.
pub(super) const PONG_DEADLINE: Duration = Duration::from_secs(10);
/// A timer that fires this much late was held back (a hidden tab), so what it waited for may be about to arrive.
pub(super) const LATE: Duration = Duration::from_secs(5);
/// A timer that fires this much late tells of sleep. Browsers delay the timers of hidden tabs by up to a minute.
pub(super) const ASLEEP: Duration = Duration::from_secs(90);
/// How long the connection outlives its last subscriber, so that going from page to page keeps it.
pub(super) const LINGER: Duration = Duration::from_secs(3);
/// How long to collect further channels before a change of channels is acted upon.
pub(super) const COLLECT: Duration = Duration::from_millis(50);
/// How long the answer to a `subscribe` frame may take.
pub(super) const SUBSCRIBE_DEADLINE: Duration = Duration::from_secs(10);
/// When to ask again whether the session lives, if the answer did not come.
pub(super) const RECHECK: Duration = Duration::from_secs(30);
/// The least time from one word on the person's presence to the next that an event gives reason for.
pub(super) const PRESENCE_SPACING: Duration = Duration::from_secs(3);
/// The window in which the server counts the frames of a connection.
pub(super) const BUDGET_WINDOW: Duration = Duration::from_secs(60);
/// Frames in that window. The server takes 32; what is left is for clocks that differ.
pub(super) const BUDGET: usize = 30;
/// The code with which our relay closes a socket whose session has ended.
pub const CLOSED_AS_SIGNED_OUT: u16 = 4401;
