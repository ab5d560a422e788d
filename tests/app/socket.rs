//! A browser's WebSocket, opened at the URL that the app's code makes from a ticket, with `Origin` and cookies.

use std::time::Duration;

use appwrite_realtime::handshake::{Ticket, Transport, address};
use appwrite_realtime::protocol::{Channel, Event, ServerFrame};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::browser::Browser;
use crate::running::App;

/// Maximum wait for a frame before the test fails.
const TIMEOUT: Duration = Duration::from_secs(15);

/// An open WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens the socket of a page of the app.
    pub async fn open(app: &App, browser: &Browser, ticket: &Ticket) -> Self {
        let opened = Self::open_from(app, Some(&app.origin), browser, ticket).await;
        opened.unwrap_or_else(|status| panic!("refused with {status}"))
    }

    /// Opens the socket of a page with any origin, or returns the status of the refusal. Sends the cookie only to the
    /// app's own server, as browsers do.
    pub async fn open_from(app: &App, origin: Option<&str>, browser: &Browser, ticket: &Ticket) -> Result<Self, u16> {
        let rows = Channel::rows("main", "birthdays");
        Self::open_with(app, browser, ticket, &[Channel::Account, rows], &[("origin", origin)]).await
    }

    /// Opens a socket for these channels. Sends only headers that have a value.
    pub async fn open_with(
        app: &App,
        browser: &Browser,
        ticket: &Ticket,
        channels: &[Channel],
        headers: &[(&'static str, Option<&str>)],
    ) -> Result<Self, u16> {
        Self::open_at(&app.origin, browser, ticket, channels, headers).await
    }

    /// The same, at an instance of the app with this address.
    pub async fn open_at(
        app: &str,
        browser: &Browser,
        ticket: &Ticket,
        channels: &[Channel],
        headers: &[(&'static str, Option<&str>)],
    ) -> Result<Self, u16> {
        let channels: Vec<_> = channels.iter().map(|channel| channel.name(ticket.row_naming)).collect();
        let address = address(ticket, app, channels.iter().map(String::as_str)).expect("an address");
        let mut request = address.into_client_request().expect("a request");
        let is_relay = matches!(ticket.transport, Transport::Relay { .. });
        let cookie = browser.cookie("session").filter(|_| is_relay).map(|secret| format!("session={secret}"));
        for (name, value) in headers.iter().chain(&[("cookie", cookie.as_deref())]) {
            if let Some(value) = value {
                request.headers_mut().insert(*name, value.parse().expect("a header"));
            }
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no connection: {error}"),
        }
    }

    /// Sends a text frame.
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.expect("an open socket");
    }

    /// The next frame as text, or the server's close code, if any.
    pub async fn heard(&mut self) -> Result<String, Option<u16>> {
        loop {
            match tokio::time::timeout(TIMEOUT, self.0.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next frame as text.
    pub async fn next_text(&mut self) -> String {
        self.heard().await.unwrap_or_else(|code| panic!("closed with {code:?}"))
    }

    /// The next frame, parsed.
    pub async fn next(&mut self) -> ServerFrame {
        ServerFrame::parse(&self.next_text().await).expect("a frame of the protocol")
    }

    /// Reads the `connected` frame and returns its user; `None` for a guest.
    pub async fn connected_user(&mut self) -> Option<String> {
        match self.next().await {
            ServerFrame::Connected(connected) => connected.user_id,
            other => panic!("no connected: {other:?}"),
        }
    }

    /// Reads the next frame, which must be an event.
    pub async fn next_event(&mut self) -> Event {
        match self.next().await {
            ServerFrame::Event(event) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    /// Skips frames until the server closes, and returns the close code.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            if let Err(code) = self.heard().await {
                return code.expect("a code");
            }
        }
    }
}
