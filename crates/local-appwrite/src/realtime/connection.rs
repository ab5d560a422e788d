//! Runs a socket: opens it, sends queued frames, reads messages, closes it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message as WsMessage, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use super::frame::{self, LARGEST_MESSAGE, Message, Refusal, Vocabulary};
use super::handshake::{self, Opening, Request};
use super::hub::Listening;
use super::limit::MessageLimit;
use super::listener::{Listener, Outgoing};
use crate::identity::by_session_token;
use crate::sessions::SessionToken;
use crate::{AppState, Profile};

/// The longest session in an `authentication` message, in characters.
const MAX_SESSION_LENGTH: usize = 2048;

/// The read buffer per socket, in bytes. Clients send little; the library's default is 128 KiB.
const READ_BUFFER: usize = 4 * 1024;

/// A client that does not read can delay a shutdown by this long.
const FAREWELL: Duration = Duration::from_secs(1);

/// The route of Realtime, `GET /v1/realtime`.
pub fn router<S: Clone + Send + Sync + 'static>(state: AppState) -> Router<S> {
    Router::new().route("/v1/realtime", get(upgrade)).with_state(state)
}

async fn upgrade(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let request = Request::new(headers, query.as_deref().unwrap_or_default(), peer);
    let sockets = state.hub().sockets().clone();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(LARGEST_MESSAGE)
        .max_frame_size(LARGEST_MESSAGE)
        .on_upgrade(move |socket| sockets.track_future(serve(socket, request, state)))
}

/// The next state of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Continue,
    Close,
}

async fn serve(mut socket: WebSocket, request: Request, state: AppState) {
    let closing = state.hub().closing();
    let opening = {
        let state = state.clone();
        blocking(move || request.open(&state)).await
    };
    match opening {
        Ok(opening) => {
            let listening = listen(&state, opening);
            Connection { state, listening, messages: MessageLimit::default() }.run(socket, closing).await;
        }
        Err(refusal) => {
            tracing::debug!(%refusal, "a Realtime handshake is refused");
            let frame = match state.settings().profile {
                Profile::OneFive | Profile::OneSix | Profile::OneEight => refusal.plain_frame(),
                _ => refusal.handshake_frame(),
            };
            // Drops the socket without a closing handshake, like the real server: clients see 1006.
            let _ = socket.send(WsMessage::Text(frame.into())).await;
        }
    }
}

fn listen(state: &AppState, opening: Opening) -> Listening {
    let profile = state.settings().profile;
    let connected = frame::connected(&opening.channels, opening.names.as_ref(), &opening.account);
    state.hub().listen(
        |outbox| Listener::new(profile, opening.is_in_project, opening.person, opening.subscriptions, outbox),
        connected,
    )
}

struct Connection {
    state: AppState,
    listening: Listening,
    messages: MessageLimit,
}

impl Connection {
    async fn run(mut self, mut socket: WebSocket, closing: CancellationToken) {
        let lagging = self.listening.lagging.clone();
        loop {
            let flow = tokio::select! {
                () = closing.cancelled() => break,
                () = lagging.cancelled() => {
                    tracing::debug!("a Realtime connection did not keep up and is closed");
                    return;
                }
                outgoing = self.listening.next() => match outgoing {
                    // After a reset, the queued frames are stale.
                    _ if closing.is_cancelled() => break,
                    Some(outgoing) => tokio::select! {
                        flow = self.send(&mut socket, outgoing) => flow,
                        () = closing.cancelled() => break,
                        () = lagging.cancelled() => Flow::Close,
                    },
                    None => Flow::Close,
                },
                incoming = socket.recv() => match incoming {
                    Some(Ok(message)) => self.receive(message).await,
                    Some(Err(_)) | None => Flow::Close,
                },
            };
            if flow == Flow::Close {
                return;
            }
        }
        let going_away = CloseFrame { code: close_code::AWAY, reason: "the server stops or is reset".into() };
        // Ignores the result: the client may be gone or may not read.
        let _ = tokio::time::timeout(FAREWELL, socket.send(WsMessage::Close(Some(going_away)))).await;
    }

    fn profile(&self) -> Profile {
        self.state.settings().profile
    }

    async fn send(&self, socket: &mut WebSocket, outgoing: Outgoing) -> Flow {
        let (text, flow) = match outgoing {
            Outgoing::Text(text) => (text, Flow::Continue),
            Outgoing::Last(text) => (text, Flow::Close),
            Outgoing::Event(frame, subscriptions) => {
                let subscriptions = (self.profile() >= Profile::OneNine).then_some(subscriptions.as_slice());
                (frame.text(subscriptions), Flow::Continue)
            }
        };
        match socket.send(WsMessage::Text(text.into())).await {
            Ok(()) => flow,
            Err(_) => Flow::Close,
        }
    }

    async fn receive(&mut self, message: WsMessage) -> Flow {
        let text = match &message {
            WsMessage::Text(text) => text.as_str(),
            // The real server reads any data frame as text.
            WsMessage::Binary(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            WsMessage::Ping(_) | WsMessage::Pong(_) => return Flow::Continue,
            WsMessage::Close(_) => return Flow::Close,
        };
        if let Err(refusal) = self.answer(text).await {
            self.refuse(&refusal);
        }
        Flow::Continue
    }

    async fn answer(&mut self, text: &str) -> Result<(), Refusal> {
        let now = self.state.clock().now();
        if self.messages.is_exceeded(now) {
            return Err(Refusal::too_many("Too many messages."));
        }
        let vocabulary = match self.profile() {
            Profile::OneFive => Vocabulary::AuthenticationOnly,
            Profile::OneSix | Profile::OneEight => Vocabulary::PingAndAuthentication,
            _ => Vocabulary::Full,
        };
        match Message::parse(text, vocabulary)? {
            Message::Ping => self.listening.with(|listener| listener.send(Outgoing::Text(frame::pong()))),
            Message::Subscribe(wishes) => self.listening.with(|listener| listener.subscribe(&wishes, now)),
            Message::Unsubscribe(ids) => self.listening.with(|listener| listener.unsubscribe(&ids)),
            Message::Presence(message) => return self.listening.tell_presence(message),
            Message::Authentication { session } => return self.authenticate(session).await,
        };
        Ok(())
    }

    /// Accepts only a session, not a JWT.
    async fn authenticate(&self, session: String) -> Result<(), Refusal> {
        let invalid = || Refusal::format("Session is not valid.");
        if session.chars().count() > MAX_SESSION_LENGTH {
            return Err(invalid());
        }
        let token = SessionToken::decode(&session).ok_or_else(invalid)?;
        let is_in_project = self.listening.with(|listener| listener.is_in_project());
        if is_in_project != Some(true) {
            return Err(invalid());
        }
        let state = self.state.clone();
        let caller =
            blocking(move || by_session_token(&state, &token)).await.map_err(|error| handshake::refusal(&error))?;
        let account = handshake::account(&caller, self.profile());
        let person = handshake::person(&caller);
        let id = person.id.ok_or_else(invalid)?;
        self.listening.with(|listener| listener.authenticate(id, person.roles, account));
        Ok(())
    }

    fn refuse(&self, refusal: &Refusal) {
        tracing::debug!(%refusal, "a Realtime message is refused");
        let frame = match self.profile() {
            Profile::OneFive | Profile::OneSix | Profile::OneEight => refusal.plain_frame(),
            Profile::OneNineNext => refusal.told_frame(),
            _ => refusal.frame(),
        };
        let outgoing = if refusal.is_final() { Outgoing::Last(frame) } else { Outgoing::Text(frame) };
        self.listening.with(|listener| listener.send(outgoing));
    }
}

/// Runs blocking work outside the async threads. Propagates its panic.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => unreachable!("a blocking task is never cancelled: {cancelled}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use jiff::Timestamp;
    use serde_json::json;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

    use super::*;
    use crate::realtime::Event;
    use crate::store::Store;
    use crate::{Clock, Settings};

    type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

    async fn serve() -> (AppState, SocketAddr) {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let store = Store::in_memory().expect("a store");
        let state = AppState::new(Settings::new("unused"), Vec::new(), "key".into(), store, clock);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = router::<()>(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        (state, address)
    }

    /// A connected client that has read only the `connected` frame.
    async fn listen(address: SocketAddr) -> Client {
        let url = format!("ws://{address}/v1/realtime?project=demo&channels[]=rows");
        let (mut client, _) = connect_async(url).await.expect("an upgrade");
        client.next().await.expect("a frame").expect("connected");
        client
    }

    fn publish(state: &AppState) {
        state.hub().publish(Event {
            name: "tablesdb.main.tables.birthdays.rows.r.update".into(),
            payload: json!({"$id": "r", "name": "x".repeat(16 * 1024)}),
            read_roles: vec!["any".into()],
        });
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn slow_reader_is_closed_and_others_miss_nothing() {
        // More than the queue and the system's socket buffers can hold.
        const EVENTS: usize = 3000;
        let (state, address) = serve().await;
        let mut slow = listen(address).await;
        let mut quick = listen(address).await;
        for event in 0..EVENTS {
            publish(&state);
            let frame = quick.next().await.expect("a frame").expect("an event");
            assert!(frame.is_text(), "event {event}");
        }
        let mut received = 0;
        while let Some(Ok(frame)) = slow.next().await {
            received += usize::from(frame.is_text());
        }
        assert!(received < EVENTS, "the slow one was waited for: all {received} came");
    }
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn slow_reader_does_not_delay_shutdown() {
        let (state, address) = serve().await;
        let slow = listen(address).await;
        // More than the system buffers for a connection, but fewer than the queue holds.
        for _ in 0..1000 {
            publish(&state);
        }
        state.hub().close();
        tokio::time::timeout(10 * FAREWELL, state.hub().closed()).await.expect("all sockets closed");
        drop(slow);
    }
}
