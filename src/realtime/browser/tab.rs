//! One connection for the tab: drives the machine with the browser's sockets, timers and events.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::js_sys::Math;

use super::alarm::Alarm;
use super::clock::Clock;
use super::listener::{Listener, ListenerId, Notice};
use super::news::News;
use super::socket::Socket;
use crate::realtime::connection::{Input, Machine, Output, SessionCheck};
use crate::realtime::state::ConnectionState;
use crate::realtime::ticket::{realtime_ticket, session_owner};

thread_local! {
    /// The tab's connection. A page is one person's as long as it stands: signing in and out load a new document.
    static TAB: RefCell<Option<Rc<Tab>>> = const { RefCell::new(None) };
}

/// Adds a part of the page. The first one that listens to a channel opens the connection.
pub(super) fn join(user_id: &str, listener: Listener) -> ListenerId {
    let tab = TAB.with_borrow_mut(|tab| Rc::clone(tab.get_or_insert_with(|| Tab::open(user_id))));
    tab.join(listener)
}

/// Takes a part of the page away.
pub(super) fn leave(listener: ListenerId) {
    if let Some(tab) = current() {
        tab.leave(listener);
    }
}

/// Call this when the person signs out here: it closes the socket before the page goes, and tells the other tabs.
pub fn announce_sign_out() {
    if let Some(tab) = current() {
        tab.news.signed_out();
        tab.give(Input::SignedOut { here: true });
    }
}

fn current() -> Option<Rc<Tab>> {
    TAB.with_borrow(Option::clone)
}

struct Tab {
    user_id: String,
    machine: RefCell<Machine>,
    clock: Clock,
    /// What happened and is not handled yet: carrying out one output may make the next thing happen.
    inbox: RefCell<VecDeque<Input>>,
    is_handling: Cell<bool>,
    listeners: RefCell<BTreeMap<ListenerId, Listener>>,
    next_listener: Cell<u64>,
    socket: RefCell<Option<Socket>>,
    ticket: RefCell<Option<AbortHandle>>,
    alarm: Alarm,
    news: News,
}

impl Tab {
    fn open(user_id: &str) -> Rc<Self> {
        let origin = window().location().origin().unwrap_or_default();
        let tab = Rc::new_cyclic(|tab| Self {
            user_id: user_id.to_owned(),
            machine: RefCell::new(Machine::new(user_id, origin, Math::random)),
            clock: Clock::default(),
            inbox: RefCell::default(),
            is_handling: Cell::new(false),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            socket: RefCell::default(),
            ticket: RefCell::default(),
            alarm: Alarm::new({
                let tab = tab.clone();
                move || Tab::wake(&tab)
            }),
            news: News::open(user_id, {
                let tab = tab.clone();
                move |input| Tab::hear(&tab, input)
            }),
        });
        tab.listen_to_page();
        tab
    }

    fn wake(tab: &Weak<Self>) {
        if let Some(tab) = tab.upgrade() {
            tab.give(Input::Wake);
        }
    }

    fn hear(tab: &Weak<Self>, input: Input) {
        if let Some(tab) = tab.upgrade() {
            tab.give(input);
        }
    }

    /// The events of the browser. They are followed for as long as the document stands.
    fn listen_to_page(self: &Rc<Self>) {
        for (name, input) in [
            ("online", Input::Online),
            ("offline", Input::Offline),
            ("pagehide", Input::PageHide),
            ("pageshow", Input::PageShow),
        ] {
            let tab = Rc::clone(self);
            window_event_listener_untyped(name, move |_| tab.give(input.clone()));
        }
        let tab = Rc::clone(self);
        window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                tab.give(Input::Visible);
            }
        });
    }

    fn join(self: &Rc<Self>, listener: Listener) -> ListenerId {
        let id = ListenerId(self.next_listener.get());
        self.next_listener.set(id.0 + 1);
        let channel = listener.channel.clone();
        let tell = Rc::clone(&listener.tell);
        self.listeners.borrow_mut().insert(id, listener);
        let before = self.machine.borrow().state().clone();
        if let Some(channel) = channel {
            self.give(Input::Subscribe(channel));
        }
        // Whoever comes later than the others is told what they know. If the state changed just now, it was told above.
        if before != ConnectionState::Idle {
            tell(Notice::State(before));
        }
        id
    }

    fn leave(self: &Rc<Self>, id: ListenerId) {
        let listener = self.listeners.borrow_mut().remove(&id);
        if let Some(channel) = listener.and_then(|listener| listener.channel) {
            self.give(Input::Unsubscribe(channel));
        }
    }

    fn give(self: &Rc<Self>, input: Input) {
        self.inbox.borrow_mut().push_back(input);
        if self.is_handling.replace(true) {
            return;
        }
        while let Some(input) = self.next_input() {
            let outputs = self.machine.borrow_mut().handle(input, self.clock.now());
            for output in outputs {
                self.carry_out(output);
            }
        }
        self.is_handling.set(false);
        let wake = self.machine.borrow().next_wake();
        self.alarm.set(wake.map(|at| at.saturating_sub(self.clock.now())));
    }

    fn next_input(&self) -> Option<Input> {
        self.inbox.borrow_mut().pop_front()
    }

    fn carry_out(self: &Rc<Self>, output: Output) {
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
            Output::State(state) => self.tell(&Notice::State(state)),
            Output::Refetch => self.tell(&Notice::Gap),
            Output::Event(event) => self.tell(&Notice::Event(event)),
            Output::SessionEnded(ending) => self.tell(&Notice::Ended(ending)),
        }
    }

    fn mint_ticket(self: &Rc<Self>, attempt: u64, jwt_ignored: bool) {
        let (ticket, handle) = abortable(realtime_ticket(jwt_ignored));
        self.ticket.replace(Some(handle));
        let tab = Rc::clone(self);
        spawn_local(async move {
            if let Ok(outcome) = ticket.await {
                tab.give(Input::Ticket { attempt, outcome: outcome.map_err(Into::into) });
            }
        });
    }

    fn open_socket(self: &Rc<Self>, attempt: u64, address: &str) {
        let tab = Rc::downgrade(self);
        let socket = Socket::open(attempt, address, move |input| Self::hear(&tab, input));
        match socket {
            Some(socket) => drop(self.socket.replace(Some(socket))),
            None => self.give(Input::SocketClosed { attempt, code: None }),
        }
    }

    fn check_session(self: &Rc<Self>) {
        let tab = Rc::clone(self);
        spawn_local(async move {
            let check = SessionCheck::of(&tab.user_id, session_owner().await);
            tab.give(Input::SessionChecked(check));
        });
    }

    fn tell(&self, notice: &Notice) {
        // Copied, because whoever is told may come or go.
        let concerned: Vec<_> =
            self.listeners.borrow().values().filter(|listener| listener.is_concerned(notice)).cloned().collect();
        for listener in concerned {
            (listener.tell)(notice.clone());
        }
    }
}
