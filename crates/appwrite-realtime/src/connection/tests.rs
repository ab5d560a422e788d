//! Scenarios: a sequence of inputs, and the machine's expected outputs.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::limits::BUDGET;
use super::*;
use crate::handshake::{Transport, address};
use crate::protocol::ClientFrame;

const SECOND: Duration = Duration::from_secs(1);
const ROWS: &str = "tablesdb.main.tables.birthdays.rows";

fn not_live(reason: NotLiveReason) -> ConnectionState {
    ConnectionState::NotLive(reason)
}

/// A page, and its machine's outputs since the last check.
struct Page {
    machine: Machine,
    now: Duration,
    asked: Vec<Output>,
    chance: Rc<Cell<f64>>,
}

impl Page {
    fn new() -> Self {
        let chance = Rc::new(Cell::new(0.5));
        let random = Rc::clone(&chance);
        Self {
            machine: Machine::new("kim", "https://app.example", move || random.get()),
            now: Duration::ZERO,
            asked: Vec::new(),
            chance,
        }
    }

    /// A page with a subscribed list of birthdays.
    fn open() -> Self {
        let mut page = Self::new();
        page.give(Input::Subscribe(list()));
        page
    }

    /// A page that is live.
    fn live() -> Self {
        let mut page = Self::open();
        page.connect();
        page.take();
        page
    }

    fn give(&mut self, input: Input) {
        self.asked.extend(self.machine.handle(input, self.now));
    }

    fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.asked)
    }

    /// Advances the time, with every timer on time.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.machine.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.give(Input::Wake);
        }
        self.now = until;
    }

    /// Advances the time without timers, as in sleep; then all due timers fire at once.
    fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.give(Input::Wake);
    }

    fn attempt(&self) -> u64 {
        self.machine.attempt
    }

    fn ticket(&mut self, ticket: Ticket) {
        self.give(Input::Ticket { attempt: self.attempt(), outcome: Ok(ticket) });
    }

    fn no_ticket(&mut self, failure: TicketFailure) {
        self.give(Input::Ticket { attempt: self.attempt(), outcome: Err(failure) });
    }

    fn opened(&mut self) {
        self.give(Input::SocketOpened { attempt: self.attempt() });
    }

    fn frame(&mut self, frame: &Value) {
        self.give(Input::Frame { attempt: self.attempt(), frame: ServerFrame::parse(&frame.to_string()) });
    }

    fn error(&mut self, code: i64, message: &str) {
        self.frame(&json!({"type": "error", "data": {"code": code, "message": message}}));
    }

    fn closed(&mut self, code: u16) {
        self.give(Input::SocketClosed { attempt: self.attempt(), code: Some(code) });
    }

    /// All steps from the ticket to `connected`.
    fn connect(&mut self) {
        self.ticket(ticket());
        self.opened();
        self.frame(&connected("kim"));
    }

    /// The same on a server that accepts messages and so supports presence.
    fn connect_with_messages(&mut self) {
        self.ticket(Ticket { takes_messages: true, ..ticket() });
        self.opened();
        self.frame(&connected("kim"));
    }

    fn is_live(&self) -> bool {
        self.machine.state().is_live()
    }

    fn shows(&self) -> ConnectionState {
        self.machine.state().clone()
    }

    fn asked_for_tickets(&mut self) -> usize {
        self.take().iter().filter(|output| matches!(output, Output::MintTicket { .. })).count()
    }

    /// Advances the time to the next ticket request, and returns the duration.
    fn until_next_ticket(&mut self) -> Duration {
        let start = self.now;
        self.take();
        for _ in 0..1000 {
            if self.asked_for_tickets() > 0 {
                return self.now - start;
            }
            let at = self.machine.next_wake().expect("a timer");
            self.now = self.now.max(at);
            self.give(Input::Wake);
        }
        panic!("no ticket was asked for");
    }
}

fn list() -> Channel {
    Channel::rows("main", "birthdays")
}

fn gap(channels: &[Channel]) -> Output {
    Output::Gap(channels.to_vec())
}

fn ticket() -> Ticket {
    Ticket {
        user_id: "kim".to_owned(),
        session_id: Some("s1".to_owned()),
        session_expires_in: None,
        lifetime: 60,
        transport: Transport::Direct {
            endpoint: "https://cloud.example/v1".to_owned(),
            project: "demo".to_owned(),
            jwt: "j.w.t".to_owned(),
        },
        row_naming: RowNaming::Tables,
        takes_messages: false,
        takes_queries: true,
    }
}

fn relay_ticket() -> Ticket {
    Ticket { transport: Transport::Relay { path: "/realtime".to_owned() }, ..ticket() }
}

fn connected(user_id: &str) -> Value {
    json!({"type": "connected", "data": {"channels": ["account", ROWS, "presences"], "subscriptions": [], "user": {"$id": user_id}}})
}

fn subscribed(channels: &[&str]) -> Value {
    let subscription = json!({"subscriptionId": "added", "channels": channels, "queries": []});
    json!({"type": "response", "data": {"to": "subscribe", "success": true, "subscriptions": [subscription]}})
}

fn guest() -> Value {
    json!({"type": "connected", "data": {"channels": ["account", ROWS], "subscriptions": [], "user": null}})
}

fn row_event(channel: &str) -> Value {
    json!({"type": "event", "data": {
        "events": [format!("{ROWS}.r1.update")], "channels": [channel], "timestamp": "", "payload": {"$id": "r1"},
    }})
}

fn account_event(name: &str, payload: Value) -> Value {
    json!({"type": "event", "data": {"events": [format!("users.kim.{name}")], "channels": ["account"], "payload": payload}})
}

#[test]
fn no_ticket_is_requested_without_subscribers() {
    let mut page = Page::new();
    page.give(Input::Visible);
    page.give(Input::Online);
    page.pass(600 * SECOND);
    assert_eq!(page.take(), []);
    assert_eq!(page.shows(), ConnectionState::Idle);
}

#[test]
fn first_listener_opens_the_connection() {
    let mut page = Page::open();
    assert_eq!(
        page.take(),
        [Output::MintTicket { attempt: 1, jwt_ignored: false }, Output::State(ConnectionState::Connecting)]
    );
    page.ticket(ticket());
    assert_eq!(
        page.take(),
        [Output::OpenSocket {
            attempt: 1,
            address: address(&ticket(), "https://app.example", ["account", ROWS]).expect("an address"),
        }]
    );
    page.opened();
    page.frame(&connected("kim"));
    assert_eq!(page.take(), [gap(&[list()]), Output::State(ConnectionState::Live)]);
}

#[test]
fn listeners_during_a_ticket_request_share_the_connection() {
    let mut page = Page::open();
    page.give(Input::Subscribe(Channel::Account));
    page.give(Input::Subscribe(Channel::from("files")));
    page.give(Input::Subscribe(Channel::rows("main", "birthdays")));
    page.take();
    page.ticket(ticket());
    let asked = page.take();
    let [Output::OpenSocket { address, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(address.matches("channels[]=").count(), 3);
}

#[test]
fn guest_socket_is_never_shown_as_live() {
    let mut page = Page::open();
    page.ticket(relay_ticket());
    page.opened();
    page.frame(&guest());
    assert!(!page.asked.contains(&Output::State(ConnectionState::Live)));
    assert!(page.asked.contains(&Output::CloseSocket));
    assert_eq!(page.shows(), not_live(NotLiveReason::SignInRefused));
    assert!(page.until_next_ticket() >= 60 * SECOND);
}

#[test]
fn guest_on_direct_transport_requests_the_relay_at_once() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.take();
    page.frame(&guest());
    assert_eq!(page.take(), [Output::CloseSocket, Output::MintTicket { attempt: 2, jwt_ignored: true }]);
    page.ticket(relay_ticket());
    page.opened();
    page.frame(&connected("kim"));
    assert!(page.is_live());
    page.closed(1006);
    page.until_next_ticket();
    page.give(Input::Offline);
    assert!(page.machine.jwt_ignored, "it is remembered");
}

#[test]
fn server_without_a_relay_is_asked_rarely() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.frame(&guest());
    for _ in 0..5 {
        page.ticket(ticket());
        page.opened();
        page.frame(&guest());
        assert_eq!(page.shows(), not_live(NotLiveReason::SignInRefused));
        assert!(page.until_next_ticket() >= 60 * SECOND);
        assert_eq!(page.shows(), not_live(NotLiveReason::SignInRefused));
    }
}

#[test]
fn socket_of_another_user_is_closed_and_never_live() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.take();
    page.frame(&connected("laura"));
    let asked = page.take();
    assert!(asked.contains(&Output::CloseSocket));
    assert!(!asked.contains(&gap(&[list()])));
    assert_eq!(page.shows(), not_live(NotLiveReason::WrongUser));
}

#[test]
fn ticket_of_another_user_ends_the_page() {
    let mut page = Page::open();
    page.take();
    page.ticket(Ticket { user_id: "laura".to_owned(), ..ticket() });
    let ended = EndReason::SomeoneElse;
    assert_eq!(page.take(), [Output::SessionEnded(ended), Output::State(ConnectionState::Ended(ended))]);
}

#[test]
fn events_before_connected_are_ignored() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.take();
    page.frame(&row_event(ROWS));
    page.frame(&account_event("delete", json!({})));
    assert_eq!(page.take(), []);
}

#[test]
fn event_is_delivered_to_subscribed_channels_only() {
    let mut page = Page::live();
    page.frame(&row_event(ROWS));
    let asked = page.take();
    assert!(matches!(asked.as_slice(), [Output::Event(event)] if event.channels == [ROWS]));
    page.frame(&row_event("files"));
    assert_eq!(page.take(), []);
}

#[test]
fn unreadable_and_unknown_frames_change_nothing() {
    let mut page = Page::live();
    page.give(Input::Frame { attempt: page.attempt(), frame: ServerFrame::parse("oops") });
    page.frame(&json!({"type": "weather"}));
    page.frame(&json!({"type": "event", "data": "x"}));
    assert_eq!(page.take(), []);
    assert!(page.is_live());
}

#[test]
fn inputs_of_an_old_attempt_are_ignored() {
    let mut page = Page::live();
    let old = page.attempt();
    page.closed(1006);
    page.until_next_ticket();
    page.connect();
    page.take();
    page.give(Input::SocketClosed { attempt: old, code: Some(1008) });
    page.give(Input::Frame { attempt: old, frame: ServerFrame::parse(&guest().to_string()) });
    page.give(Input::SocketOpened { attempt: old });
    page.give(Input::Ticket { attempt: old, outcome: Err(TicketFailure::SignedOut) });
    assert_eq!(page.take(), []);
    assert!(page.is_live());
}

#[test]
fn each_attempt_gets_a_ticket_and_each_connection_refetches() {
    let mut page = Page::live();
    for _ in 0..4 {
        page.pass(30 * SECOND);
        page.closed(1006);
        page.until_next_ticket();
        page.connect();
        assert!(page.asked.contains(&gap(&[list()])));
    }
    assert_eq!(page.attempt(), 5);
}

#[test]
fn countdown_reports_seconds() {
    let mut page = Page::open();
    page.chance.set(1.0);
    page.no_ticket(TicketFailure::Unavailable);
    page.until_next_ticket();
    page.no_ticket(TicketFailure::Unavailable);
    page.until_next_ticket();
    page.no_ticket(TicketFailure::Unavailable);
    let mut shown = vec![page.shows()];
    for _ in 0..3 {
        page.pass(SECOND);
        shown.push(page.shows());
    }
    assert_eq!(shown, [4, 3, 2, 1].map(|seconds| ConnectionState::Reconnecting { seconds }));
    page.pass(SECOND);
    assert_eq!(page.shows(), ConnectionState::Reconnecting { seconds: 0 });
}

#[test]
fn delays_double_up_to_a_minute_and_are_fully_jittered() {
    let mut page = Page::open();
    page.chance.set(1.0);
    let mut delays = Vec::new();
    for _ in 0..9 {
        page.no_ticket(TicketFailure::Unavailable);
        delays.push(page.until_next_ticket().as_secs());
    }
    assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    page.chance.set(0.25);
    page.no_ticket(TicketFailure::Unavailable);
    assert_eq!(page.until_next_ticket(), 15 * SECOND);
    page.chance.set(0.0);
    page.no_ticket(TicketFailure::Unavailable);
    assert_eq!(page.until_next_ticket(), SECOND, "two attempts are never closer than this");
}

#[test]
fn delays_start_over_only_after_a_connection_has_lasted() {
    let mut page = Page::open();
    page.chance.set(1.0);
    let mut delays = Vec::new();
    for _ in 0..4 {
        page.connect();
        page.pass(9 * SECOND);
        page.closed(1006);
        delays.push(page.until_next_ticket().as_secs());
    }
    assert_eq!(delays, [1, 2, 4, 8], "a server that accepts and then refuses is not hit each second");
    page.connect();
    page.pass(11 * SECOND);
    page.closed(1006);
    assert_eq!(page.until_next_ticket(), SECOND);
}

#[test]
fn unregistered_address_stops_with_the_cause() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.error(1008, "Invalid Origin. Register your new client (evil.example) as a new Web platform on your project console dashboard");
    page.closed(1006);
    assert_eq!(page.shows(), not_live(NotLiveReason::UnregisteredOrigin));
    page.take();
    page.give(Input::Visible);
    page.give(Input::Online);
    page.pass(3600 * SECOND);
    assert_eq!(page.take(), []);
}

#[test]
fn policy_refusals_stop_with_their_causes() {
    for (message, state) in [
        ("Missing or unknown project ID", not_live(NotLiveReason::UnknownProject)),
        ("channel_not_relayed: rows.a", not_live(NotLiveReason::ChannelLeftOut)),
        ("Missing channels", not_live(NotLiveReason::Refused("Missing channels".to_owned()))),
    ] {
        let mut page = Page::open();
        page.ticket(ticket());
        page.opened();
        page.error(1008, message);
        assert_eq!(page.shows(), state);
        page.pass(3600 * SECOND);
        assert_eq!(page.attempt(), 1);
    }
}

#[test]
fn policy_close_code_without_an_error_stops() {
    let mut page = Page::live();
    page.closed(1008);
    assert_eq!(page.shows(), not_live(NotLiveReason::Refused(String::new())));
    page.pass(3600 * SECOND);
    assert_eq!(page.attempt(), 1);
}

#[test]
fn stopped_page_retries_when_reopened() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.error(1008, "Missing channels");
    page.give(Input::Unsubscribe(Channel::rows("main", "birthdays")));
    page.pass(5 * SECOND);
    assert_eq!(page.shows(), ConnectionState::Idle);
    page.take();
    page.give(Input::Subscribe(Channel::rows("main", "birthdays")));
    assert_eq!(page.asked_for_tickets(), 1);
}

#[test]
fn too_many_connections_delay_the_retry_by_a_minute() {
    let mut page = Page::open();
    page.chance.set(0.0);
    page.ticket(ticket());
    page.opened();
    page.error(1013, "Too many requests");
    page.give(Input::Visible);
    page.give(Input::Online);
    assert!(page.until_next_ticket() >= 60 * SECOND);
}

#[test]
fn refused_token_is_replaced_once_before_a_session_check() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.take();
    page.error(401, "Failed to verify JWT. Invalid token: Expired");
    assert_eq!(page.take(), [Output::CloseSocket, Output::MintTicket { attempt: 2, jwt_ignored: false }]);
    page.closed(1006);
    page.ticket(ticket());
    page.opened();
    page.take();
    page.error(401, "Failed to verify JWT. Invalid token: Expired");
    let asked = page.take();
    assert!(asked.contains(&Output::CheckSession));
    assert!(!asked.iter().any(|output| matches!(output, Output::MintTicket { .. })));
    page.give(Input::SessionChecked(SessionCheck::Gone));
    assert_eq!(page.shows(), ConnectionState::Ended(EndReason::SignedOut));
}

#[test]
fn refused_token_of_a_live_session_is_retried_with_backoff() {
    let mut page = Page::open();
    for _ in 0..2 {
        page.ticket(ticket());
        page.opened();
        page.error(401, "Failed to verify JWT.");
    }
    page.give(Input::SessionChecked(SessionCheck::Alive));
    assert_eq!(page.shows(), not_live(NotLiveReason::SignInRefused));
    page.until_next_ticket();
    page.connect();
    assert!(page.is_live());
}

#[test]
fn cookie_beside_the_token_stops_with_an_explanation() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.error(403, "JWT and cookie can not both be set in the same request.");
    assert_eq!(page.shows(), not_live(NotLiveReason::CookieConflict));
    page.pass(3600 * SECOND);
    assert_eq!(page.attempt(), 1);
}

#[test]
fn project_without_realtime_stops_with_an_explanation() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.error(403, "The requested API is disabled. You can enable the API from the Appwrite console.");
    assert_eq!(page.shows(), not_live(NotLiveReason::SwitchedOff));
}

#[test]
fn project_that_refuses_guests_asks_for_the_relay_first() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.opened();
    page.take();
    page.error(403, "Guests may not subscribe.");
    assert_eq!(page.take(), [Output::CloseSocket, Output::MintTicket { attempt: 2, jwt_ignored: true }]);
    page.ticket(relay_ticket());
    page.opened();
    page.error(403, "Guests may not subscribe.");
    assert_eq!(page.shows(), not_live(NotLiveReason::Refused("Guests may not subscribe.".to_owned())));
}

#[test]
fn pings_are_sent_every_twenty_seconds() {
    let mut page = Page::live();
    for _ in 0..3 {
        page.pass(20 * SECOND);
        assert_eq!(page.take(), [Output::Send(r#"{"type":"ping"}"#.to_owned())]);
        page.frame(&json!({"type": "pong"}));
    }
    assert!(page.is_live());
}

#[test]
fn pong_is_required_only_after_the_first_one() {
    let mut page = Page::live();
    page.pass(120 * SECOND);
    assert!(page.is_live(), "it may be a server that knows no pings");
    page.frame(&json!({"type": "pong"}));
    page.pass(19 * SECOND);
    assert!(page.is_live());
    page.pass(21 * SECOND);
    assert!(!page.is_live(), "it has answered before, and now it does not");
    assert!(page.asked.contains(&Output::CloseSocket));
}

#[test]
fn any_frame_counts_as_a_sign_of_life() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.pass(29 * SECOND);
    page.frame(&row_event(ROWS));
    page.pass(5 * SECOND);
    assert!(page.is_live());
}

#[test]
fn server_that_refuses_a_ping_is_not_pinged_again() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.error(1003, "Message type is not valid.");
    page.take();
    page.pass(600 * SECOND);
    assert_eq!(page.take(), []);
    assert!(page.is_live());
}

#[test]
fn refused_message_after_a_pong_does_not_stop_pings() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.take();
    page.error(1003, "Error: Server Error");
    page.pass(20 * SECOND);
    assert_eq!(page.take(), [Output::Send(r#"{"type":"ping"}"#.to_owned())]);
}

#[test]
fn too_many_messages_error_pauses_sending_for_a_minute() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.error(1013, "Too many messages.");
    page.take();
    page.pass(59 * SECOND);
    assert_eq!(page.take(), []);
    assert!(page.is_live());
    page.pass(21 * SECOND);
    assert!(!page.take().is_empty());
}

#[test]
fn ticket_request_times_out() {
    let mut page = Page::open();
    page.take();
    page.pass(15 * SECOND);
    assert_eq!(page.take().first(), Some(&Output::CancelTicket));
    page.until_next_ticket();
    page.connect();
    assert!(page.is_live());
}

#[test]
fn socket_that_does_not_open_times_out() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.take();
    page.pass(10 * SECOND);
    assert_eq!(page.take().first(), Some(&Output::CloseSocket));
}

#[test]
fn silent_socket_times_out() {
    let mut page = Page::open();
    page.ticket(ticket());
    page.pass(9 * SECOND);
    page.opened();
    page.take();
    page.pass(9 * SECOND);
    assert_eq!(page.take(), []);
    page.pass(SECOND);
    assert_eq!(page.take().first(), Some(&Output::CloseSocket));
}

#[test]
fn ticket_that_expired_during_sleep_is_not_used() {
    let mut page = Page::open();
    page.now += 90 * SECOND;
    page.take();
    page.ticket(ticket());
    assert!(!page.take().iter().any(|output| matches!(output, Output::OpenSocket { .. })));
    page.until_next_ticket();
    page.connect();
    assert!(page.is_live());
}

#[test]
fn ticket_rate_limit_is_respected() {
    let mut page = Page::open();
    page.chance.set(0.0);
    page.no_ticket(TicketFailure::RateLimited { retry_after: 37 * SECOND });
    page.give(Input::Visible);
    assert_eq!(page.until_next_ticket(), 37 * SECOND);
    page.no_ticket(TicketFailure::RateLimited { retry_after: Duration::MAX });
    page.pass(3600 * SECOND);
    assert_eq!(page.attempt(), 2);
}

#[test]
fn outdated_page_is_reported() {
    let mut page = Page::open();
    page.no_ticket(TicketFailure::OutOfDate);
    assert_eq!(page.shows(), not_live(NotLiveReason::OutOfDate));
    page.pass(3600 * SECOND);
    assert_eq!(page.attempt(), 1);
}

#[test]
fn unusable_address_stops() {
    let mut page = Page::open();
    let transport = Transport::Direct { endpoint: "cloud".to_owned(), project: "p".to_owned(), jwt: "j".to_owned() };
    page.ticket(Ticket { transport, ..ticket() });
    assert_eq!(page.shows(), not_live(NotLiveReason::Misconfigured));
}

#[test]
fn missing_session_ends_the_page() {
    for (failure, state) in [
        (TicketFailure::SignedOut, ConnectionState::Ended(EndReason::SignedOut)),
        (TicketFailure::Blocked, ConnectionState::Ended(EndReason::Blocked)),
    ] {
        let mut page = Page::open();
        page.no_ticket(failure);
        assert!(page.take().iter().any(|output| matches!(output, Output::SessionEnded(_))));
        assert_eq!(page.shows(), state);
        page.give(Input::Visible);
        page.give(Input::PageHide);
        page.give(Input::PageShow);
        page.give(Input::Subscribe(Channel::Account));
        page.pass(3600 * SECOND);
        assert_eq!(page.take(), [], "it is over");
    }
}

#[test]
fn deletion_of_own_session_ends_the_page_at_once() {
    let mut page = Page::live();
    page.frame(&account_event("sessions.s1.delete", json!({"$id": "s1"})));
    let ended = EndReason::SessionDeleted;
    assert_eq!(
        page.take(),
        [Output::CloseSocket, Output::SessionEnded(ended), Output::State(ConnectionState::Ended(ended))]
    );
}

#[test]
fn blocked_account_ends_the_page_at_once() {
    let mut page = Page::live();
    page.frame(&account_event("update.status", json!({"$id": "kim", "status": false})));
    assert_eq!(page.shows(), ConnectionState::Ended(EndReason::Blocked));
}

#[test]
fn deletion_of_another_session_only_triggers_a_session_check() {
    let mut page = Page::live();
    page.frame(&account_event("sessions.s2.delete", json!({"$id": "s2"})));
    page.frame(&account_event("update.password", json!({"$id": "kim"})));
    assert_eq!(page.take(), [Output::CheckSession], "one question at a time");
    assert!(page.is_live());
    page.give(Input::SessionChecked(SessionCheck::Unknown));
    page.pass(30 * SECOND);
    assert!(page.take().contains(&Output::CheckSession), "it is asked again");
    page.give(Input::SessionChecked(SessionCheck::Alive));
    assert!(page.is_live());
    page.frame(&account_event("update.password", json!({"$id": "kim"})));
    page.give(Input::SessionChecked(SessionCheck::Gone));
    assert_eq!(page.shows(), ConnectionState::Ended(EndReason::SignedOut));
}

#[test]
fn session_expires_without_an_event() {
    let mut page = Page::open();
    page.ticket(Ticket { session_expires_in: Some(3600), ..ticket() });
    page.opened();
    page.frame(&connected("kim"));
    page.pass(3599 * SECOND);
    assert!(page.is_live());
    page.pass(SECOND);
    assert!(page.take().contains(&Output::SessionEnded(EndReason::Expired)));
    assert_eq!(page.shows(), ConnectionState::Ended(EndReason::Expired));
}

#[test]
fn session_expires_even_without_listeners() {
    let mut page = Page::open();
    page.ticket(Ticket { session_expires_in: Some(60), ..ticket() });
    page.opened();
    page.frame(&connected("kim"));
    page.give(Input::Unsubscribe(Channel::rows("main", "birthdays")));
    page.pass(60 * SECOND);
    assert!(page.take().contains(&Output::SessionEnded(EndReason::Expired)));
}

#[test]
fn sign_out_closes_the_socket_and_emits_no_session_end() {
    let mut page = Page::live();
    page.give(Input::SignedOut { here: true });
    assert_eq!(page.take(), [Output::CloseSocket, Output::State(ConnectionState::Ended(EndReason::SignedOut))]);
    let mut other = Page::live();
    other.give(Input::SignedOut { here: false });
    assert!(other.take().contains(&Output::SessionEnded(EndReason::ElsewhereInThisBrowser)));
}

#[test]
fn relay_that_closes_for_the_session_triggers_a_session_check() {
    let mut page = Page::live();
    page.closed(CLOSED_AS_SIGNED_OUT);
    assert!(page.take().contains(&Output::CheckSession));
}

#[test]
fn page_shows_offline_without_a_network_and_recovers() {
    let mut page = Page::live();
    page.give(Input::Offline);
    assert!(page.take().contains(&Output::CloseSocket));
    assert_eq!(page.shows(), ConnectionState::Offline);
    page.until_next_ticket();
    page.no_ticket(TicketFailure::Unavailable);
    assert_eq!(page.shows(), ConnectionState::Offline, "it does not flicker");
    page.give(Input::Online);
    assert!(page.until_next_ticket() <= SECOND);
    page.connect();
    assert!(page.is_live());
}

#[test]
fn device_that_wrongly_reports_offline_goes_live() {
    let mut page = Page::live();
    page.give(Input::Offline);
    page.until_next_ticket();
    page.connect();
    assert!(page.is_live());
}

#[test]
fn page_that_becomes_visible_reconnects_at_once() {
    let mut page = Page::live();
    page.chance.set(1.0);
    for _ in 0..6 {
        page.closed(1006);
        page.until_next_ticket();
        page.connect();
    }
    page.closed(1006);
    page.pass(2 * SECOND);
    page.take();
    page.give(Input::Visible);
    assert_eq!(page.asked_for_tickets(), 1);
}

#[test]
fn live_page_pings_when_visible_again() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.pass(10 * SECOND);
    page.take();
    page.give(Input::Visible);
    page.give(Input::Visible);
    assert_eq!(page.take(), [Output::Send(r#"{"type":"ping"}"#.to_owned())]);
    page.pass(10 * SECOND);
    assert!(!page.is_live());
}

#[test]
fn pong_may_arrive_late_after_sleep() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.pass(20 * SECOND);
    page.sleep(3600 * SECOND);
    assert!(page.is_live(), "the pong may wait behind the timer");
    page.frame(&json!({"type": "pong"}));
    page.pass(15 * SECOND);
    assert!(page.is_live());
}

#[test]
fn dead_connection_is_replaced_soon_after_sleep() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.sleep(8 * 3600 * SECOND);
    page.pass(10 * SECOND);
    assert!(!page.is_live());
    page.until_next_ticket();
    page.connect();
    assert!(page.asked.contains(&gap(&[list()])));
}

#[test]
fn connection_without_pongs_is_replaced_after_sleep() {
    let mut page = Page::live();
    page.sleep(3600 * SECOND);
    assert!(!page.is_live());
    assert_eq!(page.asked_for_tickets(), 1);
}

#[test]
fn throttled_timers_of_a_hidden_tab_are_not_sleep() {
    let mut page = Page::live();
    for _ in 0..10 {
        page.sleep(60 * SECOND);
    }
    assert!(page.is_live());
    assert_eq!(page.attempt(), 1);
}

#[test]
fn back_button_opens_a_new_connection() {
    let mut page = Page::live();
    page.give(Input::PageHide);
    assert_eq!(page.take(), [Output::CloseSocket, Output::State(ConnectionState::Idle)]);
    page.sleep(3600 * SECOND);
    assert_eq!(page.take(), []);
    page.give(Input::PageShow);
    assert_eq!(page.asked_for_tickets(), 1);
    page.connect();
    assert!(page.take().contains(&gap(&[list()])));
}

#[test]
fn hidden_page_cancels_its_ticket_request() {
    let mut page = Page::open();
    page.take();
    page.give(Input::PageHide);
    assert!(page.take().contains(&Output::CancelTicket));
    page.ticket(ticket());
    assert_eq!(page.take(), []);
}

#[test]
fn navigation_keeps_the_connection() {
    let mut page = Page::live();
    page.give(Input::Unsubscribe(Channel::rows("main", "birthdays")));
    page.pass(SECOND);
    page.give(Input::Subscribe(Channel::rows("main", "birthdays")));
    page.pass(10 * SECOND);
    assert_eq!(page.take(), []);
    assert!(page.is_live());
}

#[test]
fn last_listener_closes_the_connection() {
    let mut page = Page::live();
    page.give(Input::Subscribe(Channel::rows("main", "birthdays")));
    page.give(Input::Unsubscribe(Channel::rows("main", "birthdays")));
    page.pass(10 * SECOND);
    assert!(page.is_live(), "one still listens");
    page.give(Input::Unsubscribe(Channel::rows("main", "birthdays")));
    page.take();
    page.pass(3 * SECOND);
    assert_eq!(page.take(), [Output::CloseSocket, Output::State(ConnectionState::Idle)]);
}

#[test]
fn added_channel_reconnects_on_a_server_without_messages() {
    let mut page = Page::live();
    page.pass(5 * SECOND);
    page.give(Input::Subscribe(Channel::from("files")));
    page.give(Input::Subscribe(Channel::from("teams")));
    page.pass(SECOND);
    assert_eq!(page.asked_for_tickets(), 1, "one for both");
    page.ticket(ticket());
    let asked = page.take();
    assert!(
        matches!(asked.as_slice(), [Output::OpenSocket { address, .. }] if address.contains("files") && address.contains("teams"))
    );
}

#[test]
fn added_channels_are_subscribed_with_one_message() {
    let mut page = Page::open();
    page.connect_with_messages();
    page.take();
    page.give(Input::Subscribe(Channel::from("files")));
    page.give(Input::Subscribe(Channel::from("teams")));
    assert_eq!(page.take(), [Output::State(ConnectionState::Connecting)], "not live until the server names them");
    page.pass(SECOND);
    let asked = page.take();
    let [Output::Send(text)] = asked.as_slice() else { panic!("{asked:?}") };
    let frame: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(
        frame,
        json!({"type": "subscribe", "data": [{"subscriptionId": "added", "channels": ["files", "teams"]}]})
    );
    page.frame(&subscribed(&["files", "teams"]));
    let outputs = [gap(&["files", "teams"].map(Channel::from)), Output::State(ConnectionState::Live)];
    assert_eq!(page.take(), outputs, "the new channels were silent up to here");
    page.pass(10 * SECOND);
    assert!(page.is_live());
}

#[test]
fn channel_added_before_the_response_is_subscribed_after_it() {
    let mut page = Page::open();
    page.connect_with_messages();
    page.give(Input::Subscribe(Channel::from("files")));
    page.pass(SECOND);
    page.give(Input::Subscribe(Channel::from("teams")));
    page.take();
    page.pass(SECOND);
    assert_eq!(page.take(), [], "the response to one frame does not name the channels of the next");
    page.frame(&subscribed(&["files"]));
    let outputs = page.take();
    let [files, Output::Send(text)] = outputs.as_slice() else { panic!("{outputs:?}") };
    assert_eq!(*files, gap(&[Channel::from("files")]));
    assert!(text.contains(r#""channels":["files","teams"]"#), "{text}");
    page.frame(&subscribed(&["files", "teams"]));
    assert_eq!(page.take(), [gap(&[Channel::from("teams")]), Output::State(ConnectionState::Live)]);
}

#[test]
fn channel_added_while_the_socket_opens_has_one_gap() {
    let mut page = Page::open();
    page.ticket(Ticket { takes_messages: true, ..ticket() });
    page.give(Input::Subscribe(Channel::from("files")));
    page.opened();
    page.take();
    page.frame(&connected("kim"));
    assert_eq!(page.take(), [gap(&[list()])]);
    page.pass(SECOND);
    page.take();
    page.frame(&subscribed(&["files"]));
    assert_eq!(page.take(), [gap(&[Channel::from("files")]), Output::State(ConnectionState::Live)]);
}

#[test]
fn channel_that_the_server_omits_is_not_live() {
    for named in [&[][..], &["account"], &[ROWS], &["account", "tablesdb.main.tables.other.rows"]] {
        let mut page = Page::open();
        page.ticket(ticket());
        page.opened();
        page.frame(&json!({"type": "connected", "data": {"channels": named, "user": {"$id": "kim"}}}));
        assert_eq!(page.shows(), not_live(NotLiveReason::ChannelLeftOut), "{named:?}");
        assert!(!page.take().contains(&gap(&[list()])), "{named:?}");
        page.until_next_ticket();
        page.ticket(ticket());
        page.opened();
        page.frame(&connected("kim"));
        assert!(page.is_live(), "{named:?}");
    }
}

#[test]
fn added_channel_missing_in_the_response_is_not_live() {
    for named in [&[][..], &["files"]] {
        let mut page = Page::open();
        page.connect_with_messages();
        page.give(Input::Subscribe(Channel::from("files")));
        page.give(Input::Subscribe(Channel::from("teams")));
        page.pass(SECOND);
        page.take();
        page.frame(&subscribed(named));
        assert_eq!(page.shows(), not_live(NotLiveReason::ChannelLeftOut), "{named:?}");
        assert!(page.take().contains(&Output::CloseSocket), "{named:?}");
    }
}

#[test]
fn account_is_never_subscribed_by_message_without_queries() {
    let mut page = Page::open();
    page.ticket(Ticket { takes_messages: true, takes_queries: false, ..ticket() });
    page.opened();
    page.frame(&connected("kim"));
    page.take();
    page.give(Input::Subscribe(Channel::Account));
    page.give(Input::Subscribe(Channel::from("account.kim")));
    page.pass(SECOND);
    assert!(!page.take().iter().any(|output| matches!(output, Output::Send(_) | Output::MintTicket { .. })));
    assert!(page.is_live());
}

#[test]
fn refused_or_unanswered_subscription_reconnects() {
    let refusals: [fn(&mut Page); 3] = [
        |page| page.frame(&json!({"type": "response", "data": {"to": "subscribe", "success": false}})),
        |page| page.error(1003, "Message type is not valid."),
        |page| page.pass(10 * SECOND),
    ];
    for refuse in refusals {
        let mut page = Page::open();
        page.connect_with_messages();
        page.give(Input::Subscribe(Channel::from("files")));
        page.pass(2 * SECOND);
        page.take();
        refuse(&mut page);
        assert!(page.take().contains(&Output::CloseSocket));
        assert_eq!(page.attempt(), 2);
    }
}

fn here() -> Presence {
    Presence::at("/birthdays", "kim", "Kim")
}

fn frame_of(presence: &Presence) -> Output {
    Output::Send(ClientFrame::Presence(presence.clone()).to_text())
}

fn answer_to_presence() -> Value {
    json!({"type": "response", "data": {"to": "presence", "presence": {}}})
}

fn presence_event(user_id: &str, status: &str, action: &str) -> Value {
    json!({"type": "event", "data": {
        "events": [format!("presences.p1.{action}")], "channels": ["presences"],
        "payload": {"userId": user_id, "status": status, "metadata": {}},
    }})
}

/// A live page on a server that accepts messages, with the user's presence.
fn present_page() -> Page {
    let mut page = Page::open();
    page.give(Input::Subscribe(Channel::Presences));
    page.give(Input::Present(Some(here())));
    page.connect_with_messages();
    assert!(page.take().contains(&frame_of(&here())));
    page.frame(&answer_to_presence());
    assert_eq!(page.take(), []);
    page
}

#[test]
fn presence_is_sent_on_each_connection_that_supports_it() {
    let mut page = present_page();
    page.give(Input::Present(Some(here())));
    assert_eq!(page.take(), [], "nothing new to tell");
    page.closed(1006);
    page.until_next_ticket();
    page.connect_with_messages();
    assert!(page.take().contains(&frame_of(&here())));
    page.closed(1006);
    page.until_next_ticket();
    page.connect();
    let is_presence = |output: &Output| matches!(output, Output::Send(text) if text.contains("presence"));
    assert!(!page.take().iter().any(is_presence), "this server does not know presence");
}

#[test]
fn presences_are_subscribed_on_servers_that_support_them() {
    for takes_messages in [false, true] {
        let mut page = Page::open();
        page.give(Input::Subscribe(Channel::Presences));
        page.take();
        page.ticket(Ticket { takes_messages, ..ticket() });
        let asked = page.take();
        let [Output::OpenSocket { address, .. }] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!(address.contains("channels[]=presences"), takes_messages);
        page.opened();
        page.frame(&connected("kim"));
        page.pass(SECOND);
        assert!(page.is_live(), "nothing is missing");
        assert_eq!(page.attempt(), 1);
    }
}

#[test]
fn presence_is_repeated_regularly() {
    let mut page = present_page();
    let mut sent = 0;
    for _ in 0..60 {
        page.pass(10 * SECOND);
        page.frame(&json!({"type": "pong"}));
        sent += page.take().iter().filter(|output| **output == frame_of(&here())).count();
    }
    assert_eq!(sent, 5, "in ten minutes, though no answer came");
}

#[test]
fn user_who_leaves_the_page_sends_the_away_status() {
    let mut page = present_page();
    page.give(Input::Unsubscribe(Channel::Presences));
    page.give(Input::Present(None));
    page.pass(2 * SECOND);
    assert_eq!(page.take(), [], "perhaps they come back");
    page.pass(SECOND);
    let over = here().next_away_presence().expect("an away presence");
    assert_eq!(page.take(), [frame_of(&over)]);
    page.pass(SECOND);
    assert_eq!(page.take(), [], "one after the other");
    page.frame(&answer_to_presence());
    assert_eq!(page.take(), [frame_of(&over.next_away_presence().expect("a hidden presence"))]);
    page.frame(&answer_to_presence());
    page.frame(&presence_event("kim", "away", "upsert"));
    page.pass(15 * SECOND);
    assert!(page.take().iter().all(|output| *output == Output::Send(r#"{"type":"ping"}"#.to_owned())));
    page.give(Input::Present(Some(here())));
    assert_eq!(page.take(), [frame_of(&here())], "back again");
}

#[test]
fn quick_page_changes_send_no_presence() {
    let mut page = present_page();
    page.give(Input::Present(None));
    page.pass(2 * SECOND);
    page.give(Input::Present(Some(here())));
    page.pass(10 * SECOND);
    assert_eq!(page.take(), []);
}

#[test]
fn present_user_renews_when_another_device_leaves() {
    for event in [presence_event("kim", "/birthdays", "delete"), presence_event("kim", "away", "upsert")] {
        let mut page = present_page();
        page.frame(&event);
        page.pass(3 * SECOND);
        assert!(page.take().contains(&frame_of(&here())), "{event}");
    }
    let mut page = present_page();
    for event in [presence_event("ann", "/birthdays", "delete"), presence_event("kim", "/birthdays", "upsert")] {
        page.frame(&event);
        page.pass(10 * SECOND);
        assert!(!page.take().contains(&frame_of(&here())), "no reason to: {event}");
    }
}

#[test]
fn two_devices_of_a_user_stay_below_the_frame_limit() {
    let mut page = present_page();
    let mut sent = Vec::new();
    for _ in 0..600 {
        page.frame(&presence_event("kim", "away", "upsert"));
        page.frame(&answer_to_presence());
        page.pass(SECOND / 10);
        sent.extend(page.take().into_iter().filter(|output| matches!(output, Output::Send(_))));
    }
    assert!(sent.len() <= 24, "{} frames in a minute", sent.len());
    assert!(sent.iter().filter(|output| **output != frame_of(&here())).count() >= 3, "pings went out too");
}

#[test]
fn frames_a_minute_stay_below_the_server_limit() {
    let mut page = Page::open();
    page.connect_with_messages();
    page.take();
    let mut sent = 0;
    for number in 0..100 {
        page.give(Input::Subscribe(Channel::Named(format!("files.{number}"))));
        page.pass(Duration::from_millis(100));
        let all: Vec<_> = (0..=number).map(|number| format!("files.{number}")).collect();
        page.frame(&subscribed(&all.iter().map(String::as_str).collect::<Vec<_>>()));
        sent += page.take().iter().filter(|output| matches!(output, Output::Send(_))).count();
    }
    assert_eq!(sent, BUDGET);
    page.pass(60 * SECOND);
    let asked = page.take();
    assert!(
        asked.iter().any(|output| matches!(output, Output::Send(text) if text.contains("files.99"))),
        "what was held back goes out when it may"
    );
}

#[test]
fn dead_connection_of_a_throttled_tab_closes_at_second_check() {
    let mut page = Page::live();
    page.pass(20 * SECOND);
    page.frame(&json!({"type": "pong"}));
    page.sleep(60 * SECOND);
    page.sleep(60 * SECOND);
    assert!(page.is_live(), "the pong may wait behind the timer");
    page.sleep(60 * SECOND);
    assert!(!page.is_live());
}
