//! The tab's one connection. Its code is loaded when a component first needs it; requests wait until then.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::announcements::{tell_signed_out, tell_signing_out};
use super::command::{Command, Drive};
use super::listener::{Listener, ListenerId};
use super::part;
use appwrite_realtime::connection;
use appwrite_realtime::tabs::Input;

/// Wait for this long before loading the code again, for instance on a phone that was offline; then twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const MAX_WAIT: Duration = Duration::from_secs(60);

thread_local! {
    /// One per document, and so per user: signing in or out loads a new document.
    static CONNECTION: RefCell<Connection> = const { RefCell::new(Connection::Idle) };
}

enum Connection {
    /// No component has needed the connection yet.
    Idle,
    /// The code is being loaded.
    Loading(Vec<Command>),
    Running(Rc<dyn Drive>),
}

/// Adds a listener. The first one with a channel opens the connection.
pub(super) fn join(user_id: &str, listener: Listener) -> ListenerId {
    let id = ListenerId::next();
    start_and_send(user_id, Command::Join(id, listener));
    id
}

/// Removes a listener.
pub(super) fn leave(listener: ListenerId) {
    send(Command::Leave(listener));
}

/// Call this after our server has responded for this page's user: the connection then skips its next session check.
pub fn confirm_session() {
    send(Command::Give(Input::SessionConfirmed));
}

/// Call this when the user asks to sign out, before the request: all tabs then know why the session ends.
pub fn announce_signing_out() {
    send(Command::Give(Input::SigningOut { here: true }));
    tell_signing_out();
}

/// Call this when the user signs out here. Closes the socket before the page unloads, and tells the other tabs.
pub fn announce_sign_out() {
    give(connection::Input::SignedOut { here: true });
    tell_signed_out();
}

/// Call this when our server says that the session has ended. Asks the server once more, and then shows the answer.
pub fn recheck_session() {
    give(connection::Input::SessionInDoubt);
}

/// Passes an input to the connection if there is one.
pub(in crate::realtime) fn give(input: connection::Input) {
    send(Command::Give(input.into()));
}

/// Passes an input to the connection, which it creates if there is none.
#[cfg(feature = "presence")]
pub(in crate::realtime) fn start_and_give(user_id: &str, input: connection::Input) {
    start_and_send(user_id, Command::Give(input.into()));
}

fn start_and_send(user_id: &str, command: Command) {
    let is_idle = CONNECTION.with_borrow(|connection| matches!(connection, Connection::Idle));
    if is_idle {
        CONNECTION.set(Connection::Loading(vec![]));
        load(user_id.to_owned(), FIRST_WAIT);
    }
    send(command);
}

fn send(command: Command) {
    let running = CONNECTION.with_borrow_mut(|connection| match connection {
        Connection::Idle => None,
        Connection::Loading(waiting) => {
            // These inputs describe the session before the code was loaded, so they are out of date.
            if !matches!(command, Command::Give(Input::SessionConfirmed | Input::SigningOut { .. })) {
                waiting.push(command);
            }
            None
        }
        Connection::Running(driver) => Some((Rc::clone(driver), command)),
    });
    if let Some((driver, command)) = running {
        driver.carry_out(command);
    }
}

fn load(user_id: String, wait: Duration) {
    spawn_local(async move {
        let Ok(driver) = part::start(user_id.clone()).await else {
            set_timeout(move || load(user_id, MAX_WAIT.min(wait * 2)), wait);
            return;
        };
        let running = Connection::Running(Rc::clone(&driver));
        let waiting = CONNECTION.with_borrow_mut(|connection| mem::replace(connection, running));
        if let Connection::Loading(waiting) = waiting {
            for command in waiting {
                Rc::clone(&driver).carry_out(command);
            }
        }
    });
}
