//! The time limits and counts of the machine.

use std::time::Duration;

/// The maximum of the first delay after a failure; it doubles with each further failure.
pub(super) const FIRST_DELAY: Duration = Duration::from_secs(1);
/// The upper limit of that maximum.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(60);
/// The minimum time between the starts of two attempts.
pub(super) const MIN_ATTEMPT_INTERVAL: Duration = Duration::from_secs(1);
/// A connection that lasts this long resets the delay.
pub(super) const STABLE_AFTER: Duration = Duration::from_secs(10);
/// The time limit for a ticket request.
pub(super) const TICKET_DEADLINE: Duration = Duration::from_secs(15);
/// The time limit for opening the socket, and then for the `connected` frame.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// The delay after "too many", or when a retry is unlikely to succeed.
pub(super) const LONG_WAIT: Duration = Duration::from_secs(60);
/// The interval of pings.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(20);
/// The time limit for a pong.
pub(super) const PONG_DEADLINE: Duration = Duration::from_secs(10);
/// A timer that fires this late was throttled (a hidden tab), so the expected input may arrive soon.
pub(super) const THROTTLED_THRESHOLD: Duration = Duration::from_secs(5);
/// A timer that fires this late indicates sleep. Browsers delay timers in hidden tabs by up to a minute.
pub(super) const SLEEP_THRESHOLD: Duration = Duration::from_secs(90);
/// Keep the connection this long after the last unsubscribe, so that navigation between pages keeps it.
pub(super) const LINGER: Duration = Duration::from_secs(3);
/// Collect channel changes for this long before sending them.
pub(super) const COLLECT: Duration = Duration::from_millis(50);
/// The time limit for the response to a `subscribe` frame.
pub(super) const SUBSCRIBE_DEADLINE: Duration = Duration::from_secs(10);
/// The delay before repeating a failed session check.
pub(super) const RECHECK: Duration = Duration::from_secs(30);
/// The window in which the server counts a connection's frames.
pub(super) const BUDGET_WINDOW: Duration = Duration::from_secs(60);
/// The maximum number of frames in that window. The server allows 32; the rest covers clock differences.
pub(super) const BUDGET: usize = 30;
/// Our relay's close code for a session that has ended.
pub const CLOSED_AS_SIGNED_OUT: u16 = 4401;
