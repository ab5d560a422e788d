//! The state machine of the live connection: turns inputs into outputs.
//!
//! It does not access a browser, a clock or a random number generator. The driver passes in each input with its time,
//! carries out the outputs, and passes in [`Input::Wake`] when [`Machine::next_wake`] is due. So native tests cover all
//! of its behavior, with a simulated server and clock.
//!
//! ```text
//! idle ─▶ minting ─▶ connecting ─▶ awaiting connected ─▶ live
//!            ▲            │                │               │
//!            └── waiting ◀┴────────────────┴───────────────┘    stopped (the server said why)    ended (signed out)
//! ```
//!
//! The rules, and why:
//!
//! * Live only if the server connected the same user that the page shows: Appwrite silently connects a guest when it
//!   ignores a JWT or the session is gone.
//! * A new ticket for each attempt: a JWT in an address must be short-lived.
//! * Full-jitter backoff that resets only after a connection has lasted: otherwise a server that accepts and then
//!   refuses would get a request each second.
//! * A deadline for pongs: a dead connection looks open.
//! * A refetch at each connection: Appwrite stores no events for disconnected clients.

use std::collections::VecDeque;
use std::time::Duration;

use super::handshake::Ticket;
use super::output::Output;
use super::protocol::{Channel, InvalidFrame, Presence, RowNaming, ServerFrame};
use super::state::{ConnectionState, EndReason, NotLiveReason};
use super::subscriptions::Subscriptions;
use super::timers::Timers;

mod attempt;
mod channels;
mod incoming;
mod limits;
mod outgoing;
#[cfg(feature = "presence")]
mod own_presence;
#[cfg(not(feature = "presence"))]
#[path = "connection/own_presence/absent.rs"]
mod own_presence;
mod page;
#[cfg(feature = "presence")]
mod presence;
#[cfg(not(feature = "presence"))]
#[path = "connection/presence/absent.rs"]
mod presence;
mod timing;

use own_presence::OwnPresence;

pub use limits::CLOSED_AS_SIGNED_OUT;

/// An input to the machine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A part of the page subscribes to a channel. The first one opens the connection.
    Subscribe(Channel),
    /// A part of the page unsubscribes. The last one closes the connection after a short delay.
    Unsubscribe(Channel),
    /// The user's presence, or none. Sent to servers that support presence while a part of the page is subscribed.
    Present(Option<Presence>),
    /// The result of requesting a ticket.
    Ticket {
        /// The attempt that requested it.
        attempt: u64,
        /// The result.
        outcome: Result<Ticket, TicketFailure>,
    },
    /// The socket is open.
    SocketOpened {
        /// The attempt that opened it.
        attempt: u64,
    },
    /// A text frame arrived.
    Frame {
        /// The attempt that opened the socket.
        attempt: u64,
        /// The frame, see [`ServerFrame::parse`]. Any text shows that the connection is alive.
        frame: Result<ServerFrame, InvalidFrame>,
    },
    /// The socket failed, or the other side closed it.
    SocketClosed {
        /// The attempt that opened it.
        attempt: u64,
        /// The close code, if any.
        code: Option<u16>,
    },
    /// The session may have ended, for instance because another tab shows another user.
    SessionInDoubt,
    /// The result of [`Output::CheckSession`].
    SessionChecked(SessionCheck),
    /// [`Machine::next_wake`] is due.
    Wake,
    /// The device reports that it is online.
    Online,
    /// The device reports that it is offline. It may be wrong: a server on the same machine is reachable.
    Offline,
    /// The page is visible again.
    Visible,
    /// The user leaves the page; the browser may keep it for the back button.
    PageHide,
    /// The page is shown; after [`Input::PageHide`], from the back button.
    PageShow,
    /// Another tab now holds the connection: close at once, and drop all subscriptions.
    StepDown,
    /// The user signs out.
    SignedOut {
        /// In this tab: the page unloads anyway, so the machine emits no [`Output::SessionEnded`].
        here: bool,
    },
}

/// The reason for a failed ticket request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketFailure {
    /// The session has ended.
    SignedOut,
    /// The account is blocked.
    Blocked,
    /// Our server or Appwrite is unreachable.
    Unavailable,
    /// Too many ticket requests.
    RateLimited {
        /// The delay before the next request.
        retry_after: Duration,
    },
    /// Our server no longer supports this page's request.
    OutOfDate,
}

/// The result of a session check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCheck {
    /// The session is valid.
    Alive,
    /// The session has ended.
    Gone,
    /// The account is blocked.
    Blocked,
    /// The browser's cookie now belongs to another user.
    SomeoneElse,
    /// The check failed.
    Unknown,
}

/// The connection of one user's page.
pub struct Machine {
    user_id: String,
    own_origin: String,
    random: Box<dyn FnMut() -> f64>,
    now: Duration,
    phase: Phase,
    channels: Subscriptions,
    presence: OwnPresence,
    attempt: u64,
    attempt_started: Option<Duration>,
    not_before: Duration,
    failures: u32,
    refusals: u32,
    was_live: bool,
    not_live_reason: Option<NotLiveReason>,
    jwt_ignored: bool,
    is_offline: bool,
    is_checking: bool,
    pongs: PongSupport,
    sent: VecDeque<Duration>,
    muted_until: Duration,
    timers: Timers<Timer>,
    shown: ConnectionState,
    outputs: Vec<Output>,
}

enum Phase {
    /// No part of the page is subscribed.
    Idle,
    /// The page is unloading, or kept for the back button.
    Suspended,
    Minting,
    /// A socket exists.
    Socket(Box<Socket>),
    Waiting,
    Stopped(NotLiveReason),
    Ended(EndReason),
}

/// The machine's only socket, from the request to open it.
struct Socket {
    progress: Progress,
    is_direct: bool,
    takes_messages: bool,
    session_id: Option<String>,
    naming: RowNaming,
    /// The names of the channels in the URL.
    in_address: Vec<String>,
    /// The names of the channels added by messages.
    added: Vec<String>,
    /// The names of those that the server has not confirmed yet.
    unconfirmed: Vec<String>,
    ping_is_unanswered: bool,
    last_ping: Option<Duration>,
    had_grace: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Connecting,
    AwaitingConnected,
    Live,
}

/// The server's support for pings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PongSupport {
    Unknown,
    Answered,
    /// Servers before 1.6.1 reject a ping as an invalid message.
    Unsupported,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The ticket, the open socket or the `connected` frame is overdue.
    Attempt,
    Retry,
    /// The connection has lasted.
    Stable,
    Ping,
    Pong,
    Linger,
    /// The wanted channels have changed.
    Channels,
    /// The answer to a `subscribe` frame is overdue.
    Subscribe,
    /// The presence is due again.
    Presence,
    /// The user has left the page for good.
    Withdraw,
    /// The frame budget allows a delayed frame.
    Flush,
    /// The countdown on the badge changes.
    Countdown,
    Recheck,
    SessionExpires,
}

impl Machine {
    /// Creates an idle machine.
    ///
    /// `user_id` is the page's user, `own_origin` the page's origin (where the relay is), and `random` returns numbers
    /// from 0 up to but not including 1.
    pub fn new(
        user_id: impl Into<String>,
        own_origin: impl Into<String>,
        random: impl FnMut() -> f64 + 'static,
    ) -> Self {
        Self {
            user_id: user_id.into(),
            own_origin: own_origin.into(),
            random: Box::new(random),
            now: Duration::ZERO,
            phase: Phase::Idle,
            channels: Subscriptions::new(),
            presence: OwnPresence::default(),
            attempt: 0,
            attempt_started: None,
            not_before: Duration::ZERO,
            failures: 0,
            refusals: 0,
            was_live: false,
            not_live_reason: None,
            jwt_ignored: false,
            is_offline: false,
            is_checking: false,
            pongs: PongSupport::Unknown,
            sent: VecDeque::new(),
            muted_until: Duration::ZERO,
            timers: Timers::new(),
            shown: ConnectionState::Idle,
            outputs: Vec::new(),
        }
    }

    /// Handles an input and returns the outputs. `now` is monotonic, counts from any fixed moment, and includes sleep.
    pub fn handle(&mut self, input: Input, now: Duration) -> Vec<Output> {
        self.now = self.now.max(now);
        match input {
            Input::Subscribe(channel) => self.subscribe(channel),
            Input::Unsubscribe(channel) => self.unsubscribe(&channel),
            _ if matches!(self.phase, Phase::Ended(_)) => {}
            Input::Present(presence) => self.present(presence),
            Input::Ticket { attempt, outcome } => {
                if attempt == self.attempt && matches!(self.phase, Phase::Minting) {
                    self.ticket(outcome);
                }
            }
            Input::SocketOpened { attempt } => self.socket_opened(attempt),
            Input::Frame { attempt, frame } => {
                if attempt == self.attempt && matches!(self.phase, Phase::Socket(_)) {
                    self.frame(frame);
                }
            }
            Input::SocketClosed { attempt, code } => {
                if attempt == self.attempt && matches!(self.phase, Phase::Socket(_)) {
                    self.socket_closed(code);
                }
            }
            Input::SessionInDoubt => self.check_session(),
            Input::SessionChecked(check) => self.session_checked(check),
            Input::Wake => self.wake(),
            Input::Online => self.online(),
            Input::Offline => self.offline(),
            Input::Visible => self.visible(),
            Input::PageHide => self.page_hide(),
            Input::PageShow => self.page_show(),
            Input::StepDown => self.step_down(),
            Input::SignedOut { here: true } => self.close_for_good(EndReason::SignedOut),
            Input::SignedOut { here: false } => self.end(EndReason::ElsewhereInThisBrowser),
        }
        self.show();
        std::mem::take(&mut self.outputs)
    }

    /// Returns the time for [`Input::Wake`], if any.
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// Returns the state for the badge.
    pub fn state(&self) -> &ConnectionState {
        &self.shown
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
