//! A simulated browser with several tabs, one server, locks, and messages between tabs.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::connection::TicketFailure;
use crate::handshake::{Ticket, Transport, channels_in};
use crate::protocol::{RowNaming, ServerFrame};

const SECOND: Duration = Duration::from_secs(1);
const ROWS: &str = "tablesdb.main.tables.birthdays.rows";

/// A tab, and its outputs to the parts of its page.
struct Page {
    tab: Tab,
    /// True if the tab does not react, like one that a phone has suspended.
    is_suspended: bool,
    /// The attempt, and the URL and messages that contain the channels.
    socket: Option<(u64, String)>,
    /// The presences that it sent.
    presences: Vec<serde_json::Value>,
    events: usize,
    refetches: usize,
    revalidations: usize,
    session_checks: usize,
    end_reason: Option<EndReason>,
}

/// A message or input that a tab has not received yet.
#[derive(Debug)]
enum Delivery {
    Input(Input),
    Mint(u64),
    Open(u64),
    Connected(u64),
    Answer(u64, &'static str, serde_json::Value),
}

fn list() -> Channel {
    Channel::rows("main", "birthdays")
}

struct Browser {
    pages: BTreeMap<usize, Page>,
    next: usize,
    now: Duration,
    holder: Option<usize>,
    line: VecDeque<usize>,
    due: VecDeque<(Duration, usize, Delivery)>,
    max_sockets: usize,
    is_signed_out: bool,
}

impl Browser {
    fn new() -> Self {
        Self {
            pages: BTreeMap::new(),
            next: 0,
            now: Duration::ZERO,
            holder: None,
            line: VecDeque::new(),
            due: VecDeque::new(),
            max_sockets: 0,
            is_signed_out: false,
        }
    }

    fn with_tabs(count: usize) -> Self {
        let mut browser = Self::new();
        for _ in 0..count {
            let page = browser.open();
            browser.listen(page, list());
        }
        browser.pass(5 * SECOND);
        browser
    }

    fn open(&mut self) -> usize {
        let id = self.next;
        self.next += 1;
        // Each tab has its own random number.
        let chance = (10_usize.saturating_sub(id)) as f64 / 20.0;
        let machine = Machine::new("kim", "https://app.example", move || chance);
        let tab = Tab::new(id.to_string(), machine);
        let page = Page {
            tab,
            is_suspended: false,
            socket: None,
            presences: Vec::new(),
            events: 0,
            refetches: 0,
            revalidations: 0,
            session_checks: 0,
            end_reason: None,
        };
        self.pages.insert(id, page);
        id
    }

    /// Crashes a tab; the browser gives its lock to the next tab.
    fn crash(&mut self, page: usize) {
        self.pages.remove(&page);
        self.due.retain(|(_, to, _)| *to != page);
        self.release(page);
    }

    fn listen(&mut self, page: usize, channel: Channel) {
        self.give(page, Input::Connection(connection::Input::Subscribe(channel)));
    }

    fn unlisten(&mut self, page: usize, channel: Channel) {
        self.give(page, Input::Connection(connection::Input::Unsubscribe(channel)));
    }

    fn present(&mut self, page: usize, presence: Option<Presence>) {
        self.give(page, Input::Connection(connection::Input::Present(presence)));
    }

    /// Returns the status of each presence sent, by any tab.
    fn sent_statuses(&mut self) -> Vec<String> {
        let frames = self.pages.values_mut().flat_map(|page| std::mem::take(&mut page.presences));
        frames.map(|frame| frame["status"].as_str().expect("a status").to_owned()).collect()
    }

    fn give(&mut self, id: usize, input: Input) {
        let Some(page) = self.pages.get_mut(&id) else { return };
        if page.is_suspended {
            return;
        }
        for output in page.tab.handle(input, self.now) {
            self.carry_out(id, output);
        }
        let sockets = self.pages.values().filter(|page| page.socket.is_some()).count();
        self.max_sockets = self.max_sockets.max(sockets);
    }

    fn carry_out(&mut self, id: usize, output: Output) {
        match output {
            Output::RequestLock => {
                self.line.push_back(id);
                self.grant();
            }
            Output::ReleaseLock => self.release(id),
            Output::StealLock => {
                self.line.retain(|waiting| *waiting != id);
                if let Some(former) = self.holder.replace(id).filter(|former| *former != id) {
                    self.post(former, Delivery::Input(Input::Lost));
                }
                self.post(id, Delivery::Input(Input::Granted));
            }
            Output::Say(message) => {
                let wire = serde_json::to_string(&message).expect("JSON");
                for other in self.pages.keys().copied().filter(|other| *other != id).collect::<Vec<_>>() {
                    let message = serde_json::from_str(&wire).expect("a message");
                    self.post(other, Delivery::Input(Input::Heard(message)));
                }
            }
            Output::Revalidate => self.pages.get_mut(&id).expect("the page").revalidations += 1,
            output => self.connect(id, output),
        }
    }

    fn connect(&mut self, id: usize, output: Output) {
        let page = self.pages.get_mut(&id).expect("the page");
        match output {
            Output::MintTicket { attempt, .. } => self.post(id, Delivery::Mint(attempt)),
            Output::OpenSocket { attempt, address } => {
                assert!(page.socket.replace((attempt, address)).is_none(), "two sockets in one tab");
                self.post(id, Delivery::Open(attempt));
            }
            Output::CloseSocket => page.socket = None,
            Output::Send(text) => {
                let frame: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                let (attempt, channels) = page.socket.as_mut().expect("a socket");
                let answer = match frame["type"].as_str() {
                    Some("presence") => "presence",
                    Some("subscribe") => "subscribe",
                    _ => return,
                };
                let attempt = *attempt;
                if answer == "subscribe" {
                    channels.push_str(&frame["data"].to_string());
                    return self.post(id, Delivery::Answer(attempt, answer, frame["data"].clone()));
                }
                page.presences.push(frame["data"].clone());
                self.post(id, Delivery::Answer(attempt, answer, json!([])));
            }
            Output::Event(_) => page.events += 1,
            Output::Gap(channels) => page.refetches += usize::from(channels.contains(&list())),
            Output::CheckSession => {
                page.session_checks += 1;
                let check = if self.is_signed_out { SessionCheck::Gone } else { SessionCheck::Alive };
                self.post(id, Delivery::Input(connection::Input::SessionChecked(check).into()));
            }
            Output::SessionEnded(reason) => {
                assert_eq!(page.end_reason.replace(reason), None, "the end was reported twice");
            }
            _ => {}
        }
    }

    fn post(&mut self, to: usize, delivery: Delivery) {
        self.due.push_back((self.now + Duration::from_millis(20), to, delivery));
    }

    fn release(&mut self, id: usize) {
        self.line.retain(|waiting| *waiting != id);
        if self.holder == Some(id) {
            self.holder = None;
            self.grant();
        }
    }

    fn grant(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.line.pop_front()
        {
            self.holder = Some(next);
            self.post(next, Delivery::Input(Input::Granted));
        }
    }

    fn deliver(&mut self, to: usize, delivery: Delivery) {
        let frame = |attempt, frame: serde_json::Value| {
            Input::Connection(connection::Input::Frame { attempt, frame: ServerFrame::parse(&frame.to_string()) })
        };
        match delivery {
            // The browser takes back a lock granted to a tab that has cancelled its request.
            Delivery::Input(Input::Granted) if self.holder != Some(to) => {}
            Delivery::Input(input) => self.give(to, input),
            Delivery::Mint(attempt) => {
                let outcome = if self.is_signed_out { Err(TicketFailure::SignedOut) } else { Ok(ticket()) };
                self.give(to, Input::Connection(connection::Input::Ticket { attempt, outcome }));
            }
            Delivery::Open(attempt) => {
                self.give(to, Input::Connection(connection::Input::SocketOpened { attempt }));
                self.post(to, Delivery::Connected(attempt));
            }
            Delivery::Connected(attempt) => {
                let socket = self.pages[&to].socket.as_ref();
                let channels = socket.map(|(_, address)| channels_in(address)).unwrap_or_default();
                let connected = json!({"type": "connected", "data": {"channels": channels, "user": {"$id": "kim"}}});
                self.give(to, frame(attempt, connected));
            }
            Delivery::Answer(attempt, frame_type, subscriptions) => {
                let data = json!({"to": frame_type, "subscriptions": subscriptions});
                self.give(to, frame(attempt, json!({"type": "response", "data": data})));
            }
        }
    }

    /// Sends an event to every socket that is subscribed to its channel.
    fn event(&mut self, channel: &str, name: &str) {
        let event = json!({"type": "event", "data": {"events": [name], "channels": [channel]}}).to_string();
        for id in self.pages.keys().copied().collect::<Vec<_>>() {
            let socket = self.pages[&id].socket.clone();
            if let Some((attempt, _)) = socket.filter(|(_, address)| address.contains(channel)) {
                self.give(
                    id,
                    Input::Connection(connection::Input::Frame { attempt, frame: ServerFrame::parse(&event) }),
                );
            }
        }
        self.pass(SECOND / 10);
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let delivery = self.due.front().map(|(at, ..)| *at);
            let awake = self.pages.iter().filter(|(_, page)| !page.is_suspended);
            let timer = awake.filter_map(|(id, page)| Some((page.tab.next_wake()?, *id))).min();
            let next = delivery.into_iter().chain(timer.map(|(at, _)| at)).min();
            let Some(at) = next.filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            if delivery.is_some_and(|at| at <= self.now) {
                let (_, to, delivery) = self.due.pop_front().expect("a delivery");
                self.deliver(to, delivery);
            } else if let Some((_, id)) = timer {
                self.give(id, Input::Connection(connection::Input::Wake));
            }
        }
        self.now = until;
    }

    fn sockets(&self) -> usize {
        self.pages.values().filter(|page| page.socket.is_some()).count()
    }

    fn leader(&self) -> usize {
        *self.pages.iter().find(|(_, page)| page.tab.role == Role::Leader).expect("a leader").0
    }

    fn are_all_live(&self) -> bool {
        self.pages.values().all(|page| page.tab.state().is_live())
    }

    fn clear_outputs(&mut self) {
        for page in self.pages.values_mut() {
            page.events = 0;
            page.refetches = 0;
            page.revalidations = 0;
            page.session_checks = 0;
        }
    }
}

fn ticket() -> Ticket {
    Ticket {
        user_id: "kim".to_owned(),
        session_id: Some("s1".to_owned()),
        session_expires_in: None,
        lifetime: 60,
        transport: Transport::Relay { path: "/realtime".to_owned() },
        row_naming: RowNaming::Tables,
        takes_messages: true,
        takes_queries: true,
    }
}

fn here() -> Presence {
    Presence::at("/birthdays", "kim", "Kim")
}

#[test]
fn five_tabs_share_one_connection() {
    let mut browser = Browser::with_tabs(5);
    assert!(browser.are_all_live());
    assert_eq!((browser.sockets(), browser.max_sockets), (1, 1));
    browser.clear_outputs();
    browser.event(ROWS, "x");
    assert!(browser.pages.values().all(|page| page.events == 1), "each tab gets it once");
}

#[test]
fn each_tab_refetches_on_each_connection() {
    let mut browser = Browser::with_tabs(3);
    assert!(browser.pages.values().all(|page| page.refetches >= 1), "what happened since the page was rendered");
    browser.clear_outputs();
    let leader = browser.leader();
    let attempt = browser.pages[&leader].socket.clone().expect("a socket").0;
    browser.pages.get_mut(&leader).expect("the leader").socket = None;
    browser.give(leader, Input::Connection(connection::Input::SocketClosed { attempt, code: None }));
    browser.pass(SECOND / 10);
    assert!(browser.pages.values().all(|page| !page.tab.state().is_live()), "all know of it");
    browser.pass(5 * SECOND);
    assert!(browser.are_all_live());
    assert!(browser.pages.values().all(|page| page.refetches == 1));
}

#[test]
fn late_tab_is_live_at_once_and_refetches() {
    let mut browser = Browser::with_tabs(1);
    let page = browser.open();
    browser.listen(page, list());
    browser.pass(SECOND / 10);
    assert!(browser.pages[&page].tab.state().is_live());
    assert_eq!(browser.pages[&page].refetches, 1);
    assert_eq!(browser.pages[&0].refetches, 1, "the others have no reason to");
}

#[test]
fn late_tab_refetches_while_the_leader_subscribes() {
    for milliseconds in (0..200).step_by(10) {
        let mut browser = Browser::with_tabs(1);
        browser.listen(0, Channel::from("files"));
        browser.pass(Duration::from_millis(milliseconds));
        let page = browser.open();
        browser.listen(page, list());
        browser.pass(SECOND);
        assert!(browser.are_all_live());
        assert_eq!(browser.pages[&page].refetches, 1, "{milliseconds} ms later");
    }
}

#[test]
fn late_tab_with_another_channel_refetches_its_list() {
    let mut browser = Browser::with_tabs(1);
    let page = browser.open();
    browser.listen(page, Channel::from("files"));
    browser.listen(page, list());
    browser.pass(SECOND);
    assert!(browser.are_all_live());
    assert_eq!(browser.pages[&page].refetches, 1);
}

#[test]
fn gap_from_a_leader_of_an_older_build_concerns_all_channels() {
    let mut browser = Browser::with_tabs(2);
    let follower = 1 - browser.leader();
    browser.clear_outputs();
    let message = serde_json::from_str(r#"{"Gap":{"tab":null}}"#).expect("a message");
    browser.give(follower, Input::Heard(message));
    assert_eq!(browser.pages[&follower].refetches, 1);
}

#[test]
fn missing_leader_is_replaced_within_a_second() {
    let mut browser = Browser::with_tabs(3);
    browser.clear_outputs();
    browser.crash(browser.leader());
    browser.pass(SECOND);
    assert!(browser.are_all_live());
    assert_eq!(browser.max_sockets, 1);
    assert!(browser.pages.values().all(|page| page.refetches >= 1), "something may have happened in between");
}

#[test]
fn leaving_leader_hands_over() {
    let mut browser = Browser::with_tabs(3);
    let former = browser.leader();
    browser.unlisten(former, list());
    browser.pass(4 * SECOND);
    assert_ne!(browser.leader(), former);
    assert_eq!((browser.sockets(), browser.max_sockets), (1, 1));
    assert_eq!(browser.pages[&former].tab.state(), &ConnectionState::Idle);
}

#[test]
fn leader_hands_over_on_page_hide_and_returns_as_follower() {
    let mut browser = Browser::with_tabs(2);
    let former = browser.leader();
    browser.give(former, Input::Connection(connection::Input::PageHide));
    browser.pass(SECOND);
    assert_ne!(browser.leader(), former);
    browser.clear_outputs();
    browser.give(former, Input::Connection(connection::Input::PageShow));
    browser.pass(SECOND);
    assert!(browser.are_all_live());
    assert_eq!(browser.pages[&former].refetches, 1);
    assert_eq!(browser.max_sockets, 1);
}

#[test]
fn follower_can_subscribe_to_a_channel_alone() {
    let mut browser = Browser::with_tabs(2);
    let follower = 1 - browser.leader();
    browser.listen(follower, Channel::from("files"));
    browser.pass(5 * SECOND);
    browser.clear_outputs();
    browser.event("files", "x");
    assert_eq!(browser.pages[&follower].events, 1);
    browser.unlisten(follower, Channel::from("files"));
    browser.pass(SECOND);
    browser.event("files", "x");
    assert_eq!(browser.pages[&follower].events, 1);
}

#[test]
fn user_in_many_tabs_is_present_once() {
    let mut browser = Browser::with_tabs(4);
    for page in 0..4 {
        browser.present(page, Some(here()));
    }
    browser.pass(5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["/birthdays"]);
    browser.crash(browser.leader());
    browser.pass(5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["/birthdays"], "over the new connection");
}

#[test]
fn user_is_present_until_last_tab_leaves_the_page() {
    let mut browser = Browser::with_tabs(3);
    let leader = browser.leader();
    let followers: Vec<_> = (0..3).filter(|page| *page != leader).collect();
    for page in &followers {
        browser.present(*page, Some(here()));
    }
    browser.pass(5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["/birthdays"]);
    browser.give(followers[0], Input::Connection(connection::Input::PageHide));
    browser.pass(30 * SECOND);
    assert_eq!(browser.sent_statuses(), [""; 0]);
    browser.present(followers[1], None);
    browser.pass(5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["away", "away"], "announced, and hidden after that");
}

#[test]
fn crashed_tab_is_not_present() {
    let mut browser = Browser::with_tabs(3);
    let leader = browser.leader();
    let follower = (0..3).find(|page| *page != leader).expect("another");
    browser.present(follower, Some(here()));
    browser.pass(5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["/birthdays"]);
    browser.crash(follower);
    browser.pass(2 * TAB_CHECK_INTERVAL + 5 * SECOND);
    assert_eq!(browser.sent_statuses(), ["away", "away"]);
    assert!(browser.are_all_live());
}

#[test]
fn frozen_tab_rejoins() {
    let mut browser = Browser::with_tabs(2);
    let leader = browser.leader();
    let follower = 1 - leader;
    browser.give(follower, Input::Hidden);
    browser.present(follower, Some(here()));
    browser.pass(5 * SECOND);
    browser.pages.get_mut(&follower).expect("the follower").is_suspended = true;
    browser.pass(3 * TAB_CHECK_INTERVAL);
    assert_eq!(browser.sent_statuses().last().map(String::as_str), Some("away"));
    browser.pages.get_mut(&follower).expect("the follower").is_suspended = false;
    browser.give(follower, Input::Heard(Message::Leads));
    browser.pass(SECOND);
    assert_eq!(browser.sent_statuses(), ["/birthdays"]);
    assert_eq!(browser.pages[&follower].refetches, 2, "it may have missed something");
}

#[test]
fn visible_tab_replaces_a_leader_that_does_not_answer() {
    let mut browser = Browser::with_tabs(3);
    let former = browser.leader();
    let seen = browser.pages.keys().copied().find(|page| *page != former).expect("another");
    for page in browser.pages.keys().copied().collect::<Vec<_>>() {
        browser.give(page, Input::Hidden);
    }
    browser.pages.get_mut(&former).expect("the leader").is_suspended = true;
    browser.pass(3600 * SECOND);
    assert_eq!(browser.holder, Some(former), "nobody looks, so nobody minds");
    browser.give(seen, Input::Connection(connection::Input::Visible));
    browser.pass(5 * SECOND);
    assert_eq!(browser.holder, Some(seen));
    assert!(browser.pages[&seen].tab.state().is_live());
    let former = browser.pages.get_mut(&former).expect("the former leader");
    former.is_suspended = false;
    let id = former.tab.id.parse().expect("a number");
    browser.give(id, Input::Lost);
    browser.pass(5 * SECOND);
    assert_eq!(browser.sockets(), 1, "the former leader has stepped down");
    assert!(browser.are_all_live());
}

#[test]
fn hidden_leader_yields_to_visible_tab_on_connection_loss() {
    let mut browser = Browser::with_tabs(3);
    let former = browser.leader();
    let seen = browser.pages.keys().copied().find(|page| *page != former).expect("another");
    for page in browser.pages.keys().copied().filter(|page| *page != seen).collect::<Vec<_>>() {
        browser.give(page, Input::Hidden);
    }
    browser.pass(60 * SECOND);
    assert_eq!(browser.leader(), former, "as long as it is live, it may lead");
    let (attempt, _) = browser.pages.get_mut(&former).and_then(|page| page.socket.take()).expect("a socket");
    browser.give(former, Input::Connection(connection::Input::SocketClosed { attempt, code: None }));
    browser.pass(SECOND / 2);
    assert_eq!(browser.leader(), seen);
    assert!(browser.are_all_live());
    assert_eq!(browser.max_sockets, 1);
}

#[test]
fn responsive_leader_stays_leader_for_hours() {
    let mut browser = Browser::with_tabs(3);
    let leader = browser.leader();
    browser.pass(4 * 3600 * SECOND);
    assert_eq!(browser.leader(), leader);
    assert_eq!(browser.max_sockets, 1);
}

#[test]
fn end_of_the_session_reaches_all_tabs() {
    let mut browser = Browser::with_tabs(4);
    browser.event("account", "users.kim.sessions.s1.delete");
    assert!(browser.pages.values().all(|page| page.end_reason == Some(EndReason::SessionDeleted)));
    browser.is_signed_out = true;
    browser.pass(600 * SECOND);
    assert_eq!(browser.sockets(), 0);
    let ended = ConnectionState::Ended(EndReason::SessionDeleted);
    assert!(browser.pages.values().all(|page| *page.tab.state() == ended));
}

/// Creates tabs whose pages have no list.
fn tabs_without_lists(count: usize) -> Browser {
    let mut browser = Browser::new();
    for _ in 0..count {
        let page = browser.open();
        browser.listen(page, Channel::Account);
    }
    browser.pass(5 * SECOND);
    browser.clear_outputs();
    browser
}

fn total(browser: &Browser, count: fn(&Page) -> usize) -> usize {
    browser.pages.values().map(count).sum()
}

#[test]
fn visible_lists_are_refetched_every_minute() {
    let mut browser = Browser::with_tabs(2);
    browser.clear_outputs();
    browser.give(1, Input::Hidden);
    for _ in 0..10 {
        browser.pass(60 * SECOND);
        for page in 0..2 {
            browser.give(page, Input::SessionConfirmed);
        }
    }
    let seen = browser.pages[&0].revalidations;
    assert!((9..=10).contains(&seen), "{seen} in ten minutes");
    assert_eq!(browser.pages[&1].revalidations, 0, "nobody looks at it");
    assert_eq!(total(&browser, |page| page.session_checks), 0, "the list tells of the session");
}

#[test]
fn recently_fetched_lists_are_not_refetched() {
    let mut browser = Browser::with_tabs(1);
    browser.clear_outputs();
    for _ in 0..20 {
        browser.pass(30 * SECOND);
        browser.event(ROWS, "x");
    }
    assert_eq!(browser.pages[&0].revalidations, 0);
}

#[test]
fn page_that_becomes_visible_refetches_its_lists_once() {
    let mut browser = Browser::with_tabs(2);
    for page in 0..2 {
        browser.give(page, Input::Hidden);
    }
    browser.pass(3600 * SECOND);
    browser.clear_outputs();
    for _ in 0..5 {
        browser.give(0, connection::Input::Visible.into());
        browser.pass(SECOND / 10);
    }
    assert_eq!(browser.pages[&0].revalidations, 1);
    browser.give(0, Input::SessionConfirmed);
    browser.pass(5 * SECOND);
    assert_eq!(browser.pages[&0].revalidations, 2, "the last look came after the first fetch");
    assert_eq!(browser.pages[&1].revalidations, 0);
}

#[test]
fn missing_list_response_triggers_a_session_check() {
    let mut browser = Browser::with_tabs(1);
    browser.give(0, Input::Hidden);
    browser.pass(600 * SECOND);
    browser.clear_outputs();
    browser.give(0, connection::Input::Visible.into());
    browser.pass(11 * SECOND);
    assert_eq!((browser.pages[&0].revalidations, browser.pages[&0].session_checks), (1, 1));
}

#[test]
fn visible_tabs_share_one_session_check_per_two_minutes() {
    let mut browser = tabs_without_lists(5);
    browser.pass(3600 * SECOND);
    let asked = total(&browser, |page| page.session_checks);
    assert!((30..=33).contains(&asked), "{asked} in an hour");
}

#[test]
fn leader_ends_when_a_follower_finds_no_session() {
    let mut browser = tabs_without_lists(2);
    let leader = browser.leader();
    browser.is_signed_out = true;
    browser.give(1 - leader, connection::Input::SessionInDoubt.into());
    browser.pass(SECOND);
    assert!(browser.pages.values().all(|page| page.end_reason == Some(EndReason::SignedOut)));
    assert_eq!(browser.sockets(), 0);
}

#[test]
fn unanswered_session_check_delays_no_other_tab() {
    let mut browser = tabs_without_lists(2);
    let leader = browser.leader();
    browser.pass(90 * SECOND);
    browser.is_signed_out = true;
    browser.give(1 - leader, connection::Input::SessionInDoubt.into());
    browser.pages.get_mut(&(1 - leader)).expect("the follower").is_suspended = true;
    browser.pass(30 * SECOND);
    assert_eq!(browser.pages[&leader].end_reason, Some(EndReason::SignedOut));
}

#[test]
fn page_that_becomes_visible_checks_the_session() {
    for input in [connection::Input::Visible, connection::Input::Online] {
        let mut browser = tabs_without_lists(3);
        for page in 1..3 {
            browser.give(page, Input::Hidden);
        }
        browser.give(0, input.into());
        browser.pass(6 * SECOND);
        assert_eq!(total(&browser, |page| page.session_checks), 1);
    }
}

#[test]
fn page_without_a_connection_checks_the_session_too() {
    let mut browser = Browser::new();
    let page = browser.open();
    browser.pass(121 * SECOND);
    assert_eq!(browser.pages[&page].session_checks, 1);
    browser.give(page, Input::Hidden);
    browser.pass(600 * SECOND);
    assert_eq!(browser.pages[&page].session_checks, 1);
}

#[test]
fn offline_page_sends_no_requests() {
    let mut browser = tabs_without_lists(1);
    let attempt = browser.pages.get_mut(&0).and_then(|page| page.socket.take()).expect("a socket").0;
    browser.give(0, connection::Input::SocketClosed { attempt, code: None }.into());
    browser.give(0, connection::Input::Offline.into());
    browser.is_signed_out = false;
    assert_eq!(browser.pages[&0].tab.state(), &ConnectionState::Offline);
    assert_eq!(browser.pages[&0].tab.revalidation_due(), None);
}

#[test]
fn sign_out_in_another_tab_is_reported_in_any_order() {
    type Act = fn(&mut Browser);
    let elsewhere = ConnectionState::Ended(EndReason::ElsewhereInThisBrowser);
    let word = || Input::Connection(connection::Input::SignedOut { here: false });
    let event: Act = |browser| browser.event("account", "users.kim.sessions.s1.delete");
    for is_event_first in [true, false] {
        for begun in [true, false] {
            let mut browser = Browser::with_tabs(3);
            for page in 0..3 {
                if begun {
                    browser.give(page, Input::SigningOut { here: false });
                }
            }
            if is_event_first {
                event(&mut browser);
                let is_named = |page: &Page| *page.tab.state() == elsewhere;
                assert_eq!(browser.pages.values().all(is_named), begun, "known beforehand");
            }
            for page in 0..3 {
                browser.give(page, word());
            }
            if !is_event_first {
                event(&mut browser);
            }
            assert!(browser.pages.values().all(|page| *page.tab.state() == elsewhere));
            assert!(browser.pages.values().all(|page| page.end_reason.is_some()), "the page has the reason");
        }
    }
}

#[test]
fn failed_sign_out_does_not_explain_a_later_session_end() {
    let mut browser = Browser::with_tabs(1);
    browser.give(0, Input::SigningOut { here: false });
    browser.pass(31 * SECOND);
    browser.event("account", "users.kim.sessions.s1.delete");
    assert_eq!(browser.pages[&0].end_reason, Some(EndReason::SessionDeleted));
}

#[test]
fn sign_out_in_another_tab_does_not_hide_account_deletion() {
    let mut browser = Browser::with_tabs(1);
    browser.give(0, Input::SigningOut { here: false });
    browser.event("account", "users.kim.delete");
    browser.give(0, Input::Connection(connection::Input::SignedOut { here: false }));
    assert_eq!(browser.pages[&0].tab.state(), &ConnectionState::Ended(EndReason::AccountDeleted));
}

#[test]
fn follower_that_signs_out_withdraws_its_lock_request() {
    let mut browser = Browser::with_tabs(2);
    let leader = browser.leader();
    browser.give(1 - leader, Input::Connection(connection::Input::SignedOut { here: true }));
    assert!(!browser.line.contains(&(1 - leader)));
    assert_eq!(browser.pages[&(1 - leader)].end_reason, None, "this page goes by itself");
}

#[test]
fn browser_without_locks_has_a_connection_for_each_tab() {
    let machine = Machine::new("kim", "https://app.example", || 0.5);
    let mut tab = Tab::alone(machine);
    let subscribe = Input::Connection(connection::Input::Subscribe(Channel::Account));
    assert_eq!(
        tab.handle(subscribe, Duration::ZERO),
        [Output::MintTicket { attempt: 1, jwt_ignored: false }, Output::State(ConnectionState::Connecting),]
    );
    let hide = tab.handle(Input::Connection(connection::Input::PageHide), SECOND);
    assert!(hide.contains(&Output::CancelTicket));
    let show = tab.handle(Input::Connection(connection::Input::PageShow), 3 * SECOND);
    assert!(show.contains(&Output::MintTicket { attempt: 2, jwt_ignored: false }));
}

/// An event in a browser.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Crash(usize),
    Listen(usize, u8),
    Unlisten(usize, u8),
    Hide(usize),
    Show(usize),
    PutAway(usize),
    TakeOut(usize),
    Pass(u64),
    CutAll,
}

fn step() -> impl Strategy<Value = Step> {
    let tab = 0usize..6;
    prop_oneof![
        2 => Just(Step::Open),
        1 => tab.clone().prop_map(Step::Crash),
        3 => (tab.clone(), 0u8..3).prop_map(|(tab, channel)| Step::Listen(tab, channel)),
        2 => (tab.clone(), 0u8..3).prop_map(|(tab, channel)| Step::Unlisten(tab, channel)),
        1 => tab.clone().prop_map(Step::Hide),
        1 => tab.clone().prop_map(Step::Show),
        1 => tab.clone().prop_map(Step::PutAway),
        1 => tab.prop_map(Step::TakeOut),
        4 => (0u64..30_000).prop_map(Step::Pass),
        1 => Just(Step::CutAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn tabs_end_with_exactly_one_connection(steps in prop::collection::vec(step(), 1..60)) {
        let mut browser = Browser::with_tabs(1);
        let mut listening = BTreeMap::from([((0, 0u8), 1)]);
        let channel = |number: u8| match number {
            0 => list(),
            number => Channel::Named(format!("files.{number}")),
        };
        let connection = Input::Connection;
        for step in steps {
            match step {
                Step::Open => { browser.open(); }
                Step::Crash(page) => browser.crash(page),
                Step::Listen(page, number) if browser.pages.contains_key(&page) => {
                    *listening.entry((page, number)).or_default() += 1;
                    browser.listen(page, channel(number));
                }
                Step::Unlisten(page, number) => {
                    if let Some(count) = listening.get_mut(&(page, number)).filter(|count| **count > 0) {
                        *count -= 1;
                        browser.unlisten(page, channel(number));
                    }
                }
                Step::Listen(..) => {}
                Step::Hide(page) => browser.give(page, Input::Hidden),
                Step::Show(page) => browser.give(page, connection(connection::Input::Visible)),
                Step::PutAway(page) => browser.give(page, connection(connection::Input::PageHide)),
                Step::TakeOut(page) => browser.give(page, connection(connection::Input::PageShow)),
                Step::Pass(milliseconds) => browser.pass(Duration::from_millis(milliseconds)),
                Step::CutAll => {
                    for id in browser.pages.keys().copied().collect::<Vec<_>>() {
                        if let Some((attempt, _)) = browser.pages.get_mut(&id).and_then(|page| page.socket.take()) {
                            browser.give(id, connection(connection::Input::SocketClosed { attempt, code: None }));
                        }
                    }
                }
            }
            prop_assert!(browser.max_sockets <= 1, "two connections");
        }
        let page = browser.open();
        browser.listen(page, list());
        for id in browser.pages.keys().copied().collect::<Vec<_>>() {
            browser.give(id, connection(connection::Input::PageShow));
            browser.listen(id, Channel::Account);
        }
        browser.pass(120 * SECOND);
        prop_assert_eq!(browser.sockets(), 1);
        for page in browser.pages.values() {
            prop_assert!(page.tab.state().is_live(), "tab {} shows {:?}", page.tab.id, page.tab.state());
        }
    }
}
