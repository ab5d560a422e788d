//! One connection for all tabs of a browser: which of them holds it, and what they tell each other.
//!
//! The tab that holds a lock leads: its [`Machine`] runs, and it hands on what it hears. The others wait for the lock,
//! so that one of them has it as soon as the leader is gone, however it went. A tab wants the lock only while a part
//! of its page listens. A leader that does not answer (a phone suspends tabs without a word) loses the lock to a tab
//! that somebody looks at; so does one that is not live and at which nobody looks, because browsers hold back the timers
//! of such tabs by up to a minute.
//!
//! Like the machine, this knows no browser: it is driven, and tested, in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::connection::{self, Machine, SessionCheck};
use super::protocol::{Channel, Event, Presence};
use super::state::{ConnectionState, Ending};

/// How long a tab stays in line after the last part of its page has gone.
const LINGER: Duration = Duration::from_secs(3);
/// How long a leader may take to answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(3);
/// How often a tab that is looked at makes sure that there is a leader.
const ASK_INTERVAL: Duration = Duration::from_secs(20);
/// How often a leader makes sure that the other tabs are still there: one that crashed could not take its leave.
const ROLL_CALL_INTERVAL: Duration = Duration::from_secs(60);
/// Refetch interval of visible pages: Appwrite sends no event to users who lose read access. The response also confirms
/// the session. A random spread keeps browsers apart.
const LIST_INTERVAL: Duration = Duration::from_secs(50);
const LIST_INTERVAL_SPREAD: Duration = Duration::from_secs(10);
/// How often a page without lists asks whether the session lives: some ends of a session reach no page as an event. A little
/// less than two minutes, by chance, so that of several pages one asks first.
const SESSION_INTERVAL: Duration = Duration::from_secs(110);
const SESSION_INTERVAL_SPREAD: Duration = Duration::from_secs(10);
/// How long the answer to a list may take before the session is asked for by itself.
const LIST_DEADLINE: Duration = Duration::from_secs(10);
/// The least time between two of either, however often the page is hidden and shown.
const SPACING: Duration = Duration::from_secs(5);
/// Attribute the end of the session to a pending sign-out for this long.
const SIGN_OUT_DEADLINE: Duration = Duration::from_secs(30);
/// A deadline that fires this much late was held back, and the answer may wait behind it.
const LATE: Duration = Duration::from_secs(1);

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// Something that concerns the connection, or the page as a whole.
    Connection(connection::Input),
    /// The lock is ours.
    Granted,
    /// Another tab has taken the lock away.
    Lost,
    /// Another tab said something.
    Heard(Message),
    /// Nobody looks at the page any more.
    Hidden,
    /// Our server has just answered as it does to the person of this page.
    SessionConfirmed,
    /// The person has asked to be signed out, and our server has not answered yet.
    SigningOut {
        /// In this very tab.
        here: bool,
    },
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Something for the connection, or for the parts of this page.
    Connection(connection::Output),
    /// Get in line for the lock.
    RequestLock,
    /// Leave the line, or give the lock back.
    ReleaseLock,
    /// Take the lock away from whoever has it.
    StealLock,
    /// Tell the other tabs.
    Say(Message),
    /// Fetch the lists of this page again.
    Revalidate,
}

/// What tabs of the same person tell each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// There is a leader: who listens, and to what?
    Leads,
    /// This is all that the tab listens to.
    Listens {
        /// The tab.
        tab: String,
        /// The channels.
        channels: BTreeSet<Channel>,
        /// What the person shows of being present on its page.
        #[serde(default)]
        presence: Option<Presence>,
    },
    /// Is there a leader?
    Asks,
    /// The leader's answer, and its news.
    State {
        /// How it stands with the connection.
        state: ConnectionState,
        /// Whether somebody looks at the leader.
        is_seen: bool,
    },
    /// An event that the leader heard.
    Event(Event),
    /// Events may have been missed.
    Gap {
        /// By this tab only, or by all.
        tab: Option<String>,
    },
    /// The person is not signed in any more.
    Ended(Ending),
    /// Our server has just confirmed the session.
    SessionConfirmed,
}

/// One tab among those of its person.
pub struct Tab {
    id: String,
    machine: Machine,
    role: Role,
    has_neighbors: bool,
    now: Duration,
    own: BTreeMap<Channel, usize>,
    own_presence: Option<Presence>,
    /// What is known of the other tabs, as long as this one leads.
    others: BTreeMap<String, Other>,
    shown: ConnectionState,
    is_seen: bool,
    is_put_away: bool,
    missed_an_answer: bool,
    is_stealing: bool,
    timers: BTreeMap<Timer, Duration>,
    /// When the lists are to be fetched again, and since when they are on their way or there.
    lists_due: Duration,
    lists_at: Duration,
    /// The same for the question whether the session lives.
    session_due: Duration,
    session_at: Duration,
    /// What the end of the session is called because of a sign-out under way, and until when.
    expected_end: Option<(Ending, Duration)>,
    outputs: Vec<Output>,
}

/// Another tab that listens.
struct Other {
    channels: BTreeSet<Channel>,
    presence: Option<Presence>,
    /// Whether it has been heard of since the last roll call.
    has_answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Nothing on the page listens.
    Apart,
    /// In line for the lock.
    InLine,
    Leader,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Linger,
    Ask,
    /// The leader's answer is overdue.
    Answer,
    /// The leader asks the others whether they are there.
    RollCall,
}

impl Tab {
    /// A tab whose page is seen and to nothing of which anybody listens yet. `id` is its own among all tabs.
    pub fn new(id: impl Into<String>, mut machine: Machine) -> Self {
        let lists_due = LIST_INTERVAL + LIST_INTERVAL_SPREAD.mul_f64(machine.chance());
        let session_due = SESSION_INTERVAL + SESSION_INTERVAL_SPREAD.mul_f64(machine.chance());
        Self {
            id: id.into(),
            machine,
            role: Role::Apart,
            has_neighbors: true,
            now: Duration::ZERO,
            own: BTreeMap::new(),
            own_presence: None,
            others: BTreeMap::new(),
            shown: ConnectionState::Idle,
            is_seen: true,
            is_put_away: false,
            missed_an_answer: false,
            is_stealing: false,
            timers: BTreeMap::new(),
            lists_due,
            lists_at: Duration::ZERO,
            session_due,
            session_at: Duration::ZERO,
            expected_end: None,
            outputs: Vec::new(),
        }
    }

    /// A tab of a browser that has no means for tabs to agree: it holds a connection of its own.
    pub fn alone(machine: Machine) -> Self {
        Self { has_neighbors: false, ..Self::new("", machine) }
    }

    /// What to do now that this happened at this time.
    pub fn handle(&mut self, input: Input, now: Duration) -> Vec<Output> {
        self.now = self.now.max(now);
        match input {
            Input::Connection(input) => self.connection_input(input),
            Input::Granted => self.granted(),
            Input::Lost => self.lost(),
            Input::Heard(message) => self.heard(message),
            Input::Hidden => {
                self.is_seen = false;
                self.timers.remove(&Timer::Ask);
                self.timers.remove(&Timer::Answer);
            }
            Input::SessionConfirmed => self.session_is_confirmed(),
            Input::SigningOut { here } => {
                let ending = if here { Ending::SignedOut } else { Ending::ElsewhereInThisBrowser };
                self.expected_end = Some((ending, self.now + SIGN_OUT_DEADLINE));
            }
        }
        std::mem::take(&mut self.outputs)
    }

    /// When to hand in [`connection::Input::Wake`], if ever.
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.values().copied().chain(self.machine.next_wake()).chain(self.revalidation_due()).min()
    }

    /// What the badge shows.
    pub fn state(&self) -> &ConnectionState {
        &self.shown
    }

    fn connection_input(&mut self, input: connection::Input) {
        match input {
            connection::Input::Subscribe(channel) => self.listen(channel),
            connection::Input::Unsubscribe(channel) => self.unlisten(&channel),
            connection::Input::Present(presence) => self.present(presence),
            connection::Input::PageHide => self.put_away(),
            connection::Input::PageShow => self.take_out(),
            connection::Input::Wake => {
                self.wake();
                self.drive(connection::Input::Wake);
            }
            connection::Input::SessionChecked(SessionCheck::Alive) => {
                self.session_is_confirmed();
                self.drive(input);
            }
            connection::Input::Online => {
                self.drive(connection::Input::Online);
                self.revalidate_soon();
            }
            connection::Input::Visible => {
                self.is_seen = true;
                self.revalidate_soon();
                if self.role == Role::InLine {
                    self.ask();
                }
                self.drive(connection::Input::Visible);
            }
            // The event of the session's end may be faster than the word of the tab that ended it.
            connection::Input::SignedOut { here: false } if self.role == Role::Ended => {
                if matches!(self.shown, ConnectionState::Ended(Ending::SessionDeleted | Ending::SignedOut)) {
                    self.show(ConnectionState::Ended(Ending::ElsewhereInThisBrowser));
                }
            }
            connection::Input::SignedOut { here } => {
                self.drive(connection::Input::SignedOut { here });
                self.release();
                self.role = Role::Ended;
            }
            input => self.drive(input),
        }
    }

    fn listen(&mut self, channel: Channel) {
        let listeners = self.own.entry(channel.clone()).or_default();
        *listeners += 1;
        let is_new = *listeners == 1;
        self.timers.remove(&Timer::Linger);
        if is_new && matches!(channel, Channel::Rows { .. }) {
            // A part of the page that has just come has fetched its list by itself.
            self.lists_are_fetched();
        }
        match self.role {
            Role::Leader if is_new => self.drive(connection::Input::Subscribe(channel)),
            Role::InLine if is_new => self.tell_what_is_listened_to(),
            Role::Apart if !self.is_put_away => self.get_in_line(),
            _ => {}
        }
    }

    fn unlisten(&mut self, channel: &Channel) {
        let Some(listeners) = self.own.get_mut(channel) else { return };
        *listeners -= 1;
        if *listeners > 0 {
            return;
        }
        self.own.remove(channel);
        match self.role {
            Role::Leader => self.drive(connection::Input::Unsubscribe(channel.clone())),
            Role::InLine => self.tell_what_is_listened_to(),
            Role::Apart | Role::Ended => return,
        }
        if self.own.is_empty() {
            self.timers.insert(Timer::Linger, self.now + LINGER);
        }
    }

    fn present(&mut self, presence: Option<Presence>) {
        self.own_presence = presence;
        match self.role {
            Role::Leader => self.present_all(),
            Role::InLine => self.tell_what_is_listened_to(),
            Role::Apart | Role::Ended => {}
        }
    }

    /// The person is present as long as one tab says so. All of them are the same person's, so that any will do.
    fn present_all(&mut self) {
        let others = self.others.values().filter_map(|other| other.presence.as_ref());
        let presence = self.own_presence.iter().chain(others).next().cloned();
        self.drive(connection::Input::Present(presence));
    }

    fn get_in_line(&mut self) {
        self.role = Role::InLine;
        if !self.has_neighbors {
            self.granted();
            return;
        }
        self.show(ConnectionState::Connecting);
        self.outputs.push(Output::RequestLock);
        self.tell_what_is_listened_to();
        self.expect_answer();
    }

    fn leave_line(&mut self) {
        if self.role == Role::InLine {
            self.say(Message::Listens { tab: self.id.clone(), channels: BTreeSet::new(), presence: None });
        }
        self.drive(connection::Input::StepDown);
        self.release();
        self.role = Role::Apart;
        self.show(ConnectionState::Idle);
    }

    fn release(&mut self) {
        if self.has_neighbors && matches!(self.role, Role::InLine | Role::Leader) {
            self.outputs.push(Output::ReleaseLock);
        }
        self.is_stealing = false;
        self.others.clear();
        self.timers.clear();
    }

    fn granted(&mut self) {
        if self.role != Role::InLine {
            return;
        }
        self.role = Role::Leader;
        self.is_stealing = false;
        self.timers.remove(&Timer::Ask);
        self.timers.remove(&Timer::Answer);
        self.say(Message::Leads);
        self.present_all();
        for channel in self.own.keys().cloned().collect::<Vec<_>>() {
            self.drive(connection::Input::Subscribe(channel));
        }
        self.tell_state();
    }

    fn lost(&mut self) {
        if self.role != Role::Leader {
            return;
        }
        self.others.clear();
        self.role = Role::InLine;
        self.drive(connection::Input::StepDown);
        self.get_in_line();
    }

    fn put_away(&mut self) {
        self.is_put_away = true;
        match self.role {
            Role::InLine | Role::Leader => self.leave_line(),
            Role::Apart | Role::Ended => {}
        }
        // A question to our server is lost with the page.
        self.drive(connection::Input::PageHide);
    }

    fn take_out(&mut self) {
        if std::mem::take(&mut self.is_put_away) {
            self.revalidate_soon();
        }
        if self.role == Role::Apart && !self.own.is_empty() {
            self.get_in_line();
        }
    }

    fn heard(&mut self, message: Message) {
        match (message, self.role) {
            (Message::Listens { tab, channels, presence }, Role::Leader) => self.other_listens(tab, channels, presence),
            (Message::Asks, Role::Leader) => self.tell_state(),
            (Message::Leads, Role::InLine) => {
                self.answered();
                self.tell_what_is_listened_to();
            }
            (Message::State { state, is_seen }, Role::InLine) => {
                self.answered();
                let is_under_way = matches!(
                    state,
                    ConnectionState::Connecting | ConnectionState::Reconnecting { .. } | ConnectionState::Offline
                );
                self.show(state);
                if is_under_way && self.is_seen && !is_seen {
                    self.steal();
                }
            }
            (Message::Event(event), Role::InLine) if self.own.keys().any(|channel| channel.carries(&event)) => {
                self.lists_are_fetched_for(&event);
                self.outputs.push(Output::Connection(connection::Output::Event(event)));
            }
            (Message::Gap { tab }, Role::InLine) if tab.is_none() || tab.as_ref() == Some(&self.id) => {
                self.lists_are_fetched();
                self.outputs.push(Output::Connection(connection::Output::Refetch));
            }
            (Message::SessionConfirmed, _) => self.session_is_checked(),
            // The leader asks our server itself: its connection is still open.
            (Message::Ended(_), Role::Leader) => self.drive(connection::Input::SessionInDoubt),
            (Message::Ended(ending), Role::Apart | Role::InLine) => {
                let ending = self.explained(ending);
                self.release();
                self.role = Role::Ended;
                self.outputs.push(Output::Connection(connection::Output::SessionEnded(ending)));
                self.show(ConnectionState::Ended(ending));
            }
            _ => {}
        }
    }

    fn other_listens(&mut self, tab: String, channels: BTreeSet<Channel>, presence: Option<Presence>) {
        let before = self.others.remove(&tab).map(|other| other.channels).unwrap_or_default();
        for channel in channels.difference(&before) {
            self.drive(connection::Input::Subscribe(channel.clone()));
        }
        for channel in before.difference(&channels) {
            self.drive(connection::Input::Unsubscribe(channel.clone()));
        }
        let is_more = !channels.is_subset(&before);
        self.tell_state();
        if is_more && self.shown.is_live() {
            // Its page was rendered before it was in touch with us.
            self.say(Message::Gap { tab: Some(tab.clone()) });
        }
        if !channels.is_empty() {
            self.others.insert(tab, Other { channels, presence, has_answered: true });
            self.timers.entry(Timer::RollCall).or_insert(self.now + ROLL_CALL_INTERVAL);
        }
        self.present_all();
    }

    /// Forgets the tabs that have not answered since the last time, and asks anew. A tab that is only slow or frozen is
    /// taken up again when it answers.
    fn roll_call(&mut self) {
        let is_gone = |(tab, other): (&String, &Other)| (!other.has_answered).then(|| tab.clone());
        for tab in self.others.iter().filter_map(is_gone).collect::<Vec<_>>() {
            self.other_listens(tab, BTreeSet::new(), None);
        }
        if self.others.is_empty() {
            return;
        }
        for other in self.others.values_mut() {
            other.has_answered = false;
        }
        self.say(Message::Leads);
        self.timers.insert(Timer::RollCall, self.now + ROLL_CALL_INTERVAL);
    }

    /// Hands something to the machine, and what comes back to the parts of this page and to the other tabs.
    fn drive(&mut self, input: connection::Input) {
        for mut output in self.machine.handle(input, self.now) {
            match &mut output {
                connection::Output::State(state) => {
                    let state = match state {
                        ConnectionState::Ended(ending) => ConnectionState::Ended(self.explained(*ending)),
                        state => state.clone(),
                    };
                    self.machine_shows(state);
                    continue;
                }
                connection::Output::Event(event) => {
                    self.lists_are_fetched_for(event);
                    self.say_as_leader(Message::Event(event.clone()));
                }
                connection::Output::Refetch => {
                    self.lists_are_fetched();
                    self.say_as_leader(Message::Gap { tab: None });
                }
                connection::Output::CheckSession => self.session_is_checked(),
                // Another tab was the first to tell.
                connection::Output::SessionEnded(_) if self.role == Role::Ended => continue,
                connection::Output::SessionEnded(ending) => {
                    self.say(Message::Ended(*ending));
                    *ending = self.explained(*ending);
                    self.release();
                    self.role = Role::Ended;
                }
                _ => {}
            }
            self.outputs.push(Output::Connection(output));
        }
    }

    fn machine_shows(&mut self, state: ConnectionState) {
        // The first end that was told stands, and the machine of a tab that does not lead is at rest.
        if self.shown.ending().is_some() {
            return;
        }
        if self.role == Role::Leader || state.ending().is_some() {
            self.show(state);
            if self.role == Role::Leader {
                self.tell_state();
            }
        }
    }

    fn show(&mut self, state: ConnectionState) {
        if state != self.shown {
            self.shown = state.clone();
            self.outputs.push(Output::Connection(connection::Output::State(state)));
        }
    }

    fn tell_state(&mut self) {
        self.say(Message::State { state: self.shown.clone(), is_seen: self.is_seen });
    }

    fn tell_what_is_listened_to(&mut self) {
        self.say(Message::Listens {
            tab: self.id.clone(),
            channels: self.own.keys().cloned().collect(),
            presence: self.own_presence.clone(),
        });
    }

    fn say_as_leader(&mut self, message: Message) {
        if self.role == Role::Leader {
            self.say(message);
        }
    }

    fn say(&mut self, message: Message) {
        if self.has_neighbors {
            self.outputs.push(Output::Say(message));
        }
    }

    fn ask(&mut self) {
        self.say(Message::Asks);
        self.expect_answer();
    }

    fn expect_answer(&mut self) {
        self.timers.remove(&Timer::Ask);
        if self.is_seen {
            self.timers.entry(Timer::Answer).or_insert(self.now + ANSWER_DEADLINE);
        }
    }

    fn answered(&mut self) {
        self.missed_an_answer = false;
        self.timers.remove(&Timer::Answer);
        if self.is_seen {
            self.timers.insert(Timer::Ask, self.now + ASK_INTERVAL);
        }
    }

    /// What the end of the session is called in this tab.
    fn explained(&self, ending: Ending) -> Ending {
        match (ending, self.expected_end) {
            (Ending::SessionDeleted | Ending::SignedOut, Some((expected, until))) if self.now <= until => expected,
            (ending, _) => ending,
        }
    }

    fn has_lists(&self) -> bool {
        self.own.keys().any(|channel| matches!(channel, Channel::Rows { .. }))
    }

    /// When the page is to make sure that what it shows is still the person's to see, if ever.
    fn revalidation_due(&self) -> Option<Duration> {
        let is_offline = self.shown == ConnectionState::Offline;
        if !self.is_seen || self.is_put_away || is_offline || self.role == Role::Ended {
            return None;
        }
        Some(if self.has_lists() { self.lists_due.min(self.session_due) } else { self.session_due })
    }

    /// Somebody looks at the page again, or it has a network again.
    fn revalidate_soon(&mut self) {
        self.lists_due = self.lists_due.min(self.now.max(self.lists_at + SPACING));
        self.session_due = self.session_due.min(self.now.max(self.session_at + SPACING));
    }

    fn revalidate(&mut self) {
        if self.revalidation_due().is_none_or(|due| due > self.now) {
            return;
        }
        if self.has_lists() && self.lists_due <= self.now {
            self.lists_are_fetched();
            self.outputs.push(Output::Revalidate);
            // The list brings the answer, unless it does not come.
            self.session_due = self.session_due.max(self.now + LIST_DEADLINE);
        } else {
            self.session_is_checked();
            self.drive(connection::Input::SessionInDoubt);
        }
    }

    fn lists_are_fetched_for(&mut self, event: &Event) {
        if self.own.keys().any(|channel| matches!(channel, Channel::Rows { .. }) && channel.carries(event)) {
            self.lists_are_fetched();
        }
    }

    fn lists_are_fetched(&mut self) {
        self.lists_at = self.now;
        self.lists_due = self.now + LIST_INTERVAL + LIST_INTERVAL_SPREAD.mul_f64(self.machine.chance());
    }

    fn session_is_confirmed(&mut self) {
        self.session_is_checked();
        self.say(Message::SessionConfirmed);
    }

    fn session_is_checked(&mut self) {
        self.session_at = self.now;
        let spread = SESSION_INTERVAL_SPREAD.mul_f64(self.machine.chance());
        self.session_due = self.now + SESSION_INTERVAL + spread;
    }

    fn wake(&mut self) {
        self.revalidate();
        for timer in [Timer::Linger, Timer::Ask, Timer::Answer, Timer::RollCall] {
            let Some(at) = self.timers.get(&timer).copied().filter(|at| *at <= self.now) else { continue };
            self.timers.remove(&timer);
            match timer {
                Timer::Linger => self.leave_line(),
                Timer::Ask => {
                    self.is_stealing = false;
                    self.ask();
                }
                Timer::Answer => self.answer_is_overdue(self.now - at),
                Timer::RollCall => self.roll_call(),
            }
        }
    }

    fn answer_is_overdue(&mut self, lateness: Duration) {
        if lateness >= LATE && !std::mem::replace(&mut self.missed_an_answer, true) {
            self.ask();
            return;
        }
        self.missed_an_answer = false;
        self.steal();
    }

    fn steal(&mut self) {
        if !std::mem::replace(&mut self.is_stealing, true) {
            self.outputs.push(Output::StealLock);
        }
        // Asked again later, should even that lead to nothing.
        self.timers.insert(Timer::Ask, self.now + ASK_INTERVAL);
    }
}

impl From<connection::Input> for Input {
    fn from(input: connection::Input) -> Self {
        Self::Connection(input)
    }
}

#[cfg(test)]
mod tests;
