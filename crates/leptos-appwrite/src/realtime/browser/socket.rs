//! A WebSocket. Dropping it closes it and ignores its later events.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use crate::json::from_text;
use appwrite_realtime::connection;
use appwrite_realtime::protocol::{InvalidFrame, ServerFrame};
use appwrite_realtime::tabs::Input;

pub(super) struct Socket {
    socket: WebSocket,
    // Kept alive as long as the socket may call them.
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens a socket and passes its events to `on_input`. Returns `None` if the browser refuses at once: an
    /// unencrypted socket on an https page.
    pub(super) fn open(attempt: u64, address: &str, on_input: impl Fn(Input) + 'static) -> Option<Self> {
        let socket = WebSocket::new(address).ok()?;
        let on_input = Rc::new(on_input);
        let open = Closure::new({
            let on_input = Rc::clone(&on_input);
            move |_: Event| on_input(connection::Input::SocketOpened { attempt }.into())
        });
        let message = Closure::new({
            let on_input = Rc::clone(&on_input);
            move |event: MessageEvent| {
                if let Some(text) = event.data().as_string() {
                    let frame =
                        from_text(&text).map_err(|_| InvalidFrame).and_then(|frame| ServerFrame::of(frame, &text));
                    on_input(connection::Input::Frame { attempt, frame }.into());
                }
            }
        });
        // A `close` event follows every `error`, so only `close` has a handler.
        let close = Closure::new(move |event: CloseEvent| {
            on_input(connection::Input::SocketClosed { attempt, code: Some(event.code()) }.into());
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Some(Self { socket, _open: open, _message: message, _close: close })
    }

    /// Sends a text frame. On a closing socket the frame is lost, and a `close` event follows soon.
    pub(super) fn send(&self, text: &str) {
        let _ = self.socket.send_with_str(text);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails only for an invalid code, and none is passed.
        let _ = self.socket.close();
    }
}
