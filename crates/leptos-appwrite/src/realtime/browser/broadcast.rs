//! One channel on which the tabs of this origin hear each other. Whoever says something does not hear it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

pub(super) struct Broadcast {
    channel: BroadcastChannel,
    // Kept alive for as long as the channel may call it.
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Broadcast {
    /// `None` in a browser that has no such channels. What is not understood, perhaps of another version of this page,
    /// is not heard.
    pub(super) fn open<M: DeserializeOwned>(name: &str, on_message: impl Fn(M) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let message = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            if let Ok(message) = serde_json::from_str(&text) {
                on_message(message);
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }

    pub(super) fn say(&self, message: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(message) {
            // It fails only on a closed channel.
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
