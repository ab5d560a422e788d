//! The state machine of the live connection: what to do next, given what happened.
//!
//! It knows no browser, no clock and no chance. Whoever drives it hands in what happened with the time at which it
//! happened, carries out what comes back, and hands in [`Input::Wake`] when [`Machine::next_wake`] is due. So all of
//! its behavior is tested natively, with a simulated server and clock.
//!
//! ```text
//! idle ─▶ minting ─▶ connecting ─▶ awaiting connected ─▶ live
//!            ▲            │                │               │
//!            └── waiting ◀┴────────────────┴───────────────┘    stopped (the server said why)    ended (signed out)
//! ```
//!
//! The rules, and why: live only if the server connected the very person whom the page shows, because Appwrite
//! connects a guest without a word when it ignores a JWT or its session is gone. A new ticket for each attempt, because
//! a JWT in an address must be short-lived. Full-jitter backoff that starts over only after a connection has lasted,
//! because a server that accepts and then refuses would be hit each second. A deadline on pongs, because a dead
//! connection looks open. A refetch at each connection, because Appwrite keeps nothing for those who were away.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::handshake::Ticket;
use super::protocol::{Channel, Event, Presence, RowNaming};
use super::state::{ConnectionState, Ending, Hindrance};

mod attempt;
mod channels;
mod hearing;
mod limits;
mod outgoing;
mod page;
mod presence;
mod timing;

pub use limits::CLOSED_AS_SIGNED_OUT;

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A part of the page listens to a channel. The first one opens the connection.
    Subscribe(Channel),
    /// A part of the page listens no more. The last one closes the connection, after a moment.
    Unsubscribe(Channel),
    /// What the person shows of being present, or nothing. It is told to servers that know presence, while somebody
    /// listens.
    Present(Option<Presence>),
    /// Our server answered, or did not.
    Ticket {
        /// The attempt for which it was asked.
        attempt: u64,
        /// The answer.
        outcome: Result<Ticket, TicketFailure>,
    },
    /// The socket is open.
    SocketOpened {
        /// The attempt for which it was opened.
        attempt: u64,
    },
    /// A text frame arrived.
    Frame {
        /// The attempt for which the socket was opened.
        attempt: u64,
        /// The text.
        text: String,
    },
    /// The socket failed or was closed by the other side.
    SocketClosed {
        /// The attempt for which it was opened.
        attempt: u64,
        /// The code of the close frame, if there is one.
        code: Option<u16>,
    },
    /// Something gives reason to ask whether the session lives, such as a page for somebody else in another tab.
    SessionInDoubt,
    /// The answer to [`Output::CheckSession`].
    SessionChecked(SessionCheck),
    /// [`Machine::next_wake`] is due.
    Wake,
    /// The device says that it has a network.
    Online,
    /// The device says that it has no network. It may be wrong: a server on the same machine is reachable.
    Offline,
    /// The page can be seen again.
    Visible,
    /// The page is left; the browser may keep it for the back button.
    PageHide,
    /// The page is shown; after [`Input::PageHide`] it comes from the back button.
    PageShow,
    /// Another tab holds the connection from now on: close at once, and forget who listens.
    StepDown,
    /// The person signs out.
    SignedOut {
        /// In this very tab: the page is about to go by itself, so no [`Output::SessionEnded`] is needed.
        here: bool,
    },
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketFailure {
    /// The session has ended.
    SignedOut,
    /// The account is blocked.
    Blocked,
    /// Our server or Appwrite cannot be reached.
    Unavailable,
    /// Too many tickets.
    RateLimited {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Our server does not know this page's way of asking any more.
    OutOfDate,
}

/// Whether the session behind the page lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCheck {
    /// It does.
    Alive,
    /// It does not.
    Gone,
    /// The account is blocked.
    Blocked,
    /// The browser's cookie is another person's by now.
    SomeoneElse,
    /// Nobody could say.
    Unknown,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask our server for a ticket.
    MintTicket {
        /// To be handed back with the answer.
        attempt: u64,
        /// A JWT in the address did not make this person known to Appwrite: the relay is needed, if there is one.
        jwt_ignored: bool,
    },
    /// The ticket that was asked for is of no use any more.
    CancelTicket,
    /// Open the socket.
    OpenSocket {
        /// To be handed back with all that the socket does.
        attempt: u64,
        /// The whole address.
        address: String,
    },
    /// Send a text frame on the open socket.
    Send(String),
    /// Close the socket and forget it: nothing that it does from now on matters.
    CloseSocket,
    /// Ask our server whether the session lives, and hand in [`Input::SessionChecked`].
    CheckSession,
    /// Show another state.
    State(ConnectionState),
    /// Events may have been missed: fetch again what the page shows.
    Refetch,
    /// Something changed on a channel that a part of the page listens to.
    Event(Event),
    /// The person is not signed in any more: everything private must leave the screen.
    SessionEnded(Ending),
}

/// The connection of one person's page.
pub struct Machine {
    user_id: String,
    own_origin: String,
    random: Box<dyn FnMut() -> f64>,
    now: Duration,
    phase: Phase,
    channels: BTreeMap<Channel, usize>,
    presence: Option<Presence>,
    presence_told_at: Option<Duration>,
    attempt: u64,
    attempt_started: Option<Duration>,
    not_before: Duration,
    failures: u32,
    refusals: u32,
    was_live: bool,
    hindrance: Option<Hindrance>,
    jwt_ignored: bool,
    is_offline: bool,
    is_checking: bool,
    pongs: Pongs,
    sent: VecDeque<Duration>,
    muted_until: Duration,
    timers: BTreeMap<Timer, Duration>,
    shown: ConnectionState,
    outputs: Vec<Output>,
}

enum Phase {
    /// Nobody listens.
    Idle,
    /// The page is hidden for good or kept for the back button.
    Suspended,
    Minting,
    /// A socket exists.
    Socket(Box<Socket>),
    Waiting,
    Stopped(Hindrance),
    Ended(Ending),
}

/// The one socket, from the request to open it on.
struct Socket {
    progress: Progress,
    is_direct: bool,
    takes_messages: bool,
    session_id: Option<String>,
    naming: RowNaming,
    /// The names of the channels in the address.
    in_address: BTreeSet<String>,
    /// The names of the channels that were added by messages.
    added: BTreeSet<String>,
    is_subscribing: bool,
    /// What the server was last told of the person's presence.
    told: Option<Presence>,
    /// It has not answered to that yet.
    is_telling: bool,
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

/// Whether the server answers pings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pongs {
    Unknown,
    Answered,
    /// Servers before 1.6.1 call a ping an invalid message.
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
    /// Presence is to be told again.
    Presence,
    /// The person has left the page for good.
    Withdraw,
    /// The budget of frames lets a held back frame go.
    Flush,
    /// The number of seconds on the badge changes.
    Countdown,
    Recheck,
    SessionExpires,
}

impl Machine {
    /// A machine at rest.
    ///
    /// `user_id` is the person whom the page shows, `own_origin` the page's origin (the relay lives there), and
    /// `random` gives numbers from 0 up to but not including 1.
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
            channels: BTreeMap::new(),
            presence: None,
            presence_told_at: None,
            attempt: 0,
            attempt_started: None,
            not_before: Duration::ZERO,
            failures: 0,
            refusals: 0,
            was_live: false,
            hindrance: None,
            jwt_ignored: false,
            is_offline: false,
            is_checking: false,
            pongs: Pongs::Unknown,
            sent: VecDeque::new(),
            muted_until: Duration::ZERO,
            timers: BTreeMap::new(),
            shown: ConnectionState::Idle,
            outputs: Vec::new(),
        }
    }

    /// What to do now that this happened. `now` is the time since any fixed moment, sleep included; it never goes back.
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
            Input::Frame { attempt, text } => {
                if attempt == self.attempt && matches!(self.phase, Phase::Socket(_)) {
                    self.frame(&text);
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
            Input::SignedOut { here: true } => self.close_for_good(Ending::SignedOut),
            Input::SignedOut { here: false } => self.end(Ending::ElsewhereInThisBrowser),
        }
        self.show();
        std::mem::take(&mut self.outputs)
    }

    /// When to hand in [`Input::Wake`], if ever.
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.values().min().copied()
    }

    /// What the badge shows.
    pub fn state(&self) -> &ConnectionState {
        &self.shown
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
