//! One relayed connection: the browser's socket, Appwrite's socket, and all reasons to close them.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as ClientMessage, WebSocket, close_code};
use futures_util::future::{BoxFuture, Fuse};
use futures_util::{FutureExt, SinkExt, StreamExt};
use ipnet::IpNet;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message as UpstreamMessage, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::channels::Channels;
use super::client_frames;
use super::filter::for_user;
use super::upstream::Upstream;
use crate::error::AppError;
use crate::metrics::{Relayed, relayed_frame};
use crate::realtime::relay_policy::{Delivery, EventFilter};
use crate::security::permits::Permit;
use appwrite_client::SessionClient;
use appwrite_realtime::connection::CLOSED_AS_SIGNED_OUT;
use appwrite_realtime::protocol::{ServerFrame, SessionEffect};

/// Appwrite's code for an invalid message.
const INVALID_MESSAGE: u16 = 1003;

/// With this many bytes held during a session check, the relay reads no further frame of Appwrite.
const MOST_HELD: usize = 256 * 1024;

/// A user's relayed connection, with Appwrite's socket already open.
pub(super) struct Pair {
    /// The user's id.
    pub(super) user_id: String,
    /// The id of the cookie's session.
    pub(super) session_id: String,
    /// The session's expiry. Appwrite sends no event for it.
    pub(super) expires: Option<Instant>,
    /// Checks the session when an event leaves its state open.
    pub(super) session: SessionClient,
    /// The channels that the browser may subscribe to.
    pub(super) channels: Channels,
    /// Appwrite's socket.
    pub(super) upstream: Upstream,
    /// The ids of the relay's own subscriptions, once Appwrite has sent them.
    pub(super) own_subscriptions: Option<Vec<String>>,
    /// The frames that wait for the session check, if an event has left the session in doubt.
    pub(super) held: Option<VecDeque<Utf8Bytes>>,
    /// Cancelled when the server stops.
    pub(super) closing: CancellationToken,
    /// The time limits.
    pub(super) timing: Timing,
    /// The filter for events.
    pub(super) filter: EventFilter,
    /// Held until the connection ends.
    pub(super) permits: (Permit<()>, Permit<IpNet>, Permit<String>),
}

/// The time limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// The interval of pings, and the deadline for each answer.
    pub(super) ping: Duration,
    /// The time limit for sending a frame. The relay buffers nothing else meanwhile.
    pub(super) send: Duration,
    /// The time limit for the closing handshake, and for Appwrite's event about a session whose end a check has found.
    pub(super) farewell: Duration,
    /// The interval of session checks. Appwrite sends no event when a session limit ends a session.
    pub(super) check: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(20),
            send: Duration::from_secs(10),
            farewell: Duration::from_secs(1),
            check: Duration::from_secs(300),
        }
    }
}

/// The reason for closing a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    ClientLeft,
    ClientSilent,
    ClientSlow,
    UpstreamClosed(Option<u16>),
    UpstreamSilent,
    /// Appwrite connected another user.
    WrongUser,
    /// The session has ended.
    SignedOut,
    /// The server stops.
    Stopping,
}

/// The relay's action after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Continue,
    CheckSession,
}

/// Tracks which side has sent something since its last ping.
#[derive(Default)]
struct Silence {
    client: bool,
    upstream: bool,
    /// True if Appwrite (or its proxy) answers pings at all.
    upstream_answers: bool,
}

impl Pair {
    /// Relays until one side, the session or the server ends.
    pub(super) async fn run(mut self: Box<Self>, mut client: WebSocket) {
        let _counted = Relayed::of_session(&self.session_id);
        let end = self.relay(&mut client).await;
        tracing::debug!(%end, "a relayed connection ends");
        let farewell = async {
            if let Some(code) = end.code() {
                let frame = CloseFrame { code, reason: "".into() };
                if client.send(ClientMessage::Close(Some(frame))).await.is_ok() {
                    // Unread data would reset the connection, and the browser would lose the close code.
                    while let Some(Ok(_)) = client.recv().await {}
                }
            }
        };
        // Ignores failures: the other side may be gone or not reading.
        let _ = tokio::join!(timeout(self.timing.farewell, farewell), async {
            timeout(self.timing.farewell, self.upstream.close(None)).await.ok()
        });
        drop(self.permits);
    }

    async fn relay(&mut self, client: &mut WebSocket) -> End {
        let period = self.timing.ping;
        let mut pings = interval_at(Instant::now() + period, period);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silence = Silence::default();
        let closing = self.closing.clone();
        let expires = self.expires;
        let expiry = async move {
            match expires {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(expiry);
        // Browsers reconnect together after a restart. The random delay spreads their session checks.
        let first_check = self.timing.check.mul_f64(0.5 + rand::random::<f64>() / 2.0);
        let mut checks = interval_at(Instant::now() + first_check, self.timing.check);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // In a box, because a connection rarely checks, and a call to Appwrite is as large as all the rest.
        let mut check = Fuse::<BoxFuture<'static, bool>>::terminated();
        loop {
            let step = tokio::select! {
                () = closing.cancelled() => Err(End::Stopping),
                () = &mut expiry => Err(End::SignedOut),
                _ = pings.tick() => self.ping(client, &mut silence).await.map(|()| Next::Continue),
                _ = checks.tick() => Ok(Next::CheckSession),
                has_ended = &mut check => match has_ended {
                    true => Err(self.explain_end(client).await),
                    false => self.release(client).await,
                },
                message = client.recv() => {
                    silence.client = false;
                    self.on_client_message(client, message).await.map(|()| Next::Continue)
                }
                message = self.upstream.next(), if self.has_room() => {
                    silence.upstream = false;
                    silence.upstream_answers |= matches!(message, Some(Ok(UpstreamMessage::Pong(_))));
                    self.on_upstream_message(client, message).await
                }
            };
            match step {
                Ok(Next::Continue) => {}
                // Replaces a check that began earlier and may have missed what an event reports.
                Ok(Next::CheckSession) => check = has_ended(self.session.clone()).boxed().fuse(),
                Err(end) => return end,
            }
        }
    }

    async fn ping(&mut self, client: &mut WebSocket, silence: &mut Silence) -> Result<(), End> {
        if silence.client {
            return Err(End::ClientSilent);
        }
        if silence.upstream && silence.upstream_answers {
            return Err(End::UpstreamSilent);
        }
        silence.client = true;
        silence.upstream = true;
        self.send_client(client, ClientMessage::Ping(Vec::new().into())).await?;
        self.send_upstream(UpstreamMessage::Ping(Vec::new().into())).await
    }

    async fn on_client_message(
        &mut self,
        client: &mut WebSocket,
        message: Option<Result<ClientMessage, axum::Error>>,
    ) -> Result<(), End> {
        match message {
            Some(Ok(ClientMessage::Text(text))) => {
                if let Some(channel) = client_frames::unknown_channel(&text, self.channels.names()) {
                    let refusal = client_frames::refusal(INVALID_MESSAGE, &channel);
                    return self.send_client(client, ClientMessage::Text(refusal.into())).await;
                }
                match client_frames::allowed(&text, self.channels.names(), self.own_subscriptions.as_deref()) {
                    Some(text) => self.send_upstream(UpstreamMessage::Text(text.into())).await,
                    None => {
                        tracing::debug!("the relay drops a frame of a browser");
                        Ok(())
                    }
                }
            }
            Some(Ok(ClientMessage::Ping(_) | ClientMessage::Pong(_) | ClientMessage::Binary(_))) => Ok(()),
            Some(Ok(ClientMessage::Close(_)) | Err(_)) | None => Err(End::ClientLeft),
        }
    }

    async fn on_upstream_message(
        &mut self,
        client: &mut WebSocket,
        message: Option<Result<UpstreamMessage, tungstenite::Error>>,
    ) -> Result<Next, End> {
        match message {
            Some(Ok(UpstreamMessage::Text(text))) => self.frame(client, text).await,
            Some(Ok(
                UpstreamMessage::Ping(_)
                | UpstreamMessage::Pong(_)
                | UpstreamMessage::Binary(_)
                | UpstreamMessage::Frame(_),
            )) => Ok(Next::Continue),
            Some(Ok(UpstreamMessage::Close(frame))) => Err(End::UpstreamClosed(frame.map(|frame| frame.code.into()))),
            Some(Err(_)) | None => Err(End::UpstreamClosed(None)),
        }
    }

    /// Forwards a frame. While the session is in doubt, holds it, unless it says why the session has ended.
    async fn frame(&mut self, client: &mut WebSocket, text: Utf8Bytes) -> Result<Next, End> {
        // The relay cannot filter what it cannot parse.
        let Ok(mut frame) = serde_json::from_str::<Value>(&text) else { return Ok(Next::Continue) };
        let effect = self.session_effect(&frame, &text);
        let is_end = effect.as_ref().is_some_and(|effect| *effect != SessionEffect::InDoubt);
        if let Some(held) = &mut self.held
            && !is_end
        {
            held.push_back(text);
            return Ok(Next::Continue);
        }
        if self.connects_another_user(&frame) {
            return Err(End::WrongUser);
        }
        self.keep_own_subscriptions(&mut frame);
        if for_user(&mut frame, &self.user_id, self.filter) == Delivery::Pass {
            self.send_client(client, ClientMessage::Text(frame.to_string().into())).await?;
        }
        match effect {
            Some(SessionEffect::SessionDeleted | SessionEffect::Blocked | SessionEffect::AccountDeleted) => {
                Err(End::SignedOut)
            }
            Some(SessionEffect::InDoubt) => {
                self.held = Some(VecDeque::new());
                Ok(Next::CheckSession)
            }
            None => Ok(Next::Continue),
        }
    }

    /// Limits the memory for held frames; the network holds the others.
    fn has_room(&self) -> bool {
        self.held.as_ref().is_none_or(|held| held.iter().map(|text| text.len()).sum::<usize>() < MOST_HELD)
    }

    /// Forwards the held frames, up to the next that leaves the session in doubt.
    async fn release(&mut self, client: &mut WebSocket) -> Result<Next, End> {
        let mut held = self.held.take().unwrap_or_default();
        while let Some(text) = held.pop_front() {
            if self.frame(client, text).await? == Next::CheckSession {
                self.held = Some(held);
                return Ok(Next::CheckSession);
            }
        }
        Ok(Next::Continue)
    }

    /// Waits for the event with the reason for the session's end: the check's response can be faster, and some ends
    /// have no event.
    async fn explain_end(&mut self, client: &mut WebSocket) -> End {
        let time = self.timing.farewell;
        let event = async {
            loop {
                self.held = Some(VecDeque::new());
                match self.upstream.next().await {
                    Some(Ok(UpstreamMessage::Text(text))) => {
                        if let Err(end) = self.frame(client, text).await {
                            return end;
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return End::SignedOut,
                }
            }
        };
        timeout(time, event).await.unwrap_or(End::SignedOut)
    }

    /// Stores the ids of the relay's own subscriptions and removes them from the browser's frame.
    fn keep_own_subscriptions(&mut self, frame: &mut Value) {
        let is_connected = frame["type"] == "connected";
        let subscriptions = frame.get_mut("data").and_then(|data| data.get_mut("subscriptions"));
        if is_connected && self.own_subscriptions.is_none() {
            self.own_subscriptions = Some(subscriptions.map(take_ids).unwrap_or_default());
        } else if let (Some(Value::Array(named)), Some(own)) = (subscriptions, &self.own_subscriptions) {
            named.retain(|id| id.as_str().is_none_or(|id| !own.iter().any(|own| own == id)));
        }
    }

    fn connects_another_user(&self, frame: &Value) -> bool {
        let id = frame["data"]["user"]["$id"].as_str();
        frame["type"] == "connected" && id.is_some_and(|id| id != self.user_id)
    }

    /// Returns an event's effect on the user's session.
    fn session_effect(&self, frame: &Value, text: &str) -> Option<SessionEffect> {
        let name = frame.get("data")?.get("events")?.get(0)?.as_str()?;
        // Row events are the common case, and are not parsed again.
        if frame.get("type")? != "event" || !name.starts_with("users.") {
            return None;
        }
        let Ok(ServerFrame::Event(event)) = ServerFrame::parse(text) else { return None };
        event.session_effect(&self.user_id, Some(&self.session_id))
    }

    async fn send_client(&self, client: &mut WebSocket, message: ClientMessage) -> Result<(), End> {
        tokio::select! {
            () = self.closing.cancelled() => Err(End::Stopping),
            sent = timeout(self.timing.send, client.send(message)) => match sent {
                Ok(Ok(())) => {
                    relayed_frame("browser");
                    Ok(())
                }
                Ok(Err(_)) => Err(End::ClientLeft),
                Err(_) => Err(End::ClientSlow),
            },
        }
    }

    async fn send_upstream(&mut self, message: UpstreamMessage) -> Result<(), End> {
        tokio::select! {
            () = self.closing.cancelled() => Err(End::Stopping),
            sent = timeout(self.timing.send, self.upstream.send(message)) => match sent {
                Ok(Ok(())) => {
                    relayed_frame("appwrite");
                    Ok(())
                }
                Ok(Err(_)) => Err(End::UpstreamClosed(None)),
                Err(_) => Err(End::UpstreamSilent),
            },
        }
    }
}

/// True if Appwrite rejects the session. An outage does not sign users out.
async fn has_ended(session: SessionClient) -> bool {
    let account = session.account().await.map_err(AppError::from);
    matches!(
        account,
        Err(AppError::SignedOut | AppError::Blocked | AppError::MoreFactorsRequired | AppError::PasswordResetRequired)
    )
}

/// Empties a list of subscriptions, which PHP writes as an array or an object, and returns their ids.
fn take_ids(subscriptions: &mut Value) -> Vec<String> {
    let ids = match subscriptions.take() {
        Value::Array(ids) => ids,
        Value::Object(ids) => ids.into_iter().map(|(_, id)| id).collect(),
        _ => Vec::new(),
    };
    *subscriptions = Value::Array(Vec::new());
    ids.into_iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

impl End {
    /// Returns the close code for the browser; none if the browser is gone.
    fn code(self) -> Option<u16> {
        match self {
            Self::ClientLeft => None,
            Self::ClientSlow => Some(close_code::AGAIN),
            Self::SignedOut => Some(CLOSED_AS_SIGNED_OUT),
            Self::Stopping | Self::ClientSilent => Some(close_code::AWAY),
            // The codes that Appwrite uses and that RFC 6455 allows to send.
            Self::UpstreamClosed(Some(code @ (1000 | 1001 | 1003 | 1008 | 1013))) => Some(code),
            Self::UpstreamClosed(_) | Self::UpstreamSilent | Self::WrongUser => Some(close_code::ERROR),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ClientLeft => "the browser has left",
            Self::ClientSilent => "the browser does not answer",
            Self::ClientSlow => "the browser does not keep up",
            Self::UpstreamClosed(_) => "Appwrite has closed it",
            Self::UpstreamSilent => "Appwrite does not answer",
            Self::WrongUser => "Appwrite has connected another user",
            Self::SignedOut => "the session has ended",
            Self::Stopping => "the server stops",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::Router;
    use axum::extract::ws::WebSocketUpgrade;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use serde_json::json;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::{mpsc, oneshot};
    use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_async, connect_async};
    use url::Url;

    use super::*;
    use crate::realtime::relay_policy::{pass, remove_field};
    use crate::security::permits::Permits;
    use appwrite_client::{Appwrite, AppwriteSettings, SessionSecret};

    type Browser = WebSocketStream<MaybeTlsStream<TcpStream>>;
    type Server = WebSocketStream<TcpStream>;

    const PATIENT: Timing = Timing {
        ping: Duration::from_secs(60),
        send: Duration::from_secs(60),
        farewell: Duration::from_millis(100),
        check: Duration::from_secs(60),
    };
    /// The time limit before the test fails.
    const LONG: Duration = Duration::from_secs(30);

    /// Creates a relayed connection. The test acts as the browser and as Appwrite.
    async fn between(timing: Timing, filter: EventFilter) -> (Browser, Server) {
        between_at("http://127.0.0.1:9/v1", timing, filter).await
    }

    /// The same, with session checks that ask `endpoint`.
    async fn between_at(endpoint: &str, timing: Timing, filter: EventFilter) -> (Browser, Server) {
        let appwrite = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("ws://{}", appwrite.local_addr().expect("an address"));
        let (upstream, server) = tokio::join!(connect_async(address), async {
            let (stream, _) = appwrite.accept().await.expect("a connection");
            accept_async(stream).await.expect("a handshake")
        });
        let settings = AppwriteSettings {
            endpoint: Url::parse(endpoint).expect("an address"),
            project_id: "demo".into(),
            api_key: "key".into(),
        };
        let pair = Box::new(Pair {
            user_id: "kim".into(),
            session_id: "s1".into(),
            expires: None,
            session: Appwrite::new(settings).expect("a client").session(SessionSecret::new("secret")),
            channels: Channels::new(Vec::new()),
            upstream: upstream.expect("a connection").0,
            own_subscriptions: None,
            held: None,
            closing: CancellationToken::new(),
            timing,
            filter,
            permits: (
                Permits::new(1).take(()).expect("a permit"),
                Permits::new(1).take("127.0.0.1/32".parse().expect("a network")).expect("a permit"),
                Permits::new(1).take("kim".to_owned()).expect("a permit"),
            ),
        });
        let pair = std::sync::Arc::new(Mutex::new(Some(pair)));
        let route = get(move |upgrade: WebSocketUpgrade| async move {
            match pair.lock().expect("the pair").take() {
                Some(pair) => upgrade.on_upgrade(move |socket| pair.run(socket)),
                None => StatusCode::CONFLICT.into_response(),
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("ws://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route)).await });
        (connect_async(address).await.expect("a connection").0, server)
    }

    async fn say(server: &mut Server, frame: Value) {
        server.send(UpstreamMessage::Text(frame.to_string().into())).await.expect("an open socket");
    }

    /// Returns all frames that reach the browser, and the close code.
    async fn all(browser: &mut Browser) -> (Vec<Value>, Option<u16>) {
        let mut frames = Vec::new();
        loop {
            match timeout(LONG, browser.next()).await.expect("a frame in time") {
                Some(Ok(UpstreamMessage::Text(text))) => frames.push(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(UpstreamMessage::Close(frame))) => return (frames, frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (frames, None),
            }
        }
    }

    fn withholding_drafts(_: &str, event: &mut Value) -> Delivery {
        if event["payload"]["draft"] == true {
            return Delivery::Withhold;
        }
        remove_field(event, "note");
        Delivery::Pass
    }

    #[tokio::test]
    async fn withheld_events_and_stripped_fields_are_not_forwarded() {
        let (mut browser, mut server) = between(PATIENT, withholding_drafts).await;
        let event = |payload: Value| json!({"type": "event", "data": {"events": ["x"], "payload": payload}});
        say(&mut server, event(json!({"draft": true}))).await;
        say(&mut server, event(json!({"draft": false, "note": "ours"}))).await;
        server.close(None).await.expect("an open socket");
        let (frames, _) = all(&mut browser).await;
        assert_eq!(frames, [event(json!({"draft": false}))]);
    }

    #[tokio::test]
    async fn unreadable_frames_are_not_forwarded() {
        let (mut browser, mut server) = between(PATIENT, pass).await;
        server.send(UpstreamMessage::Text(r#"{"secret":"abc""#.into())).await.expect("an open socket");
        server.send(UpstreamMessage::Binary(b"abc".to_vec().into())).await.expect("an open socket");
        say(&mut server, json!({"type": "pong"})).await;
        server.close(None).await.expect("an open socket");
        assert_eq!(all(&mut browser).await.0, [json!({"type": "pong"})]);
    }

    #[tokio::test]
    async fn subscriptions_of_the_relay_are_hidden() {
        for ids in [json!(["own"]), json!({"0": "own"})] {
            let (mut browser, mut server) = between(PATIENT, pass).await;
            say(&mut server, json!({"type": "connected", "data": {"subscriptions": ids, "user": {"$id": "kim"}}}))
                .await;
            say(&mut server, json!({"type": "event", "data": {"subscriptions": ["own", "added"]}})).await;
            server.close(None).await.expect("an open socket");
            let connected = json!({"type": "connected", "data": {"subscriptions": [], "user": {"$id": "kim"}}});
            let event = json!({"type": "event", "data": {"subscriptions": ["added"]}});
            assert_eq!(all(&mut browser).await.0, [connected, event]);
        }
    }

    #[tokio::test]
    async fn connection_of_another_user_is_not_relayed() {
        let (mut browser, mut server) = between(PATIENT, pass).await;
        say(&mut server, json!({"type": "connected", "data": {"user": {"$id": "laura"}}})).await;
        assert_eq!(all(&mut browser).await, (vec![], Some(close_code::ERROR)));
    }

    #[tokio::test]
    async fn silent_browser_is_closed() {
        let (browser, mut server) = between(Timing { ping: Duration::from_millis(100), ..PATIENT }, pass).await;
        let ended = async { while let Some(Ok(_)) = server.next().await {} };
        timeout(LONG, ended).await.expect("the end of Appwrite's side");
        // Keeps the socket open without reading from it, until here.
        drop(browser);
    }

    #[tokio::test]
    async fn silent_appwrite_is_abandoned() {
        let (mut browser, mut server) = between(Timing { ping: Duration::from_millis(100), ..PATIENT }, pass).await;
        let first_ping = timeout(LONG, server.next()).await.expect("a ping in time");
        assert!(matches!(first_ping, Some(Ok(UpstreamMessage::Ping(_)))));
        server.flush().await.expect("the pong is sent");
        assert_eq!(all(&mut browser).await, (vec![], Some(close_code::ERROR)));
    }

    #[tokio::test]
    async fn slow_browser_is_closed_and_nothing_is_buffered() {
        // Far more than the operating system buffers for two connections.
        const FRAMES: usize = 2000;
        let timing = Timing { send: Duration::from_millis(200), ..PATIENT };
        let (browser, mut server) = between(timing, pass).await;
        let frame = json!({"type": "event", "data": {"payload": {"name": "x".repeat(64 * 1024)}}}).to_string();
        let mut sent = 0;
        let flood = async {
            while sent < FRAMES && server.send(UpstreamMessage::Text(frame.clone().into())).await.is_ok() {
                sent += 1;
            }
        };
        timeout(LONG, flood).await.expect("the end of Appwrite's side");
        assert!(sent < FRAMES, "all was taken, and kept somewhere");
        drop(browser);
    }

    /// An Appwrite whose answers to session checks the test sends.
    struct Checks {
        endpoint: String,
        asked: mpsc::Receiver<oneshot::Sender<StatusCode>>,
    }

    impl Checks {
        async fn start() -> Self {
            let (sender, asked) = mpsc::channel(8);
            let account = get(move || async move {
                let (answer, answered) = oneshot::channel();
                sender.send(answer).await.expect("the test");
                let code = answered.await.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                let kind = "general_unauthorized_scope";
                let user = json!({"$id": "kim", "name": "", "email": "", "type": kind, "code": 401, "message": ""});
                (code, axum::Json(user))
            });
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
            tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/account", account)).await });
            Self { endpoint, asked }
        }

        /// Returns the way to answer the next check, which is under way.
        async fn next(&mut self) -> oneshot::Sender<StatusCode> {
            timeout(LONG, self.asked.recv()).await.expect("a check in time").expect("the server")
        }
    }

    fn session_event(name: &str) -> Value {
        json!({"type": "event", "data": {"events": [format!("users.kim.sessions.{name}")], "channels": ["account"],
            "timestamp": "2026-11-27T07:00:00.000+00:00", "payload": {}}})
    }

    fn row(name: &str) -> Value {
        json!({"type": "event", "data": {"events": ["tablesdb.main.x"], "payload": {"name": name}}})
    }

    #[tokio::test]
    async fn end_of_the_session_is_explained_during_a_check() {
        let mut checks = Checks::start().await;
        let (mut browser, mut server) = between_at(&checks.endpoint, PATIENT, pass).await;
        say(&mut server, session_event("s2.create")).await;
        let _unanswered = checks.next().await;
        say(&mut server, row("Private")).await;
        say(&mut server, session_event("s1.delete")).await;
        let expected = vec![session_event("s2.create"), session_event("s1.delete")];
        assert_eq!(all(&mut browser).await, (expected, Some(CLOSED_AS_SIGNED_OUT)));
    }

    #[tokio::test]
    async fn end_of_the_session_is_explained_after_a_check() {
        let mut checks = Checks::start().await;
        let timing = Timing { farewell: LONG, ..PATIENT };
        let (mut browser, mut server) = between_at(&checks.endpoint, timing, pass).await;
        say(&mut server, session_event("s2.create")).await;
        checks.next().await.send(StatusCode::UNAUTHORIZED).expect("the server");
        say(&mut server, row("Private")).await;
        say(&mut server, session_event("s1.delete")).await;
        let expected = vec![session_event("s2.create"), session_event("s1.delete")];
        assert_eq!(all(&mut browser).await, (expected, Some(CLOSED_AS_SIGNED_OUT)));
    }

    #[tokio::test]
    async fn session_that_ends_without_an_event_is_closed() {
        let mut checks = Checks::start().await;
        let (mut browser, mut server) = between_at(&checks.endpoint, PATIENT, pass).await;
        say(&mut server, session_event("s2.create")).await;
        let answer = checks.next().await;
        say(&mut server, row("Private")).await;
        answer.send(StatusCode::UNAUTHORIZED).expect("the server");
        let expected = vec![session_event("s2.create")];
        assert_eq!(all(&mut browser).await, (expected, Some(CLOSED_AS_SIGNED_OUT)));
    }

    #[tokio::test]
    async fn frames_wait_for_session_checks_in_order() {
        let mut checks = Checks::start().await;
        let (mut browser, mut server) = between_at(&checks.endpoint, PATIENT, pass).await;
        say(&mut server, session_event("s2.create")).await;
        let first = checks.next().await;
        say(&mut server, row("first")).await;
        say(&mut server, session_event("s3.create")).await;
        say(&mut server, row("second")).await;
        // The relay answers the ping only after it has read all of this.
        server.send(UpstreamMessage::Ping("read".into())).await.expect("an open socket");
        while !matches!(server.next().await, Some(Ok(UpstreamMessage::Pong(_)))) {}
        first.send(StatusCode::OK).expect("the server");
        let second = checks.next().await;
        server.close(None).await.expect("an open socket");
        let expected = vec![session_event("s2.create"), row("first"), session_event("s3.create")];
        let mut seen = Vec::new();
        while seen.len() < expected.len() {
            if let Some(Ok(UpstreamMessage::Text(text))) = browser.next().await {
                seen.push(serde_json::from_str::<Value>(&text).expect("JSON"));
            }
        }
        assert_eq!(seen, expected);
        drop(second);
        assert_eq!(all(&mut browser).await.0, Vec::<Value>::new());
    }

    #[tokio::test]
    async fn frames_of_a_valid_session_are_forwarded() {
        let mut checks = Checks::start().await;
        let (mut browser, mut server) = between_at(&checks.endpoint, PATIENT, pass).await;
        say(&mut server, session_event("s2.create")).await;
        let answer = checks.next().await;
        // Far more than the relay holds.
        let rows: Vec<Value> = (0..20).map(|at| row(&format!("{at}{}", "x".repeat(64 * 1024)))).collect();
        let sending = async {
            for row in &rows {
                say(&mut server, row.clone()).await;
            }
            server.close(None).await.expect("an open socket");
        };
        let read = async {
            answer.send(StatusCode::OK).expect("the server");
            all(&mut browser).await.0
        };
        let (read, ()) = tokio::join!(read, sending);
        assert_eq!(read.len(), 1 + rows.len());
        assert_eq!(read[1..], rows);
    }
}
