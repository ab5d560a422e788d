//! One connection for all tabs of a browser: elects the leader, and exchanges messages between tabs.
//!
//! The tab that holds a lock leads: it runs its [`Machine`] and forwards events. The other tabs wait for the lock, so
//! that one of them gets it as soon as the leader is gone, even after a crash. A tab requests the lock only while a
//! part of its page is subscribed. A leader that does not answer (phones suspend tabs silently) loses the lock to a
//! visible tab. So does a hidden leader that is not live, because browsers delay the timers of hidden tabs by up to a
//! minute.
//!
//! Like the machine, this module does not access a browser; the driver and the tests use it in the same way.

use std::time::Duration;

use super::connection::{self, Machine, SessionCheck};
use super::message::Message;
use super::output::Output;
use super::protocol::{Channel, Presence};
use super::state::{ConnectionState, EndReason};
use super::subscriptions::Subscriptions;
use super::timers::Timers;

/// A tab keeps its lock request for this long after the last unsubscribe.
const LINGER: Duration = Duration::from_secs(3);
/// The time limit for a leader's answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(3);
/// The interval at which a visible tab checks that there is a leader.
const ASK_INTERVAL: Duration = Duration::from_secs(20);
/// The interval at which a leader checks the other tabs: a crashed tab sends no goodbye.
const TAB_CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// Refetch interval of visible pages: Appwrite sends no event to users who lose read access. The response also confirms
/// the session. A random spread keeps browsers from asking at the same time.
const LIST_INTERVAL: Duration = Duration::from_secs(50);
const LIST_INTERVAL_SPREAD: Duration = Duration::from_secs(10);
/// The interval of session checks on a page without lists: some session ends cause no event. Slightly less than two
/// minutes, with a random spread, so that one of several pages checks first.
const SESSION_INTERVAL: Duration = Duration::from_secs(110);
const SESSION_INTERVAL_SPREAD: Duration = Duration::from_secs(10);
/// Wait this long for a list before checking the session separately.
const LIST_DEADLINE: Duration = Duration::from_secs(10);
/// The minimum interval of either, even if the page is hidden and shown repeatedly.
const MIN_ATTEMPT_INTERVAL: Duration = Duration::from_secs(5);
/// If the session ends within this time of a sign-out request, the sign-out is the reason.
const SIGN_OUT_DEADLINE: Duration = Duration::from_secs(30);
/// A deadline that fires this late was throttled, and the answer may be queued behind it.
const THROTTLED_THRESHOLD: Duration = Duration::from_secs(1);

/// An input to the tab.
#[derive(Clone, Debug)]
pub enum Input {
    /// An input for the connection, or for the page as a whole.
    Connection(connection::Input),
    /// This tab now holds the lock.
    Granted,
    /// Another tab has stolen the lock.
    Lost,
    /// A message from another tab.
    Heard(Message),
    /// The page is hidden.
    Hidden,
    /// Our server has just responded for this page's user.
    SessionConfirmed,
    /// The user has asked to sign out, and our server has not responded yet.
    SigningOut {
        /// In this tab.
        here: bool,
    },
}

/// One of a user's tabs.
pub struct Tab {
    id: String,
    machine: Machine,
    role: Role,
    shares_connection: bool,
    now: Duration,
    own: Subscriptions,
    own_presence: Option<Presence>,
    /// The other tabs, as known to the leader.
    others: Vec<Other>,
    shown: ConnectionState,
    is_seen: bool,
    is_put_away: bool,
    missed_an_answer: bool,
    is_stealing: bool,
    timers: Timers<Timer>,
    /// The time of the next list refetch, and of the last one.
    lists_due: Duration,
    lists_at: Duration,
    /// The same for the session check.
    session_due: Duration,
    session_at: Duration,
    /// The expected reason for the end of the session during a sign-out, and its expiry.
    expected_end: Option<(EndReason, Duration)>,
    outputs: Vec<Output>,
}

/// Another tab with subscriptions.
struct Other {
    id: String,
    channels: Vec<Channel>,
    presence: Option<Presence>,
    /// True if it has sent anything since the last check.
    has_answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// No part of the page is subscribed.
    Apart,
    /// Waiting for the lock.
    Queued,
    Leader,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Linger,
    Ask,
    /// The leader's answer is overdue.
    Answer,
    /// The leader checks that the other tabs still exist.
    TabCheck,
}

impl Tab {
    /// Creates a tab with a visible page and no subscriptions. `id` is unique among all tabs.
    pub fn new(id: impl Into<String>, mut machine: Machine) -> Self {
        let lists_due = LIST_INTERVAL + machine.random_part(LIST_INTERVAL_SPREAD);
        let session_due = SESSION_INTERVAL + machine.random_part(SESSION_INTERVAL_SPREAD);
        Self {
            id: id.into(),
            machine,
            role: Role::Apart,
            shares_connection: true,
            now: Duration::ZERO,
            own: Subscriptions::new(),
            own_presence: None,
            others: Vec::new(),
            shown: ConnectionState::Idle,
            is_seen: true,
            is_put_away: false,
            missed_an_answer: false,
            is_stealing: false,
            timers: Timers::new(),
            lists_due,
            lists_at: Duration::ZERO,
            session_due,
            session_at: Duration::ZERO,
            expected_end: None,
            outputs: Vec::new(),
        }
    }

    /// Creates a tab for a browser without locks or broadcast channels. The tab has its own connection.
    pub fn alone(machine: Machine) -> Self {
        Self { shares_connection: false, ..Self::new("", machine) }
    }

    /// Handles an input and returns the outputs.
    pub fn handle(&mut self, input: Input, now: Duration) -> Vec<Output> {
        self.now = self.now.max(now);
        match input {
            Input::Connection(input) => self.connection_input(input),
            Input::Granted => self.granted(),
            Input::Lost => self.lost(),
            Input::Heard(message) => self.heard(message),
            Input::Hidden => {
                self.is_seen = false;
                self.timers.remove(Timer::Ask);
                self.timers.remove(Timer::Answer);
            }
            Input::SessionConfirmed => self.session_is_confirmed(),
            Input::SigningOut { here } => {
                let reason = if here { EndReason::SignedOut } else { EndReason::ElsewhereInThisBrowser };
                self.expected_end = Some((reason, self.now + SIGN_OUT_DEADLINE));
            }
        }
        std::mem::take(&mut self.outputs)
    }

    /// Returns the time for [`connection::Input::Wake`], if any.
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.next().into_iter().chain(self.machine.next_wake()).chain(self.revalidation_due()).min()
    }

    /// Returns the state for the badge.
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
                if self.role == Role::Queued {
                    self.ask();
                }
                self.drive(connection::Input::Visible);
            }
            // The event of the session's end may arrive before the message from the tab that ended it.
            connection::Input::SignedOut { here: false } if self.role == Role::Ended => {
                if matches!(self.shown, ConnectionState::Ended(EndReason::SessionDeleted | EndReason::SignedOut)) {
                    self.show(ConnectionState::Ended(EndReason::ElsewhereInThisBrowser));
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
        let is_new = self.own.add(channel.clone());
        self.timers.remove(Timer::Linger);
        if is_new && matches!(channel, Channel::Rows { .. }) {
            // A part of the page that has just been added has fetched its list itself.
            self.lists_are_fetched();
        }
        match self.role {
            Role::Leader if is_new => self.drive(connection::Input::Subscribe(channel)),
            Role::Queued if is_new => self.send_subscriptions(),
            Role::Apart if !self.is_put_away => self.queue_for_lock(),
            _ => {}
        }
    }

    fn unlisten(&mut self, channel: &Channel) {
        if !self.own.remove(channel) {
            return;
        }
        match self.role {
            Role::Leader => self.drive(connection::Input::Unsubscribe(channel.clone())),
            Role::Queued => self.send_subscriptions(),
            Role::Apart | Role::Ended => return,
        }
        if self.own.is_empty() {
            self.timers.set(Timer::Linger, self.now + LINGER);
        }
    }

    fn present(&mut self, presence: Option<Presence>) {
        self.own_presence = presence;
        match self.role {
            Role::Leader => self.send_presence_of_tabs(),
            Role::Queued => self.send_subscriptions(),
            Role::Apart | Role::Ended => {}
        }
    }

    /// The user is present while any tab says so. Any tab's presence works, because all belong to the same user.
    fn send_presence_of_tabs(&mut self) {
        let others = self.others.iter().filter_map(|other| other.presence.as_ref());
        let presence = self.own_presence.iter().chain(others).next().cloned();
        self.drive(connection::Input::Present(presence));
    }

    fn queue_for_lock(&mut self) {
        self.role = Role::Queued;
        if !self.shares_connection {
            self.granted();
            return;
        }
        self.show(ConnectionState::Connecting);
        self.outputs.push(Output::RequestLock);
        self.send_subscriptions();
        self.expect_answer();
    }

    fn leave_queue(&mut self) {
        if self.role == Role::Queued {
            self.say(Message::Listens { tab: self.id.clone(), channels: Vec::new(), presence: None });
        }
        self.drive(connection::Input::StepDown);
        self.release();
        self.role = Role::Apart;
        self.show(ConnectionState::Idle);
    }

    fn release(&mut self) {
        if self.shares_connection && matches!(self.role, Role::Queued | Role::Leader) {
            self.outputs.push(Output::ReleaseLock);
        }
        self.is_stealing = false;
        self.others.clear();
        self.timers.clear();
    }

    fn granted(&mut self) {
        if self.role != Role::Queued {
            return;
        }
        self.role = Role::Leader;
        self.is_stealing = false;
        self.timers.remove(Timer::Ask);
        self.timers.remove(Timer::Answer);
        self.say(Message::Leads);
        self.send_presence_of_tabs();
        for channel in self.own.channels().cloned().collect::<Vec<_>>() {
            self.drive(connection::Input::Subscribe(channel));
        }
        self.send_state();
    }

    fn lost(&mut self) {
        if self.role != Role::Leader {
            return;
        }
        self.others.clear();
        self.role = Role::Queued;
        self.drive(connection::Input::StepDown);
        self.queue_for_lock();
    }

    fn put_away(&mut self) {
        self.is_put_away = true;
        match self.role {
            Role::Queued | Role::Leader => self.leave_queue(),
            Role::Apart | Role::Ended => {}
        }
        // A pending request to our server is lost with the page.
        self.drive(connection::Input::PageHide);
    }

    fn take_out(&mut self) {
        if std::mem::take(&mut self.is_put_away) {
            self.revalidate_soon();
        }
        if self.role == Role::Apart && !self.own.is_empty() {
            self.queue_for_lock();
        }
    }

    fn heard(&mut self, message: Message) {
        match (message, self.role) {
            (Message::Listens { tab, channels, presence }, Role::Leader) => self.other_listens(tab, channels, presence),
            (Message::Asks, Role::Leader) => self.send_state(),
            (Message::Leads, Role::Queued) => {
                self.answered();
                self.send_subscriptions();
            }
            (Message::State { state, is_seen }, Role::Queued) => {
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
            (Message::Event(event), Role::Queued) if self.own.carry(&event) => {
                self.lists_are_fetched_if(|channel| channel.carries(&event));
                self.outputs.push(Output::Event(event));
            }
            (Message::Gap { tab, channels }, Role::Queued) if tab.is_none() || tab.as_ref() == Some(&self.id) => {
                let channels = channels.unwrap_or_else(|| self.own.channels().cloned().collect());
                self.lists_are_fetched_if(|channel| channels.contains(channel));
                self.outputs.push(Output::Gap(channels));
            }
            (Message::SessionConfirmed, _) => self.session_is_checked(),
            // The leader checks with our server itself, because its connection is still open.
            (Message::Ended(_), Role::Leader) => self.drive(connection::Input::SessionInDoubt),
            (Message::Ended(reason), Role::Apart | Role::Queued) => {
                let reason = self.explained(reason);
                self.release();
                self.role = Role::Ended;
                self.outputs.push(Output::SessionEnded(reason));
                self.show(ConnectionState::Ended(reason));
            }
            _ => {}
        }
    }

    fn other_listens(&mut self, tab: String, channels: Vec<Channel>, presence: Option<Presence>) {
        let at = self.others.iter().position(|other| other.id == tab);
        let before = at.map(|at| std::mem::take(&mut self.others[at].channels)).unwrap_or_default();
        for channel in channels.iter().filter(|channel| !before.contains(channel)) {
            self.drive(connection::Input::Subscribe(channel.clone()));
        }
        for channel in before.iter().filter(|channel| !channels.contains(channel)) {
            self.drive(connection::Input::Unsubscribe(channel.clone()));
        }
        self.send_state();
        // The tab's page was rendered before it contacted this leader. The machine reports the gaps of the other channels.
        let is_affected = |channel: &&Channel| !before.contains(channel) && self.machine.delivers(channel);
        let affected: Vec<_> = channels.iter().filter(is_affected).cloned().collect();
        if !affected.is_empty() {
            self.say(Message::Gap { tab: Some(tab.clone()), channels: Some(affected) });
        }
        if !channels.is_empty() {
            self.timers.set_if_unset(Timer::TabCheck, self.now + TAB_CHECK_INTERVAL);
        }
        let other = (!channels.is_empty()).then_some(Other { id: tab, channels, presence, has_answered: true });
        match (at, other) {
            // In its place, so that the tabs keep their order, and the first one its presence.
            (Some(at), Some(other)) => self.others[at] = other,
            (Some(at), None) => drop(self.others.remove(at)),
            (None, other) => self.others.extend(other),
        }
        self.send_presence_of_tabs();
    }

    /// Removes the tabs that have not answered since the last check, and starts a new check. A tab that is only slow or
    /// frozen returns with its next answer.
    fn check_tabs(&mut self) {
        let is_gone = |other: &Other| (!other.has_answered).then(|| other.id.clone());
        for tab in self.others.iter().filter_map(is_gone).collect::<Vec<_>>() {
            self.other_listens(tab, Vec::new(), None);
        }
        if self.others.is_empty() {
            return;
        }
        for other in &mut self.others {
            other.has_answered = false;
        }
        self.say(Message::Leads);
        self.timers.set(Timer::TabCheck, self.now + TAB_CHECK_INTERVAL);
    }

    /// Passes an input to the machine, and its outputs to the parts of this page and to the other tabs.
    fn drive(&mut self, input: connection::Input) {
        for mut output in self.machine.handle(input, self.now) {
            match &mut output {
                Output::State(state) => {
                    let state = match state {
                        ConnectionState::Ended(reason) => ConnectionState::Ended(self.explained(*reason)),
                        state => state.clone(),
                    };
                    self.on_machine_state(state);
                    continue;
                }
                Output::Event(event) => {
                    self.lists_are_fetched_if(|channel| channel.carries(event));
                    self.say_as_leader(Message::Event(event.clone()));
                }
                Output::Gap(channels) => {
                    self.lists_are_fetched_if(|channel| channels.contains(channel));
                    self.say_as_leader(Message::Gap { tab: None, channels: Some(channels.clone()) });
                }
                Output::CheckSession => self.session_is_checked(),
                // Another tab has already reported it.
                Output::SessionEnded(_) if self.role == Role::Ended => continue,
                Output::SessionEnded(reason) => {
                    self.say(Message::Ended(*reason));
                    *reason = self.explained(*reason);
                    self.release();
                    self.role = Role::Ended;
                }
                _ => {}
            }
            self.outputs.push(output);
        }
    }

    fn on_machine_state(&mut self, state: ConnectionState) {
        // Keeps the first reported reason. The machine of a tab that does not lead is idle.
        if self.shown.end_reason().is_some() {
            return;
        }
        if self.role == Role::Leader || state.end_reason().is_some() {
            self.show(state);
            if self.role == Role::Leader {
                self.send_state();
            }
        }
    }

    fn show(&mut self, state: ConnectionState) {
        if state != self.shown {
            self.shown = state.clone();
            self.outputs.push(Output::State(state));
        }
    }

    fn send_state(&mut self) {
        self.say(Message::State { state: self.shown.clone(), is_seen: self.is_seen });
    }

    fn send_subscriptions(&mut self) {
        let channels = self.own.channels().cloned().collect();
        self.say(Message::Listens { tab: self.id.clone(), channels, presence: self.own_presence.clone() });
    }

    fn say_as_leader(&mut self, message: Message) {
        if self.role == Role::Leader {
            self.say(message);
        }
    }

    fn say(&mut self, message: Message) {
        if self.shares_connection {
            self.outputs.push(Output::Say(message));
        }
    }

    fn ask(&mut self) {
        self.say(Message::Asks);
        self.expect_answer();
    }

    fn expect_answer(&mut self) {
        self.timers.remove(Timer::Ask);
        if self.is_seen {
            self.timers.set_if_unset(Timer::Answer, self.now + ANSWER_DEADLINE);
        }
    }

    fn answered(&mut self) {
        self.missed_an_answer = false;
        self.timers.remove(Timer::Answer);
        if self.is_seen {
            self.timers.set(Timer::Ask, self.now + ASK_INTERVAL);
        }
    }

    /// Returns the reason for the session's end as this tab shows it.
    fn explained(&self, reason: EndReason) -> EndReason {
        match (reason, self.expected_end) {
            (EndReason::SessionDeleted | EndReason::SignedOut, Some((expected, until))) if self.now <= until => {
                expected
            }
            (reason, _) => reason,
        }
    }

    fn has_lists(&self) -> bool {
        self.own.channels().any(|channel| matches!(channel, Channel::Rows { .. }))
    }

    /// Returns the time of the next refetch or session check, if any.
    fn revalidation_due(&self) -> Option<Duration> {
        let is_offline = self.shown == ConnectionState::Offline;
        if !self.is_seen || self.is_put_away || is_offline || self.role == Role::Ended {
            return None;
        }
        Some(if self.has_lists() { self.lists_due.min(self.session_due) } else { self.session_due })
    }

    /// The page is visible again, or the device is online again.
    fn revalidate_soon(&mut self) {
        self.lists_due = self.lists_due.min(self.now.max(self.lists_at + MIN_ATTEMPT_INTERVAL));
        self.session_due = self.session_due.min(self.now.max(self.session_at + MIN_ATTEMPT_INTERVAL));
    }

    fn revalidate(&mut self) {
        if self.revalidation_due().is_none_or(|due| due > self.now) {
            return;
        }
        if self.has_lists() && self.lists_due <= self.now {
            self.lists_are_fetched();
            self.outputs.push(Output::Revalidate);
            // The list request also checks the session, unless it fails.
            self.session_due = self.session_due.max(self.now + LIST_DEADLINE);
        } else {
            self.session_is_checked();
            self.drive(connection::Input::SessionInDoubt);
        }
    }

    /// One of the page's own lists is fetched again, because its channel is affected.
    fn lists_are_fetched_if(&mut self, is_affected: impl Fn(&Channel) -> bool) {
        if self.own.channels().any(|channel| matches!(channel, Channel::Rows { .. }) && is_affected(channel)) {
            self.lists_are_fetched();
        }
    }

    fn lists_are_fetched(&mut self) {
        self.lists_at = self.now;
        self.lists_due = self.now + LIST_INTERVAL + self.machine.random_part(LIST_INTERVAL_SPREAD);
    }

    fn session_is_confirmed(&mut self) {
        self.session_is_checked();
        self.say(Message::SessionConfirmed);
    }

    fn session_is_checked(&mut self) {
        self.session_at = self.now;
        let spread = self.machine.random_part(SESSION_INTERVAL_SPREAD);
        self.session_due = self.now + SESSION_INTERVAL + spread;
    }

    fn wake(&mut self) {
        self.revalidate();
        for timer in [Timer::Linger, Timer::Ask, Timer::Answer, Timer::TabCheck] {
            let Some(at) = self.timers.get(timer).filter(|at| *at <= self.now) else { continue };
            self.timers.remove(timer);
            match timer {
                Timer::Linger => self.leave_queue(),
                Timer::Ask => {
                    self.is_stealing = false;
                    self.ask();
                }
                Timer::Answer => self.answer_is_overdue(self.now - at),
                Timer::TabCheck => self.check_tabs(),
            }
        }
    }

    fn answer_is_overdue(&mut self, lateness: Duration) {
        if lateness >= THROTTLED_THRESHOLD && !std::mem::replace(&mut self.missed_an_answer, true) {
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
        // Asks again later if stealing fails.
        self.timers.set(Timer::Ask, self.now + ASK_INTERVAL);
    }
}

impl From<connection::Input> for Input {
    fn from(input: connection::Input) -> Self {
        Self::Connection(input)
    }
}

#[cfg(test)]
mod tests;
