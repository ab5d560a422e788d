//! What the tabs of this browser tell each other: who is here, and who signs out.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::realtime::connection::Input;

const NAME: &str = "session";

#[derive(Serialize, Deserialize)]
enum Message {
    /// A page was opened for this person.
    Opened { user_id: String },
    /// This person signs out.
    SignedOut { user_id: String },
}

/// The tab's place among its neighbors. In a browser without `BroadcastChannel` it has none, and says nothing.
pub(super) struct News {
    user_id: String,
    channel: Option<Channel>,
}

struct Channel {
    channel: BroadcastChannel,
    // Kept alive for as long as the channel may call it.
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl News {
    /// Tells the neighbors for whom this page is, and listens to them.
    pub(super) fn open(user_id: &str, hear: impl Fn(Input) + 'static) -> Self {
        let news = Self { user_id: user_id.to_owned(), channel: Channel::open(user_id.to_owned(), hear) };
        news.say(&Message::Opened { user_id: user_id.to_owned() });
        news
    }

    /// Tells the neighbors that the person signs out.
    pub(super) fn signed_out(&self) {
        self.say(&Message::SignedOut { user_id: self.user_id.clone() });
    }

    fn say(&self, message: &Message) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(message)) {
            // It fails only on a closed channel, and ours is open while the page stands.
            let _ = channel.channel.post_message(&text.into());
        }
    }
}

impl Channel {
    fn open(user_id: String, hear: impl Fn(Input) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(NAME).ok()?;
        let message = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            match serde_json::from_str(&text) {
                Ok(Message::SignedOut { user_id: other }) if other == user_id => hear(Input::SignedOut { here: false }),
                Ok(Message::Opened { user_id: other }) if other != user_id => hear(Input::SessionInDoubt),
                _ => {}
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }
}
