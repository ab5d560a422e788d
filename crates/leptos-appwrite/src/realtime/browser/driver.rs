//! Connects the tab's state machine to the browser's sockets, locks, timers and events.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::js_sys::Math;

use super::alarm::Alarm;
use super::announcements::Announcements;
use super::clock::Clock;
use super::command::{Command, Drive};
use super::in_time;
use super::listener::{Listener, ListenerId};
use super::other_tabs::OtherTabs;
use super::socket::Socket;
use crate::realtime::ticket::{realtime_ticket, session_check, session_owner};
use appwrite_realtime::connection::{self, Machine};
use appwrite_realtime::output::Output;
use appwrite_realtime::protocol::Channel;
use appwrite_realtime::state::ConnectionState;
use appwrite_realtime::tabs::{Input, Tab};
use appwrite_realtime::update::ChannelUpdate;

/// Drives the tab's state machine.
pub(super) struct Driver {
    user_id: String,
    tab: RefCell<Tab>,
    clock: Clock,
    /// Inputs to handle. Carrying out one output may cause the next input.
    inbox: RefCell<VecDeque<Input>>,
    is_handling: Cell<bool>,
    listeners: RefCell<Vec<(ListenerId, Listener)>>,
    socket: RefCell<Option<Socket>>,
    ticket: RefCell<Option<AbortHandle>>,
    alarm: Alarm,
    other_tabs: Option<OtherTabs>,
    /// Kept alive to receive announcements.
    _announcements: Announcements,
}

impl Drive for Driver {
    fn carry_out(self: Rc<Self>, command: Command) {
        match command {
            Command::Join(id, listener) => self.join(id, listener),
            Command::Leave(id) => self.leave(id),
            Command::Give(input) => self.give(input),
        }
    }
}

impl Driver {
    pub(super) fn start(user_id: &str) -> Rc<Self> {
        let origin = window().location().origin().unwrap_or_default();
        let machine = Machine::new(user_id, origin, Math::random);
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| {
            let other_tabs = OtherTabs::find(user_id, Self::input_handler(driver));
            let tab = match &other_tabs {
                Some(_) => Tab::new(random_id(), machine),
                None => Tab::alone(machine),
            };
            let ring = Self::input_handler(driver);
            Self {
                user_id: user_id.to_owned(),
                tab: RefCell::new(tab),
                clock: Clock::default(),
                inbox: RefCell::default(),
                is_handling: Cell::new(false),
                listeners: RefCell::default(),
                socket: RefCell::default(),
                ticket: RefCell::default(),
                alarm: Alarm::new(move || ring(connection::Input::Wake.into())),
                other_tabs,
                _announcements: Announcements::listen(user_id, Self::input_handler(driver)),
            }
        });
        driver.listen_to_page();
        driver
    }

    /// Returns a function that passes inputs to the driver.
    fn input_handler(driver: &Weak<Self>) -> impl Fn(Input) + Clone + 'static {
        let driver = driver.clone();
        move |input| {
            if let Some(driver) = driver.upgrade() {
                driver.give(input);
            }
        }
    }

    /// Listens to the browser's events for the lifetime of the document.
    fn listen_to_page(self: &Rc<Self>) {
        for (name, input) in [
            ("online", connection::Input::Online),
            ("offline", connection::Input::Offline),
            ("pagehide", connection::Input::PageHide),
            ("pageshow", connection::Input::PageShow),
        ] {
            let driver = Rc::clone(self);
            window_event_listener_untyped(name, move |_| driver.give(input.clone()));
        }
        if document().hidden() {
            self.give(Input::Hidden);
        }
        let driver = Rc::clone(self);
        window_event_listener_untyped("visibilitychange", move |_| {
            driver.give(if document().hidden() { Input::Hidden } else { connection::Input::Visible.into() });
        });
    }

    fn join(self: &Rc<Self>, id: ListenerId, listener: Listener) {
        self.listeners.borrow_mut().push((id, listener.clone()));
        if let Some(channel) = listener.channel.clone() {
            self.give(connection::Input::Subscribe(channel));
        }
        // Sends the current state to a listener that joins late.
        let state = self.tab.borrow().state().clone();
        if state != ConnectionState::Idle {
            listener.show(state);
        }
    }

    fn leave(self: &Rc<Self>, id: ListenerId) {
        let mut listeners = self.listeners.borrow_mut();
        let at = listeners.iter().position(|(other, _)| *other == id);
        let listener = at.map(|at| listeners.remove(at).1);
        drop(listeners);
        if let Some(channel) = listener.and_then(|listener| listener.channel) {
            self.give(connection::Input::Unsubscribe(channel));
        }
    }

    /// Passes an input to the state machine and carries out what it asks for.
    fn give(self: &Rc<Self>, input: impl Into<Input>) {
        self.inbox.borrow_mut().push_back(input.into());
        if self.is_handling.replace(true) {
            return;
        }
        while let Some(input) = self.next_input() {
            let outputs = self.tab.borrow_mut().handle(input, self.clock.now());
            for output in outputs {
                self.execute(output);
            }
        }
        self.is_handling.set(false);
        let wake = self.tab.borrow().next_wake();
        self.alarm.set(wake.map(|at| at.saturating_sub(self.clock.now())));
    }

    fn next_input(&self) -> Option<Input> {
        self.inbox.borrow_mut().pop_front()
    }

    fn execute(self: &Rc<Self>, output: Output) {
        match output {
            Output::MintTicket { attempt, jwt_ignored } => self.mint_ticket(attempt, jwt_ignored),
            Output::CancelTicket => {
                if let Some(ticket) = self.ticket.take() {
                    ticket.abort();
                }
            }
            Output::OpenSocket { attempt, address } => self.open_socket(attempt, &address),
            Output::Send(text) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(&text);
                }
            }
            Output::CloseSocket => drop(self.socket.take()),
            Output::CheckSession => self.check_session(),
            Output::State(state) => self.for_each(|_| true, |listener| listener.show(state.clone())),
            Output::Event(event) => {
                self.update(|channel| channel.carries(&event), || ChannelUpdate::Event(event.clone()));
            }
            Output::Gap(channels) => self.update(|channel| channels.contains(channel), || ChannelUpdate::Gap),
            Output::Revalidate => self.update(|channel| matches!(channel, Channel::Rows { .. }), || ChannelUpdate::Gap),
            Output::SessionEnded(reason) => self.for_each(|_| true, |listener| (listener.on_end)(reason)),
            Output::RequestLock => self.with_other_tabs(OtherTabs::request_lock),
            Output::StealLock => self.with_other_tabs(OtherTabs::steal_lock),
            Output::ReleaseLock => self.with_other_tabs(OtherTabs::release_lock),
            Output::Say(message) => self.with_other_tabs(|other_tabs| other_tabs.say(&message)),
        }
    }

    fn with_other_tabs(&self, act: impl FnOnce(&OtherTabs)) {
        if let Some(other_tabs) = &self.other_tabs {
            act(other_tabs);
        }
    }

    fn mint_ticket(self: &Rc<Self>, attempt: u64, jwt_ignored: bool) {
        let (ticket, handle) = abortable(realtime_ticket(jwt_ignored));
        self.ticket.replace(Some(handle));
        let driver = Rc::clone(self);
        spawn_local(async move {
            if let Ok(outcome) = ticket.await {
                driver.give(connection::Input::Ticket { attempt, outcome: outcome.map_err(Into::into) });
            }
        });
    }

    fn open_socket(self: &Rc<Self>, attempt: u64, address: &str) {
        match Socket::open(attempt, address, Self::input_handler(&Rc::downgrade(self))) {
            Some(socket) => drop(self.socket.replace(Some(socket))),
            None => self.give(connection::Input::SocketClosed { attempt, code: None }),
        }
    }

    fn check_session(self: &Rc<Self>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let check = session_check(&driver.user_id, in_time(session_owner()).await);
            driver.give(connection::Input::SessionChecked(check));
        });
    }

    /// Passes an update to the listeners of some channels.
    fn update(&self, is_concerned: impl Fn(&Channel) -> bool, update: impl Fn() -> ChannelUpdate) {
        self.for_each(
            |listener| listener.channel.as_ref().is_some_and(&is_concerned),
            |listener| (listener.on_update)(update()),
        );
    }

    /// Copies the listeners first, because a callback may add or remove some.
    fn for_each(&self, is_concerned: impl Fn(&Listener) -> bool, act: impl Fn(&Listener)) {
        let concerned: Vec<_> =
            self.listeners.borrow().iter().map(|(_, listener)| listener).filter(|l| is_concerned(l)).cloned().collect();
        concerned.iter().for_each(act);
    }
}

/// Returns a name for this tab that no other tab has.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive whole number below 2^53")]
fn random_id() -> String {
    // Not formatted as a fraction: that code is large.
    ((Math::random() * 2_f64.powi(53)) as u64).to_string()
}
