//! The other users on the page, as a signal.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::people_present::people_present;
use crate::effect::effect;
use crate::realtime::browser::alarm::Alarm;
use crate::realtime::browser::clock::Clock;
use crate::realtime::browser::connection;
use crate::realtime::{in_time, use_channel};
use crate::session::use_signed_in_user;
use appwrite_realtime::connection::Input;
use appwrite_realtime::presence::Roster;
use appwrite_realtime::protocol::{Channel, Presence};
use appwrite_realtime::update::ChannelUpdate;

/// Returns the names of the other users on this page, and announces this user while the component is on the page.
///
/// None while unknown: without a signed-in user, without a connection, or on servers without presence.
pub fn use_presence(page: &'static str) -> ReadSignal<Option<Vec<String>>> {
    let names = RwSignal::new(None);
    let Some(person) = use_signed_in_user() else { return names.read_only() };
    let watch = Watch::start(&person.id, page, names);
    effect(move || {
        let presence = Presence::at(page, &person.id, &person.name);
        connection::start_and_give(&person.id, Input::Present(Some(presence)));
        on_cleanup(|| connection::give(Input::Present(None)));
    });
    let state = use_channel(Channel::Presences, {
        let watch = Rc::clone(&watch);
        move |update| match update {
            ChannelUpdate::Event(event) => {
                if let Some(change) = event.presence_change() {
                    watch.change(|roster, now| roster.hear(&change, now));
                }
            }
            ChannelUpdate::Gap => watch.fetch(),
        }
    });
    effect(move || match state.with(appwrite_realtime::state::ConnectionState::is_live) {
        // A page opened on a live connection gets no `Gap` notice.
        true if !watch.roster.borrow().is_asking() => watch.fetch(),
        true => {}
        false => watch.change(Roster::lose),
    });
    names.read_only()
}

/// The roster of one page, and its signal.
struct Watch {
    page: &'static str,
    roster: RefCell<Roster>,
    clock: Clock,
    alarm: Alarm,
    names: RwSignal<Option<Vec<String>>>,
}

impl Watch {
    fn start(own_id: &str, page: &'static str, names: RwSignal<Option<Vec<String>>>) -> Rc<Self> {
        Rc::new_cyclic(|watch: &Weak<Self>| {
            let ring = {
                let watch = watch.clone();
                move || {
                    if let Some(watch) = watch.upgrade() {
                        watch.change(|_, _| {});
                    }
                }
            };
            Self {
                page,
                roster: RefCell::new(Roster::new(own_id, page)),
                clock: Clock::default(),
                alarm: Alarm::new(ring),
                names,
            }
        })
    }

    fn change(&self, change: impl FnOnce(&mut Roster, Duration)) {
        let now = self.clock.now();
        let mut roster = self.roster.borrow_mut();
        change(&mut roster, now);
        let shown = roster.names(now).to_vec();
        self.alarm.set(roster.next_wake().map(|at| at.saturating_sub(now)));
        drop(roster);
        let has_changed = self.names.try_with_untracked(|names| names.as_ref().is_some_and(|names| *names != shown));
        if has_changed == Some(true) {
            self.names.set(Some(shown));
        }
    }

    fn fetch(self: &Rc<Self>) {
        let asked = self.roster.borrow_mut().ask();
        let (watch, page) = (Rc::downgrade(self), self.page);
        spawn_local(async move {
            let answer = in_time(people_present(page.to_owned())).await;
            let Some(watch) = watch.upgrade() else { return };
            match answer {
                Ok(Some(list)) => {
                    // The list has arrived, so an empty one now means that nobody else is here.
                    watch.names.try_update(|names| {
                        names.get_or_insert_default();
                    });
                    watch.change(|roster, now| roster.answered(asked, list, now));
                }
                Ok(None) => {
                    watch.roster.borrow_mut().unanswered(asked);
                    watch.names.try_set(None);
                }
                // Other users announce themselves again soon, and the next connection fetches the list again.
                Err(_) => watch.roster.borrow_mut().unanswered(asked),
            }
        });
    }
}
