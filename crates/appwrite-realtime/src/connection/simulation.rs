//! A simulated server and clock: the rules hold for any events in any order.

use std::cell::Cell;
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::handshake::{Transport, channels_in};

/// The simulated server's reaction to the next ticket or socket.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Behavior {
    Good,
    /// Connects a guest, except through the relay.
    IgnoresJwt,
    /// Connects a guest, also through the relay.
    Guest,
    WrongUser,
    /// Silently omits the last requested channel.
    LeavesOutChannel,
    /// Accepts the socket and sends nothing.
    Silent,
    /// Never accepts the socket.
    Unreachable,
    /// Returns no ticket.
    NoTicket,
    /// Never responds to a ticket request.
    TicketHangs,
    RateLimitsTickets,
    /// Sends this error and closes.
    Error(i64),
    /// Closes the socket right after `connected`.
    ClosesSoon,
    /// Stops answering pings.
    Deaf,
}

/// An event of a page.
#[derive(Clone, Debug)]
enum Step {
    Server(Behavior),
    Pass(u32),
    Sleep(u32),
    Subscribe(u8),
    Unsubscribe(u8),
    DropConnection,
    Event(u8),
    /// A frame from a socket closed long ago.
    StaleFrame(bool),
    Garbage,
    Online,
    Offline,
    Visible,
    PageHide,
    PageShow,
    Present(Option<u8>),
    /// Another device of the user, or the server, deletes the presence.
    PresenceEnds(bool),
    SessionCheck(SessionCheck),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Scheduled {
    Ticket { attempt: u64 },
    Open { attempt: u64 },
    Connected { attempt: u64 },
    Pong { attempt: u64 },
    Subscribed { attempt: u64 },
    PresenceTold { attempt: u64 },
    Close { attempt: u64 },
}

/// The environment of one machine, and a record of its behavior.
struct Simulation {
    machine: Machine,
    now: Duration,
    behavior: Behavior,
    takes_messages: bool,
    due: Vec<(Duration, Scheduled)>,
    ticket_in_flight: Option<u64>,
    socket: Option<u64>,
    connected_user: Option<&'static str>,
    /// The channels in the socket's URL.
    channels: Vec<String>,
    /// The channels of the last `subscribe` frame.
    subscriptions: serde_json::Value,
    is_relay: bool,
    check_in_flight: bool,
    has_ended: bool,
    subscribed: [u32; 4],
    sent: Vec<Duration>,
    tickets: Vec<Duration>,
    /// The presence sent over the current connection.
    presence: Option<serde_json::Value>,
    /// The channels that the page refetched since this connection, or subscribed to when the server already delivered them.
    refetched: Vec<Channel>,
}

const LATENCY: Duration = Duration::from_millis(80);

fn channel(number: u8) -> Channel {
    match number {
        0 => Channel::rows("main", "birthdays"),
        1 => Channel::Account,
        number => Channel::Named(format!("files.{number}")),
    }
}

fn presence(number: u8) -> Presence {
    Presence::at(&format!("/{number}"), "kim", "Kim")
}

impl Simulation {
    fn new(seed: u64, takes_messages: bool) -> Self {
        let state = Rc::new(Cell::new(seed | 1));
        let random = move || {
            // xorshift64: any distribution works here.
            let mut bits = state.get();
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            state.set(bits);
            (bits >> 11) as f64 / (1u64 << 53) as f64
        };
        Self {
            machine: Machine::new("kim", "https://app.example", random),
            now: Duration::ZERO,
            behavior: Behavior::Good,
            takes_messages,
            due: Vec::new(),
            ticket_in_flight: None,
            socket: None,
            connected_user: None,
            channels: Vec::new(),
            subscriptions: serde_json::Value::Null,
            is_relay: false,
            check_in_flight: false,
            has_ended: false,
            subscribed: [0; 4],
            sent: Vec::new(),
            tickets: Vec::new(),
            presence: None,
            refetched: Vec::new(),
        }
    }

    fn schedule(&mut self, delay: Duration, what: Scheduled) {
        self.due.push((self.now + delay, what));
    }

    /// Passes in one input and checks the outputs against the rules.
    fn give(&mut self, input: Input) {
        if let Input::SocketClosed { attempt, .. } = input
            && self.socket == Some(attempt)
        {
            self.socket = None;
            self.connected_user = None;
        }
        if let Input::Ticket { attempt, .. } = input
            && self.ticket_in_flight == Some(attempt)
        {
            self.ticket_in_flight = None;
        }
        for output in self.machine.handle(input, self.now) {
            self.carry_out(output);
        }
        if self.machine.state().is_live() {
            assert_eq!(self.connected_user, Some("kim"), "live for somebody else, or without a connection");
            for number in (0..4).filter(|number| self.subscribed[usize::from(*number)] > 0) {
                assert!(self.refetched.contains(&channel(number)), "a gap of channel {number} was not filled");
            }
        }
    }

    fn carry_out(&mut self, output: Output) {
        assert!(!self.has_ended || matches!(output, Output::State(_)), "{output:?} after the end");
        match output {
            Output::MintTicket { attempt, jwt_ignored } => {
                assert_eq!(self.ticket_in_flight, None, "two tickets at once");
                assert_eq!(self.socket, None, "a ticket while a socket is open");
                self.ticket_in_flight = Some(attempt);
                self.tickets.push(self.now);
                self.is_relay = jwt_ignored && self.behavior != Behavior::Guest;
                if self.behavior != Behavior::TicketHangs {
                    self.schedule(LATENCY, Scheduled::Ticket { attempt });
                }
            }
            Output::CancelTicket => {
                assert!(self.ticket_in_flight.take().is_some(), "no ticket to cancel");
            }
            Output::OpenSocket { attempt, address } => {
                assert_eq!(self.socket, None, "two sockets");
                self.channels = channels_in(&address);
                self.socket = Some(attempt);
                self.connected_user = None;
                self.presence = None;
                self.refetched.clear();
                self.subscriptions = serde_json::Value::Null;
                if self.behavior == Behavior::Unreachable {
                    self.schedule(LATENCY, Scheduled::Close { attempt });
                } else {
                    self.schedule(LATENCY, Scheduled::Open { attempt });
                }
            }
            Output::Send(text) => {
                let attempt = self.socket.expect("a socket to send on");
                assert_eq!(self.connected_user, Some("kim"), "a frame before connected");
                self.sent.push(self.now);
                let window = self.sent.iter().filter(|at| self.now - **at < Duration::from_secs(60)).count();
                assert!(window <= 32, "{window} frames in a minute");
                if self.behavior != Behavior::Deaf {
                    let frame: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                    let answer = match frame["type"].as_str() {
                        Some("ping") => Scheduled::Pong { attempt },
                        Some("subscribe") => {
                            self.subscriptions = frame["data"].clone();
                            Scheduled::Subscribed { attempt }
                        }
                        Some("presence") => {
                            assert!(self.takes_messages, "this server does not know presence");
                            self.presence = Some(frame["data"].clone());
                            Scheduled::PresenceTold { attempt }
                        }
                        other => panic!("a frame of the type {other:?}"),
                    };
                    self.schedule(LATENCY, answer);
                }
            }
            Output::CloseSocket => {
                assert!(self.socket.take().is_some(), "no socket to close");
                self.connected_user = None;
            }
            Output::CheckSession => {
                assert!(!std::mem::replace(&mut self.check_in_flight, true), "two questions at once");
            }
            Output::Gap(channels) => {
                assert_eq!(self.connected_user, Some("kim"));
                self.refetched.extend(channels);
            }
            Output::Event(_) => {
                assert!(self.connected_user == Some("kim"), "an event of a socket that is not live");
            }
            Output::SessionEnded(_) => self.has_ended = true,
            Output::State(_) => {}
            output => panic!("a machine alone asks for {output:?}"),
        }
    }

    fn happen(&mut self, what: Scheduled) {
        match what {
            Scheduled::Ticket { attempt } => {
                let outcome = match self.behavior {
                    Behavior::NoTicket => Err(TicketFailure::Unavailable),
                    Behavior::RateLimitsTickets => {
                        Err(TicketFailure::RateLimited { retry_after: Duration::from_secs(20) })
                    }
                    _ => Ok(self.ticket()),
                };
                self.give(Input::Ticket { attempt, outcome });
            }
            Scheduled::Open { attempt } if self.socket == Some(attempt) => {
                self.give(Input::SocketOpened { attempt });
                if self.behavior != Behavior::Silent {
                    self.schedule(LATENCY, Scheduled::Connected { attempt });
                }
            }
            Scheduled::Connected { attempt } if self.socket == Some(attempt) => self.answer_handshake(attempt),
            Scheduled::Pong { attempt } => self.frame(attempt, &json!({"type": "pong"})),
            Scheduled::Subscribed { attempt } => {
                let mut subscriptions = self.subscriptions.clone();
                if self.behavior == Behavior::LeavesOutChannel {
                    subscriptions[0]["channels"].as_array_mut().expect("channels").pop();
                }
                let data = json!({"to": "subscribe", "success": true, "subscriptions": subscriptions});
                self.frame(attempt, &json!({"type": "response", "data": data}));
            }
            Scheduled::PresenceTold { attempt } => {
                self.frame(attempt, &json!({"type": "response", "data": {"to": "presence", "presence": {}}}));
            }
            Scheduled::Close { attempt } => self.give(Input::SocketClosed { attempt, code: Some(1006) }),
            Scheduled::Open { .. } | Scheduled::Connected { .. } => {}
        }
    }

    fn answer_handshake(&mut self, attempt: u64) {
        let user = match self.behavior {
            Behavior::Error(code) => {
                self.frame(attempt, &json!({"type": "error", "data": {"code": code, "message": "No."}}));
                self.schedule(LATENCY, Scheduled::Close { attempt });
                return;
            }
            Behavior::Guest => None,
            Behavior::IgnoresJwt if !self.is_relay => None,
            Behavior::WrongUser => Some("laura"),
            _ => Some("kim"),
        };
        let mut channels = self.channels.clone();
        let leaves_out = self.behavior == Behavior::LeavesOutChannel && channels.pop().is_some();
        // A client with missing channels counts as not connected.
        self.connected_user = user.filter(|_| !leaves_out);
        let user = user.map(|id| json!({"$id": id}));
        self.frame(attempt, &json!({"type": "connected", "data": {"channels": channels, "user": user}}));
        if self.behavior == Behavior::ClosesSoon {
            self.schedule(LATENCY, Scheduled::Close { attempt });
        }
    }

    fn frame(&mut self, attempt: u64, frame: &serde_json::Value) {
        self.give(Input::Frame { attempt, frame: ServerFrame::parse(&frame.to_string()) });
    }

    fn ticket(&self) -> Ticket {
        Ticket {
            user_id: "kim".to_owned(),
            session_id: Some("s1".to_owned()),
            session_expires_in: None,
            lifetime: 60,
            transport: if self.is_relay {
                Transport::Relay { path: "/realtime".to_owned() }
            } else {
                Transport::Direct {
                    endpoint: "https://cloud.example/v1".to_owned(),
                    project: "demo".to_owned(),
                    jwt: "j.w.t".to_owned(),
                }
            },
            row_naming: RowNaming::Tables,
            takes_messages: self.takes_messages,
            takes_queries: true,
        }
    }

    /// Advances the time, and runs the server's actions and the timers when due.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let server = self.due.iter().map(|(at, _)| *at).min();
            let timer = self.machine.next_wake();
            let Some(at) = server.into_iter().chain(timer).min().filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            if server.is_some_and(|server| server <= self.now) {
                let index = self.due.iter().position(|(at, _)| *at <= self.now).expect("what is due");
                let (_, what) = self.due.remove(index);
                self.happen(what);
            } else {
                self.give(Input::Wake);
            }
        }
        self.now = until;
    }

    /// Simulates sleep: on waking, the timers run before the frames that the server sent during sleep.
    fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.give(Input::Wake);
        self.pass(Duration::ZERO);
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Server(behavior) => self.behavior = behavior,
            Step::Pass(milliseconds) => self.pass(Duration::from_millis(milliseconds.into())),
            Step::Sleep(seconds) => self.sleep(Duration::from_secs(seconds.into())),
            Step::Subscribe(number) => {
                let name = channel(number).name(RowNaming::Tables);
                let is_delivered = self.channels.contains(&name) || self.subscriptions.to_string().contains(&name);
                if self.subscribed[usize::from(number)] == 0 && self.connected_user.is_some() && is_delivered {
                    self.refetched.push(channel(number));
                }
                self.subscribed[usize::from(number)] += 1;
                self.give(Input::Subscribe(channel(number)));
            }
            Step::Unsubscribe(number) => {
                // Only a subscribed part of the page can unsubscribe.
                if let Some(left) = self.subscribed[usize::from(number)].checked_sub(1) {
                    self.subscribed[usize::from(number)] = left;
                    self.give(Input::Unsubscribe(channel(number)));
                }
            }
            Step::DropConnection => {
                if let Some(attempt) = self.socket {
                    self.give(Input::SocketClosed { attempt, code: None });
                }
            }
            Step::Event(number) => {
                let attempt = self.socket.unwrap_or_default();
                let name = channel(number).name(RowNaming::Tables);
                let event = json!({"type": "event", "data": {"events": ["x"], "channels": [name], "payload": {}}});
                self.frame(attempt, &event);
            }
            Step::StaleFrame(right_user) => {
                let attempt = self.socket.map_or(self.machine.attempt, |attempt| attempt - 1);
                if self.socket.is_none() || attempt > 0 {
                    let id = if right_user { "kim" } else { "laura" };
                    self.frame(attempt, &json!({"type": "connected", "data": {"user": {"$id": id}}}));
                }
            }
            Step::Garbage => {
                let attempt = self.socket.unwrap_or_default();
                self.give(Input::Frame { attempt, frame: Err(InvalidFrame) });
            }
            Step::Online => self.give(Input::Online),
            Step::Offline => self.give(Input::Offline),
            Step::Visible => self.give(Input::Visible),
            Step::PageHide => {
                self.check_in_flight = false;
                self.give(Input::PageHide);
            }
            Step::PageShow => self.give(Input::PageShow),
            Step::Present(number) => self.give(Input::Present(number.map(presence))),
            Step::PresenceEnds(is_deleted) => {
                let (action, status) = if is_deleted { ("delete", "/1") } else { ("upsert", "away") };
                let attempt = self.socket.unwrap_or_default();
                if self.connected_user.is_some() {
                    self.presence = None;
                }
                self.frame(
                    attempt,
                    &json!({"type": "event", "data": {
                        "events": [format!("presences.p.{action}")], "channels": ["presences"],
                        "payload": {"userId": "kim", "status": status, "metadata": {}},
                    }}),
                );
            }
            Step::SessionCheck(check) => {
                if std::mem::take(&mut self.check_in_flight) {
                    self.give(Input::SessionChecked(check));
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        matches!(self.machine.phase, Phase::Stopped(_) | Phase::Ended(_))
    }
}

/// Behaviors from which the machine must recover on its own.
fn curable() -> impl Strategy<Value = Behavior> {
    prop_oneof![
        4 => Just(Behavior::Good),
        1 => Just(Behavior::IgnoresJwt),
        1 => Just(Behavior::Guest),
        1 => Just(Behavior::WrongUser),
        1 => Just(Behavior::LeavesOutChannel),
        1 => Just(Behavior::Silent),
        1 => Just(Behavior::Unreachable),
        1 => Just(Behavior::NoTicket),
        1 => Just(Behavior::TicketHangs),
        1 => Just(Behavior::RateLimitsTickets),
        1 => Just(Behavior::ClosesSoon),
        1 => Just(Behavior::Deaf),
        1 => prop_oneof![Just(401), Just(500), Just(1003), Just(1013)].prop_map(Behavior::Error),
    ]
}

fn step(behavior: impl Strategy<Value = Behavior> + 'static) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => behavior.prop_map(Step::Server),
        8 => (0u32..40_000).prop_map(Step::Pass),
        2 => (1u32..100_000).prop_map(Step::Sleep),
        4 => (0u8..4).prop_map(Step::Subscribe),
        2 => (0u8..4).prop_map(Step::Unsubscribe),
        3 => Just(Step::DropConnection),
        2 => (0u8..4).prop_map(Step::Event),
        1 => any::<bool>().prop_map(Step::StaleFrame),
        1 => Just(Step::Garbage),
        1 => Just(Step::Online),
        1 => Just(Step::Offline),
        2 => Just(Step::Visible),
        1 => Just(Step::PageHide),
        1 => Just(Step::PageShow),
        2 => prop::option::of(0u8..3).prop_map(Step::Present),
        1 => any::<bool>().prop_map(Step::PresenceEnds),
        1 => prop_oneof![Just(SessionCheck::Alive), Just(SessionCheck::Unknown)].prop_map(Step::SessionCheck),
    ]
}

fn any_behavior() -> impl Strategy<Value = Behavior> {
    prop_oneof![4 => curable(), 1 => prop_oneof![Just(403), Just(1008)].prop_map(Behavior::Error)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// There are never two sockets or too many frames, and the page is never live for the wrong user or without a
    /// refetch. `Simulation::give` checks each step.
    #[test]
    fn invariants_hold_for_any_sequence_of_inputs(
        seed: u64,
        takes_messages: bool,
        steps in prop::collection::vec(step(any_behavior()), 1..80),
    ) {
        let mut world = Simulation::new(seed, takes_messages);
        world.apply(Step::Subscribe(0));
        for step in steps {
            world.apply(step);
        }
    }

    #[test]
    fn connection_is_live_again_once_the_server_recovers(
        seed: u64,
        takes_messages: bool,
        steps in prop::collection::vec(step(curable()), 1..80),
    ) {
        let mut world = Simulation::new(seed, takes_messages);
        for step in steps {
            world.apply(step);
        }
        world.apply(Step::Server(Behavior::Good));
        world.apply(Step::PageShow);
        world.apply(Step::Subscribe(0));
        // The longest wait is a minute plus the longest jitter; before that, the machine detects a dead connection.
        world.pass(Duration::from_secs(180));
        prop_assert!(!world.is_stopped());
        prop_assert!(world.machine.state().is_live(), "it shows {:?}", world.machine.state());
    }

    /// A working server ends up with the user's presence, regardless of navigation and other devices.
    #[test]
    fn working_server_receives_the_presence_eventually(
        seed: u64,
        steps in prop::collection::vec(step(curable()), 1..80),
        last in prop::option::of(0u8..3),
        is_deleted in prop::option::of(any::<bool>()),
    ) {
        let mut world = Simulation::new(seed, true);
        for step in steps {
            world.apply(step);
        }
        world.apply(Step::Server(Behavior::Good));
        world.apply(Step::PageShow);
        world.apply(Step::Subscribe(0));
        world.apply(Step::Present(last));
        world.pass(Duration::from_secs(180));
        if let Some(is_deleted) = is_deleted {
            world.apply(Step::PresenceEnds(is_deleted));
            world.pass(Duration::from_secs(10));
        }
        let known = world.presence.as_ref();
        match last.map(presence) {
            Some(wanted) => {
                let wanted = serde_json::to_value(wanted).expect("JSON");
                prop_assert_eq!(known, Some(&wanted));
            }
            // Never sent over this connection, or withdrawn for good.
            None => prop_assert!(known.is_none_or(|known| {
                known["status"] == "away" && !known["permissions"].to_string().contains("users")
            }), "{:?}", known),
        }
    }

    #[test]
    fn broken_server_gets_few_requests(
        seed: u64,
        behavior in prop_oneof![
            Just(Behavior::NoTicket), Just(Behavior::Unreachable), Just(Behavior::ClosesSoon), Just(Behavior::Guest),
            Just(Behavior::WrongUser), Just(Behavior::LeavesOutChannel), Just(Behavior::Error(401)), Just(Behavior::Error(500)), Just(Behavior::Error(1013)),
        ],
    ) {
        let mut world = Simulation::new(seed, false);
        world.behavior = behavior;
        world.apply(Step::Subscribe(0));
        for _ in 0..20 {
            world.pass(Duration::from_secs(30));
            world.apply(Step::SessionCheck(SessionCheck::Alive));
        }
        // Full jitter waits 30 s on average once the ceiling is reached: about 25 attempts in these ten minutes.
        prop_assert!(world.tickets.len() < 60, "{} tickets in ten minutes", world.tickets.len());
    }
}
