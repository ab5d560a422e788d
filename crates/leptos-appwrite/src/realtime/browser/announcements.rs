//! What the tabs of this browser tell each other whoever their persons are: who is here, and that somebody signs out.

use serde::{Deserialize, Serialize};

use super::broadcast::Broadcast;
use appwrite_realtime::connection;
use appwrite_realtime::tabs::Input;

const NAME: &str = "session";

#[derive(Serialize, Deserialize)]
enum Message {
    /// A page was opened for this person.
    Opened { user_id: String },
    /// The person has asked to be signed out.
    SigningOut,
    /// Whoever was signed in signs out: the tabs share one cookie.
    SignedOut,
}

/// Listens for announcements of the other tabs.
pub(super) struct Announcements {
    _channel: Option<Broadcast>,
}

impl Announcements {
    /// Announces this tab's user to the other tabs, and listens to theirs.
    pub(super) fn listen(user_id: &str, on_input: impl Fn(Input) + 'static) -> Self {
        let own_id = user_id.to_owned();
        let channel = Broadcast::open(NAME, move |message| match message {
            Message::SigningOut => on_input(Input::SigningOut { here: false }),
            Message::SignedOut => on_input(connection::Input::SignedOut { here: false }.into()),
            Message::Opened { user_id } if user_id != own_id => on_input(connection::Input::SessionInDoubt.into()),
            Message::Opened { .. } => {}
        });
        if let Some(channel) = &channel {
            channel.say(&Message::Opened { user_id: user_id.to_owned() });
        }
        Self { _channel: channel }
    }
}

/// Tells all other tabs that the person has asked to be signed out.
pub(super) fn tell_signing_out() {
    tell(&Message::SigningOut);
}

/// Tells all other tabs that the person signs out.
pub(super) fn tell_signed_out() {
    tell(&Message::SignedOut);
}

fn tell(message: &Message) {
    // A channel of its own, because a tab that is not live has no other. One that is hears this too, after its end.
    if let Some(channel) = Broadcast::open(NAME, |_: Message| {}) {
        channel.say(message);
    }
}
