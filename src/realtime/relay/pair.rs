//! The life of one relayed connection: a browser's socket and Appwrite's, and all the reasons to close them.

use std::fmt;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Said, WebSocket, close_code};
use futures_util::{SinkExt, StreamExt};
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message as Heard};
use tokio_util::sync::CancellationToken;

use super::filter::{Delivery, Hook, for_person};
use super::places::Place;
use super::said;
use super::upstream::Upstream;
use crate::appwrite::SessionClient;
use crate::error::AppError;
use crate::realtime::connection::CLOSED_AS_SIGNED_OUT;
use crate::realtime::protocol::{Event, Standing};

/// The two sockets of a person's connection, Appwrite's open already.
pub(super) struct Pair {
    /// Whose it is.
    pub(super) user_id: String,
    /// The session that the cookie named.
    pub(super) session_id: String,
    /// When that session ends by itself. Appwrite tells no event then.
    pub(super) expires: Option<Instant>,
    /// To ask whether the session lives, when an event leaves that open.
    pub(super) session: SessionClient,
    /// What may be listened to.
    pub(super) channels: Vec<String>,
    /// Appwrite's side.
    pub(super) upstream: Upstream,
    /// Done when the server stops.
    pub(super) closing: CancellationToken,
    /// How patient it is.
    pub(super) timing: Timing,
    /// What the person receives.
    pub(super) hook: Hook,
    /// Kept until the connection ends.
    pub(super) places: (Place<IpNet>, Place<String>),
}

/// How patient a connection is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// The time between pings, and the time in which one has to be answered.
    pub(super) ping: Duration,
    /// How long a frame may take until the other side has taken it. Nothing else is kept for it meanwhile.
    pub(super) send: Duration,
    /// How long the closing handshake may take.
    pub(super) farewell: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { ping: Duration::from_secs(20), send: Duration::from_secs(10), farewell: Duration::from_secs(1) }
    }
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    ClientLeft,
    ClientSilent,
    ClientSlow,
    UpstreamClosed(Option<u16>),
    UpstreamSilent,
    /// Appwrite connected somebody else.
    WrongPerson,
    /// The session has ended.
    SignedOut,
    /// The server stops.
    Stopping,
}

/// Which side has been heard of since it was pinged.
#[derive(Default)]
struct Silence {
    client: bool,
    upstream: bool,
    /// Whether Appwrite (or the proxy before it) answers pings at all.
    upstream_answers: bool,
}

impl Pair {
    /// Relays until one side, the session or the server ends.
    pub(super) async fn run(mut self, mut client: WebSocket) {
        let end = self.relay(&mut client).await;
        tracing::debug!(%end, "a relayed connection ends");
        let farewell = async {
            if let Some(code) = end.code() {
                let frame = CloseFrame { code, reason: "".into() };
                if client.send(Said::Close(Some(frame))).await.is_ok() {
                    // What is still on its way would reset the connection, and the code would be lost.
                    while let Some(Ok(_)) = client.recv().await {}
                }
            }
        };
        // Whether it arrives is not ours to know: the other side may be gone, or not read.
        let _ = tokio::join!(timeout(self.timing.farewell, farewell), async {
            timeout(self.timing.farewell, self.upstream.close(None)).await.ok()
        });
        drop(self.places);
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
        loop {
            let step = tokio::select! {
                () = closing.cancelled() => Err(End::Stopping),
                () = &mut expiry => Err(End::SignedOut),
                _ = pings.tick() => self.ping(client, &mut silence).await,
                said = client.recv() => {
                    silence.client = false;
                    self.client_said(said).await
                }
                heard = self.upstream.next() => {
                    silence.upstream = false;
                    silence.upstream_answers |= matches!(heard, Some(Ok(Heard::Pong(_))));
                    self.upstream_said(client, heard).await
                }
            };
            if let Err(end) = step {
                return end;
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
        self.to_client(client, Said::Ping(Vec::new().into())).await?;
        self.to_upstream(Heard::Ping(Vec::new().into())).await
    }

    async fn client_said(&mut self, said: Option<Result<Said, axum::Error>>) -> Result<(), End> {
        match said {
            Some(Ok(Said::Text(text))) => match said::allowed(&text, &self.channels) {
                Some(text) => self.to_upstream(Heard::Text(text.into())).await,
                None => {
                    tracing::debug!("a browser said something that is not relayed");
                    Ok(())
                }
            },
            Some(Ok(Said::Ping(_) | Said::Pong(_) | Said::Binary(_))) => Ok(()),
            Some(Ok(Said::Close(_)) | Err(_)) | None => Err(End::ClientLeft),
        }
    }

    async fn upstream_said(
        &mut self,
        client: &mut WebSocket,
        heard: Option<Result<Heard, tungstenite::Error>>,
    ) -> Result<(), End> {
        match heard {
            Some(Ok(Heard::Text(text))) => self.frame(client, &text).await,
            Some(Ok(Heard::Ping(_) | Heard::Pong(_) | Heard::Binary(_) | Heard::Frame(_))) => Ok(()),
            Some(Ok(Heard::Close(frame))) => Err(End::UpstreamClosed(frame.map(|frame| frame.code.into()))),
            Some(Err(_)) | None => Err(End::UpstreamClosed(None)),
        }
    }

    async fn frame(&mut self, client: &mut WebSocket, text: &str) -> Result<(), End> {
        // What cannot be read cannot be filtered either.
        let Ok(mut frame) = serde_json::from_str::<Value>(text) else { return Ok(()) };
        if self.connects_somebody_else(&frame) {
            return Err(End::WrongPerson);
        }
        let standing = self.standing(&frame);
        if for_person(&mut frame, &self.user_id, self.hook) == Delivery::Pass {
            self.to_client(client, Said::Text(frame.to_string().into())).await?;
        }
        match standing {
            Some(Standing::SessionDeleted | Standing::Blocked | Standing::AccountDeleted) => Err(End::SignedOut),
            Some(Standing::InDoubt) => self.ask_whether_session_lives().await,
            None => Ok(()),
        }
    }

    fn connects_somebody_else(&self, frame: &Value) -> bool {
        let id = frame["data"]["user"]["$id"].as_str();
        frame["type"] == "connected" && id.is_some_and(|id| id != self.user_id)
    }

    /// What an event says of the person's right to be here.
    fn standing(&self, frame: &Value) -> Option<Standing> {
        let data = frame.get("data")?;
        let name = data.get("events")?.get(0)?.as_str()?;
        // Most events are of rows, and are spared a copy.
        if frame.get("type")? != "event" || !name.starts_with("users.") {
            return None;
        }
        Event::deserialize(data).ok()?.standing(&self.user_id, Some(&self.session_id))
    }

    /// Asked while nothing is relayed: what comes after the doubt waits for the answer.
    async fn ask_whether_session_lives(&self) -> Result<(), End> {
        let account = tokio::select! {
            () = self.closing.cancelled() => return Err(End::Stopping),
            account = self.session.account() => account.map_err(AppError::from),
        };
        match account {
            Err(AppError::SignedOut | AppError::Blocked | AppError::MoreFactorsRequired) => Err(End::SignedOut),
            // An outage signs nobody out.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn to_client(&self, client: &mut WebSocket, message: Said) -> Result<(), End> {
        tokio::select! {
            () = self.closing.cancelled() => Err(End::Stopping),
            sent = timeout(self.timing.send, client.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::ClientLeft),
                Err(_) => Err(End::ClientSlow),
            },
        }
    }

    async fn to_upstream(&mut self, message: Heard) -> Result<(), End> {
        tokio::select! {
            () = self.closing.cancelled() => Err(End::Stopping),
            sent = timeout(self.timing.send, self.upstream.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::UpstreamClosed(None)),
                Err(_) => Err(End::UpstreamSilent),
            },
        }
    }
}

impl End {
    /// The code that the browser is told; nothing if it is not there any more.
    fn code(self) -> Option<u16> {
        match self {
            Self::ClientLeft => None,
            Self::ClientSlow => Some(close_code::AGAIN),
            Self::SignedOut => Some(CLOSED_AS_SIGNED_OUT),
            Self::Stopping | Self::ClientSilent => Some(close_code::AWAY),
            // Those that Appwrite uses and that may be sent.
            Self::UpstreamClosed(Some(code @ (1000 | 1001 | 1003 | 1008 | 1013))) => Some(code),
            Self::UpstreamClosed(_) | Self::UpstreamSilent | Self::WrongPerson => Some(close_code::ERROR),
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
            Self::WrongPerson => "Appwrite has connected somebody else",
            Self::SignedOut => "the session has ended",
            Self::Stopping => "the server stops",
        })
    }
}
