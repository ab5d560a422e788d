//! A `BroadcastChannel` between the tabs of this origin. A sender does not receive its own messages.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::json::from_text;

pub(super) struct Broadcast {
    channel: BroadcastChannel,
    // Kept alive as long as the channel may call it.
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Broadcast {
    /// Returns `None` if the browser does not support it. Ignores messages that it cannot parse, for instance from
    /// another version of this page.
    pub(super) fn open<M: DeserializeOwned>(name: &str, on_message: impl Fn(M) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let message = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            if let Ok(message) = from_text(&text) {
                on_message(message);
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }

    pub(super) fn say(&self, message: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(message) {
            // Fails only on a closed channel.
            let _ = self.channel.post_message(&text.into());
        }
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
