//! Messages between all tabs of this browser, even for different users: the tab's user, and sign-outs.

use serde::{Deserialize, Serialize};

use super::broadcast::Broadcast;
use appwrite_realtime::connection;
use appwrite_realtime::tabs::Input;

const NAME: &str = "session";

#[derive(Serialize, Deserialize)]
enum Message {
    /// A tab opened a page for this user.
    Opened { user_id: String },
    /// The user has asked to sign out.
    SigningOut,
    /// The user has signed out. It affects all tabs, because they share one cookie.
    SignedOut,
}

/// Listens to the announcements of the other tabs.
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

/// Announces to the other tabs that the user has asked to sign out.
pub(super) fn tell_signing_out() {
    tell(&Message::SigningOut);
}

/// Announces to the other tabs that the user has signed out.
pub(super) fn tell_signed_out() {
    tell(&Message::SignedOut);
}

fn tell(message: &Message) {
    // Opens a new channel, because a tab that is not live has none. A live tab receives its own
    // message, after its session has ended.
    if let Some(channel) = Broadcast::open(NAME, |_: Message| {}) {
        channel.say(message);
    }
}
