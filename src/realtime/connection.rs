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

use super::handshake::{Ticket, Transport, address};
use super::protocol::{
    Channel, ClientFrame, Connected, Event, Presence, RowNaming, ServerError, ServerFrame, Standing, Subscription,
};
use super::state::{ConnectionState, Ending, Hindrance};

/// The ceiling of the first delay after a failure; it doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// The highest ceiling.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// The least time from the start of one attempt to that of the next, whatever happens.
const SPACING: Duration = Duration::from_secs(1);
/// A connection that has lasted this long makes the next delay the first again.
const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long minting a ticket may take.
const TICKET_DEADLINE: Duration = Duration::from_secs(15);
/// How long opening the socket may take, and from then on the `connected` frame.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// How long to stay away after the server said "too many", or when asking again is of little use.
const LONG_WAIT: Duration = Duration::from_secs(60);
/// The time between pings.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How long a pong may take.
const PONG_DEADLINE: Duration = Duration::from_secs(10);
/// A timer that fires this much late was held back (a hidden tab), so what it waited for may be about to arrive.
const LATE: Duration = Duration::from_secs(5);
/// A timer that fires this much late tells of sleep. Browsers delay the timers of hidden tabs by up to a minute.
const ASLEEP: Duration = Duration::from_secs(90);
/// How long the connection outlives its last subscriber, so that going from page to page keeps it.
const LINGER: Duration = Duration::from_secs(3);
/// How long to collect further channels before a change of channels is acted upon.
const COLLECT: Duration = Duration::from_millis(50);
/// How long the answer to a `subscribe` frame may take.
const SUBSCRIBE_DEADLINE: Duration = Duration::from_secs(10);
/// When to ask again whether the session lives, if the answer did not come.
const RECHECK: Duration = Duration::from_secs(30);
/// The window in which the server counts the frames of a connection.
const BUDGET_WINDOW: Duration = Duration::from_secs(60);
/// Frames in that window. The server takes 32; what is left is for clocks that differ.
const BUDGET: usize = 30;
/// The code with which our relay closes a socket whose session has ended.
pub const CLOSED_AS_SIGNED_OUT: u16 = 4401;

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A part of the page listens to a channel. The first one opens the connection.
    Subscribe(Channel),
    /// A part of the page listens no more. The last one closes the connection, after a moment.
    Unsubscribe(Channel),
    /// What the person shows of being present, or nothing.
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
    Socket(Socket),
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
    presence_is_due: bool,
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

/// Who listens, and to what.
impl Machine {
    fn subscribe(&mut self, channel: Channel) {
        *self.channels.entry(channel).or_default() += 1;
        self.timers.remove(&Timer::Linger);
        match &self.phase {
            Phase::Idle => self.begin_soon(Duration::ZERO),
            Phase::Socket(socket) if socket.progress == Progress::Live && !self.missing(socket).is_empty() => {
                self.arm(Timer::Channels, COLLECT);
            }
            _ => {}
        }
    }

    fn unsubscribe(&mut self, channel: &Channel) {
        let Some(listeners) = self.channels.get_mut(channel) else { return };
        *listeners -= 1;
        if *listeners == 0 {
            self.channels.remove(channel);
        }
        if self.channels.is_empty() && !matches!(self.phase, Phase::Idle | Phase::Suspended | Phase::Ended(_)) {
            self.arm(Timer::Linger, LINGER);
        }
    }

    fn present(&mut self, presence: Option<Presence>) {
        if self.presence == presence {
            return;
        }
        self.presence = presence;
        if let Phase::Socket(socket) = &mut self.phase {
            socket.presence_is_due = true;
        }
        self.flush();
    }

    /// The names of all channels to listen to. The person's account is always among them, because the end of the
    /// session is told there.
    fn wanted(&self, naming: RowNaming) -> BTreeSet<String> {
        self.channels.keys().chain([&Channel::Account]).map(|channel| channel.name(naming)).collect()
    }

    fn missing(&self, socket: &Socket) -> BTreeSet<String> {
        let mut missing = self.wanted(socket.naming);
        missing.retain(|name| !socket.in_address.contains(name) && !socket.added.contains(name));
        missing
    }

    fn channels_changed(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let missing = self.missing(socket);
        if socket.progress != Progress::Live || missing.is_empty() {
            return;
        }
        if !socket.takes_messages {
            self.reconnect();
            return;
        }
        if !self.may_send() {
            self.flush_when_allowed();
            return;
        }
        let Phase::Socket(socket) = &mut self.phase else { return };
        socket.added.extend(missing);
        socket.is_subscribing = true;
        // The same name each time: the subscription is changed, so all of its channels are named again.
        let subscription =
            Subscription { subscription_id: "added".to_owned(), channels: socket.added.iter().cloned().collect() };
        self.send(&ClientFrame::Subscribe(vec![subscription]));
        self.arm(Timer::Subscribe, SUBSCRIBE_DEADLINE);
    }
}

/// The attempt to connect.
impl Machine {
    /// Begins an attempt after this delay, or later if an earlier attempt or the server asks for patience.
    fn begin_soon(&mut self, delay: Duration) {
        let spaced = self.attempt_started.map_or(Duration::ZERO, |started| started + SPACING);
        let at = self.now.saturating_add(delay).max(spaced).max(self.not_before);
        self.phase = Phase::Waiting;
        if at <= self.now {
            self.begin();
        } else {
            self.timers.insert(Timer::Retry, at);
        }
    }

    fn begin(&mut self) {
        self.timers.remove(&Timer::Retry);
        if self.channels.is_empty() {
            self.rest(Phase::Idle);
            return;
        }
        self.attempt += 1;
        self.attempt_started = Some(self.now);
        self.phase = Phase::Minting;
        self.arm(Timer::Attempt, TICKET_DEADLINE);
        self.outputs.push(Output::MintTicket { attempt: self.attempt, jwt_ignored: self.jwt_ignored });
    }

    fn ticket(&mut self, outcome: Result<Ticket, TicketFailure>) {
        let minting_took = self.now - self.attempt_started.unwrap_or(self.now);
        // The ticket is not on its way any more, so there is none to cancel.
        self.phase = Phase::Waiting;
        match outcome {
            Ok(ticket) if ticket.user_id != self.user_id => self.end(Ending::SomeoneElse),
            // The device slept in between.
            Ok(ticket) if minting_took >= Duration::from_secs(ticket.lifetime) => self.retry_later(Duration::ZERO),
            Ok(ticket) => self.open_socket(ticket),
            Err(TicketFailure::SignedOut) => self.end(Ending::SignedOut),
            Err(TicketFailure::Blocked) => self.end(Ending::Blocked),
            Err(TicketFailure::OutOfDate) => self.stop(Hindrance::OutOfDate),
            Err(TicketFailure::Unavailable) => self.retry_later(Duration::ZERO),
            Err(TicketFailure::RateLimited { retry_after }) => self.retry_later(retry_after),
        }
    }

    fn open_socket(&mut self, ticket: Ticket) {
        let in_address = self.wanted(ticket.row_naming);
        let Ok(address) = address(&ticket.transport, &self.own_origin, in_address.iter().map(String::as_str)) else {
            self.stop(Hindrance::Misconfigured);
            return;
        };
        match ticket.session_expires_in {
            Some(seconds) => self.arm(Timer::SessionExpires, Duration::from_secs(seconds)),
            None => self.disarm(Timer::SessionExpires),
        }
        self.phase = Phase::Socket(Socket {
            progress: Progress::Connecting,
            is_direct: matches!(ticket.transport, Transport::Direct { .. }),
            takes_messages: ticket.takes_messages,
            session_id: ticket.session_id,
            naming: ticket.row_naming,
            in_address,
            added: BTreeSet::new(),
            is_subscribing: false,
            presence_is_due: self.presence.is_some(),
            ping_is_unanswered: false,
            last_ping: None,
            had_grace: false,
        });
        self.arm(Timer::Attempt, CONNECT_DEADLINE);
        self.outputs.push(Output::OpenSocket { attempt: self.attempt, address });
    }

    fn socket_opened(&mut self, attempt: u64) {
        if let Phase::Socket(socket) = &mut self.phase
            && attempt == self.attempt
            && socket.progress == Progress::Connecting
        {
            socket.progress = Progress::AwaitingConnected;
            self.arm(Timer::Attempt, CONNECT_DEADLINE);
        }
    }

    fn connected(&mut self, connected: &Connected) {
        match connected.user_id.as_deref() {
            Some(user_id) if user_id == self.user_id => self.live(),
            Some(_) => self.hindered(Hindrance::WrongUser),
            None => self.credential_ignored(),
        }
    }

    fn live(&mut self) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        if socket.progress == Progress::Live {
            return;
        }
        socket.progress = Progress::Live;
        self.is_offline = false;
        self.refusals = 0;
        self.was_live = true;
        self.hindrance = None;
        self.disarm(Timer::Attempt);
        self.arm(Timer::Stable, STABLE_AFTER);
        self.arm(Timer::Ping, PING_INTERVAL);
        // Channels that were asked for while the socket opened.
        self.arm(Timer::Channels, COLLECT);
        self.outputs.push(Output::Refetch);
        self.flush();
    }

    /// The server connected a guest, although a ticket was minted a moment ago: it ignores JWTs in addresses. The
    /// relay may be the way; without one, asking again soon is of no use.
    fn credential_ignored(&mut self) {
        let is_direct = matches!(&self.phase, Phase::Socket(socket) if socket.is_direct);
        if is_direct && !self.jwt_ignored {
            self.jwt_ignored = true;
            self.try_another_ticket();
        } else {
            self.hindered(Hindrance::SignInRefused);
        }
    }

    fn hindered(&mut self, hindrance: Hindrance) {
        self.retry_later(LONG_WAIT);
        self.hindrance = Some(hindrance);
    }

    /// Leaves what is under way, and tries again after a delay that grows with each failure (full jitter), and is not
    /// less than `at_least`.
    fn retry_later(&mut self, at_least: Duration) {
        self.leave();
        self.hindrance = None;
        let ceiling = FIRST_DELAY.saturating_mul(1 << self.failures.min(6)).min(LONGEST_DELAY);
        self.failures = self.failures.saturating_add(1);
        self.not_before = self.not_before.max(self.now.saturating_add(at_least));
        let jitter = ceiling.mul_f64(self.chance());
        self.begin_soon(at_least.saturating_add(jitter));
    }

    /// Connects anew, although nothing failed.
    fn reconnect(&mut self) {
        self.leave();
        self.begin_soon(Duration::ZERO);
    }

    /// Connects anew with another ticket, without any delay. Only for what happens once before the next connection.
    fn try_another_ticket(&mut self) {
        self.leave();
        self.begin();
    }

    /// Leaves the ticket or the socket that is under way.
    fn leave(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Minting => self.outputs.push(Output::CancelTicket),
            Phase::Socket(_) => self.outputs.push(Output::CloseSocket),
            _ => {}
        }
        for timer in [
            Timer::Attempt,
            Timer::Retry,
            Timer::Stable,
            Timer::Ping,
            Timer::Pong,
            Timer::Channels,
            Timer::Subscribe,
            Timer::Flush,
        ] {
            self.disarm(timer);
        }
    }

    fn rest(&mut self, phase: Phase) {
        self.leave();
        self.disarm(Timer::Linger);
        self.was_live = false;
        self.phase = phase;
    }

    fn stop(&mut self, hindrance: Hindrance) {
        self.leave();
        self.hindrance = None;
        self.phase = Phase::Stopped(hindrance);
    }

    fn end(&mut self, ending: Ending) {
        self.close_for_good(ending);
        self.outputs.push(Output::SessionEnded(ending));
    }

    fn close_for_good(&mut self, ending: Ending) {
        self.leave();
        self.timers.clear();
        self.phase = Phase::Ended(ending);
    }
}

/// What the server says.
impl Machine {
    fn frame(&mut self, text: &str) {
        // Whatever arrives shows that the connection lives.
        self.disarm(Timer::Pong);
        if let Phase::Socket(socket) = &mut self.phase {
            socket.had_grace = false;
        }
        let Ok(frame) = ServerFrame::parse(text) else { return };
        match frame {
            ServerFrame::Connected(connected) => self.connected(&connected),
            ServerFrame::Event(event) => self.event(event),
            ServerFrame::Pong => self.pong(),
            ServerFrame::Error(error) if self.is_live() => self.error_while_live(&error),
            ServerFrame::Error(error) => self.error_while_connecting(error),
            ServerFrame::Response(response) if response.to == "subscribe" => self.subscribed(response.success),
            ServerFrame::Response(_) | ServerFrame::Unknown { .. } => {}
        }
    }

    fn event(&mut self, event: Event) {
        let Phase::Socket(socket) = &self.phase else { return };
        if socket.progress != Progress::Live {
            return;
        }
        match event.standing(&self.user_id, socket.session_id.as_deref()) {
            Some(Standing::SessionDeleted) => return self.end(Ending::SessionDeleted),
            Some(Standing::Blocked) => return self.end(Ending::Blocked),
            Some(Standing::AccountDeleted) => return self.end(Ending::AccountDeleted),
            Some(Standing::InDoubt) => self.check_session(),
            None => {}
        }
        if self.channels.keys().any(|channel| channel.carries(&event)) {
            self.outputs.push(Output::Event(event));
        }
    }

    fn pong(&mut self) {
        self.pongs = Pongs::Answered;
        if let Phase::Socket(socket) = &mut self.phase {
            socket.ping_is_unanswered = false;
        }
    }

    fn subscribed(&mut self, success: bool) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        if !std::mem::take(&mut socket.is_subscribing) {
            return;
        }
        self.disarm(Timer::Subscribe);
        if success {
            // The new channels were silent up to here.
            self.outputs.push(Output::Refetch);
        } else {
            self.reconnect();
        }
    }

    /// After an error before `connected`, the server closes. Its close code says less than the error.
    fn error_while_connecting(&mut self, error: ServerError) {
        match error.code {
            1008 => self.stop(hindrance_of_policy(error.message)),
            1013 => self.retry_later(LONG_WAIT),
            401 => self.unauthorized(),
            403 => self.forbidden(error.message),
            _ => self.retry_later(Duration::ZERO),
        }
    }

    /// An error on a live connection leaves it open, but for 1008.
    fn error_while_live(&mut self, error: &ServerError) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        match error.code {
            1008 => self.stop(hindrance_of_policy(error.message.clone())),
            1013 => self.muted_until = self.now + LONG_WAIT,
            1003 if socket.is_subscribing => self.reconnect(),
            1003 if socket.ping_is_unanswered && self.pongs == Pongs::Unknown => {
                socket.ping_is_unanswered = false;
                self.pongs = Pongs::Unsupported;
            }
            401 => self.check_session(),
            _ => {}
        }
    }

    /// The ticket was too old or is not believed: one new ticket at once, then the question whether the session lives.
    fn unauthorized(&mut self) {
        self.refusals += 1;
        if self.refusals == 1 {
            self.try_another_ticket();
        } else {
            self.check_session();
            self.retry_later(Duration::ZERO);
            self.hindrance = Some(Hindrance::SignInRefused);
        }
    }

    /// The message is all that tells one 403 from another: the frame has no `type`.
    fn forbidden(&mut self, message: String) {
        let lower = message.to_lowercase();
        if lower.contains("cookie") {
            self.stop(Hindrance::CookieConflict);
        } else if lower.contains("disabled") {
            self.stop(Hindrance::SwitchedOff);
        } else if matches!(&self.phase, Phase::Socket(socket) if socket.is_direct) && !self.jwt_ignored {
            // A project may refuse guests, and a server that ignores the JWT takes this person for one.
            self.credential_ignored();
        } else {
            self.stop(Hindrance::Refused(shortened(message)));
        }
    }

    fn socket_closed(&mut self, code: Option<u16>) {
        // Gone already: nothing to close.
        self.phase = Phase::Waiting;
        match code {
            Some(1008) => self.stop(Hindrance::Refused(String::new())),
            Some(1013) => self.retry_later(LONG_WAIT),
            Some(CLOSED_AS_SIGNED_OUT) => {
                self.check_session();
                self.retry_later(Duration::ZERO);
            }
            _ => self.retry_later(Duration::ZERO),
        }
    }

    fn check_session(&mut self) {
        if !std::mem::replace(&mut self.is_checking, true) {
            self.disarm(Timer::Recheck);
            self.outputs.push(Output::CheckSession);
        }
    }

    fn session_checked(&mut self, check: SessionCheck) {
        if !std::mem::take(&mut self.is_checking) {
            return;
        }
        match check {
            SessionCheck::Alive => {}
            SessionCheck::Gone => self.end(Ending::SignedOut),
            SessionCheck::Blocked => self.end(Ending::Blocked),
            SessionCheck::SomeoneElse => self.end(Ending::SomeoneElse),
            SessionCheck::Unknown => self.arm(Timer::Recheck, RECHECK),
        }
    }
}

/// Time.
impl Machine {
    fn wake(&mut self) {
        let mut due: Vec<_> = self.timers.iter().map(|(timer, at)| (*at, *timer)).collect();
        due.retain(|(at, _)| *at <= self.now);
        due.sort();
        for (at, timer) in due {
            // An earlier timer may have disarmed or moved this one.
            if self.timers.get(&timer) == Some(&at) {
                self.timers.remove(&timer);
                self.fire(timer, self.now - at);
            }
        }
    }

    fn fire(&mut self, timer: Timer, lateness: Duration) {
        match timer {
            Timer::Attempt => self.retry_later(Duration::ZERO),
            Timer::Retry => self.begin(),
            Timer::Stable => self.failures = 0,
            Timer::Ping => self.time_to_ping(lateness),
            Timer::Pong => self.pong_is_overdue(lateness),
            Timer::Linger => self.rest(Phase::Idle),
            Timer::Channels => self.channels_changed(),
            Timer::Subscribe => self.reconnect(),
            Timer::Flush => {
                self.flush();
                self.channels_changed();
            }
            // `show` does it.
            Timer::Countdown => {}
            Timer::Recheck => self.check_session(),
            Timer::SessionExpires => self.end(Ending::Expired),
        }
    }

    fn time_to_ping(&mut self, lateness: Duration) {
        if lateness >= ASLEEP && self.pongs != Pongs::Answered {
            // The device slept, and this server does not tell whether the connection outlived that.
            self.reconnect();
            return;
        }
        self.ping();
        self.arm(Timer::Ping, PING_INTERVAL);
    }

    fn ping(&mut self) {
        if self.pongs == Pongs::Unsupported || !self.may_send() {
            return;
        }
        if let Phase::Socket(socket) = &mut self.phase {
            socket.ping_is_unanswered = true;
            socket.last_ping = Some(self.now);
        }
        self.send(&ClientFrame::Ping);
        if self.pongs == Pongs::Answered && !self.timers.contains_key(&Timer::Pong) {
            self.arm(Timer::Pong, PONG_DEADLINE);
        }
    }

    fn pong_is_overdue(&mut self, lateness: Duration) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        if lateness >= LATE && !std::mem::replace(&mut socket.had_grace, true) {
            // Held back or asleep: the pong may wait behind this very timer.
            self.ping();
            self.arm(Timer::Pong, PONG_DEADLINE);
        } else {
            self.retry_later(Duration::ZERO);
        }
    }

    fn arm(&mut self, timer: Timer, delay: Duration) {
        self.timers.insert(timer, self.now.saturating_add(delay));
    }

    fn disarm(&mut self, timer: Timer) {
        self.timers.remove(&timer);
    }

    fn chance(&mut self) -> f64 {
        (self.random)().clamp(0.0, 1.0)
    }
}

/// The device and the page.
impl Machine {
    fn offline(&mut self) {
        self.is_offline = true;
        if matches!(self.phase, Phase::Minting | Phase::Socket(_)) {
            self.retry_later(Duration::ZERO);
        }
    }

    fn online(&mut self) {
        self.is_offline = false;
        match self.phase {
            // Everybody's network comes back at the same moment.
            Phase::Waiting => {
                let delay = FIRST_DELAY.mul_f64(self.chance());
                self.begin_sooner(delay);
            }
            Phase::Socket(_) => self.probe(),
            _ => {}
        }
    }

    fn visible(&mut self) {
        match self.phase {
            Phase::Waiting => self.begin_sooner(Duration::ZERO),
            Phase::Socket(_) => self.probe(),
            _ => {}
        }
    }

    fn begin_sooner(&mut self, delay: Duration) {
        let planned = self.timers.get(&Timer::Retry).copied();
        if planned.is_none_or(|planned| planned > self.now + delay) {
            self.begin_soon(delay);
        }
    }

    /// Finds out soon whether the connection still stands.
    fn probe(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let asked_lately = socket.last_ping.is_some_and(|at| self.now - at < LATE);
        if socket.progress == Progress::Live && self.pongs == Pongs::Answered && !asked_lately {
            self.ping();
        }
    }

    fn page_hide(&mut self) {
        if !matches!(self.phase, Phase::Idle) {
            self.rest(Phase::Suspended);
        }
        // A question that is under way is lost with the page.
        self.is_checking = false;
        self.disarm(Timer::Recheck);
    }

    fn step_down(&mut self) {
        self.channels.clear();
        self.rest(Phase::Idle);
    }

    fn page_show(&mut self) {
        if matches!(self.phase, Phase::Suspended) {
            self.begin_soon(Duration::ZERO);
        }
    }
}

/// What goes out.
impl Machine {
    fn is_live(&self) -> bool {
        matches!(&self.phase, Phase::Socket(socket) if socket.progress == Progress::Live)
    }

    fn may_send(&mut self) -> bool {
        let (now, sent) = (self.now, &mut self.sent);
        sent.retain(|at| now - *at < BUDGET_WINDOW);
        sent.len() < BUDGET && self.muted_until <= now
    }

    fn send(&mut self, frame: &ClientFrame) {
        self.sent.push_back(self.now);
        self.outputs.push(Output::Send(frame.to_text()));
    }

    fn flush_when_allowed(&mut self) {
        let budget = self.sent.front().map_or(self.now, |at| *at + BUDGET_WINDOW);
        self.timers.insert(Timer::Flush, budget.max(self.muted_until));
    }

    /// Tells that the person is present, if that is due and the server knows presence.
    fn flush(&mut self) {
        let Phase::Socket(socket) = &self.phase else { return };
        let is_due = socket.progress == Progress::Live && socket.takes_messages && socket.presence_is_due;
        let Some(presence) = self.presence.clone().filter(|_| is_due) else { return };
        if !self.may_send() {
            self.flush_when_allowed();
            return;
        }
        if let Phase::Socket(socket) = &mut self.phase {
            socket.presence_is_due = false;
        }
        self.send(&ClientFrame::Presence(presence));
    }

    fn show(&mut self) {
        self.disarm(Timer::Countdown);
        let state = match &self.phase {
            Phase::Ended(ending) => ConnectionState::Ended(*ending),
            Phase::Stopped(hindrance) => ConnectionState::NotLive(hindrance.clone()),
            Phase::Idle | Phase::Suspended => ConnectionState::Idle,
            Phase::Socket(socket) if socket.progress == Progress::Live => ConnectionState::Live,
            _ if self.is_offline => ConnectionState::Offline,
            Phase::Minting | Phase::Socket(_) | Phase::Waiting if self.hindrance.is_some() => {
                self.hindrance.clone().map_or(ConnectionState::Connecting, ConnectionState::NotLive)
            }
            _ if self.failures == 0 && !self.was_live => ConnectionState::Connecting,
            Phase::Waiting => self.countdown(),
            // The same words as before the attempt, so that each attempt is not announced anew.
            Phase::Minting | Phase::Socket(_) => ConnectionState::Reconnecting { seconds: 0 },
        };
        if state != self.shown {
            self.shown = state.clone();
            self.outputs.push(Output::State(state));
        }
    }

    fn countdown(&mut self) -> ConnectionState {
        let at = self.timers.get(&Timer::Retry).copied().unwrap_or(self.now);
        let left = at.saturating_sub(self.now);
        let seconds = u64::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
        if seconds > 1 {
            self.timers.insert(Timer::Countdown, at - Duration::from_secs(seconds - 1));
        }
        ConnectionState::Reconnecting { seconds }
    }
}

fn hindrance_of_policy(message: String) -> Hindrance {
    let lower = message.to_lowercase();
    if lower.contains("invalid origin") {
        Hindrance::UnregisteredOrigin
    } else if lower.contains("project id") {
        Hindrance::UnknownProject
    } else {
        Hindrance::Refused(shortened(message))
    }
}

/// A server's words, short enough for a badge.
fn shortened(message: String) -> String {
    const LONGEST: usize = 120;
    if message.chars().count() <= LONGEST {
        return message;
    }
    message.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
