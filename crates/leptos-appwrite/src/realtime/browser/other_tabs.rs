//! The same user's other tabs in this browser: one lock among all, and a message channel.

mod lock;

use self::lock::{Change, Lock};
use super::broadcast::Broadcast;
use appwrite_realtime::message::Message;
use appwrite_realtime::tabs::Input;

pub(super) struct OtherTabs {
    lock: Lock,
    channel: Broadcast,
}

impl OtherTabs {
    /// Returns `None` if the browser lacks either API.
    pub(super) fn find(user_id: &str, on_input: impl Fn(Input) + Clone + 'static) -> Option<Self> {
        // The name contains the user's id, so that other users' tabs do not receive the messages.
        let name = format!("realtime:{user_id}");
        let lock = Lock::find(name.clone(), {
            let on_input = on_input.clone();
            move |change| {
                on_input(match change {
                    Change::Granted => Input::Granted,
                    Change::Lost => Input::Lost,
                });
            }
        })?;
        let channel = Broadcast::open(&name, move |message| on_input(Input::Heard(message)))?;
        Some(Self { lock, channel })
    }

    pub(super) fn request_lock(&self) {
        self.lock.request();
    }

    pub(super) fn steal_lock(&self) {
        self.lock.steal();
    }

    pub(super) fn release_lock(&self) {
        self.lock.release();
    }

    pub(super) fn say(&self, message: &Message) {
        self.channel.say(message);
    }
}
