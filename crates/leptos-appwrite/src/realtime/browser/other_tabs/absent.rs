//! Stands in for the other tabs where the feature `tabs` is off: each tab has its own connection.

use appwrite_realtime::message::Message;
use appwrite_realtime::tabs::Input;

/// Never finds another tab.
pub(super) enum OtherTabs {}

impl OtherTabs {
    pub(super) fn find(_user_id: &str, _on_input: impl Fn(Input) + Clone + 'static) -> Option<Self> {
        None
    }

    pub(super) fn request_lock(&self) {
        match *self {}
    }

    pub(super) fn steal_lock(&self) {
        match *self {}
    }

    pub(super) fn release_lock(&self) {
        match *self {}
    }

    pub(super) fn say(&self, _message: &Message) {
        match *self {}
    }
}
