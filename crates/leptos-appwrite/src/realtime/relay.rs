//! The relay: a WebSocket on our own origin that forwards to Appwrite's Realtime. For servers that ignore a JWT in the
//! address, networks that only reach our origin, and teams that filter events.
//!
//! The cookie identifies the user. The relay connects to Appwrite as that user, with a JWT that never leaves our
//! server. [`client_frames`] restricts what a browser sends, [`filter`] what it receives, and [`pair`] the
//! connection's lifetime. [`relay_policy`](super::relay_policy) is the app's part of both.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::Instrument;

use self::channels::Channels;
use self::pair::Pair;
use self::upstream::UpstreamError;
use super::jwt::session_and_jwt;
use super::relay_policy::{EventFilter, RelayPolicy};
use crate::config::{AppOrigin, Config, RealtimeTransport};
use crate::error::AppError;
use crate::error::http::refusal_in_json;
use crate::error::http::status;
use crate::security::permits::Permit;
use crate::security::rate_limit::network_of;
use crate::session::cookie::RequestSession;
use crate::session::request::Sender;
use crate::site::Wording;
use crate::state::AppState;

mod channels;
mod client_frames;
mod filter;
mod pair;
mod probe;
mod proxy;
pub mod registry;
mod transport;
mod upstream;

pub(super) use transport::is_needed;

/// The relay's path on our origin.
pub const PATH: &str = "/realtime";

/// Log directives for the WebSocket library: at trace level it logs whole requests and frames, including tokens.
pub const LOG_DIRECTIVES: [&str; 2] = ["tungstenite=info", "tokio_tungstenite=info"];

/// The close code for a policy violation (RFC 6455). Appwrite also uses it for unknown projects.
const POLICY_VIOLATION: u16 = 1008;
/// The time for a browser to read why its channel is refused.
const REFUSAL_DEADLINE: Duration = Duration::from_secs(1);
/// The `Retry-After` of a full server.
const COME_BACK_AFTER: Duration = Duration::from_secs(60);
/// The read buffer of a browser's socket, in bytes. The default is 128 KiB per socket. A browser sends little: pings, and
/// subscriptions of a few hundred bytes.
const READ_BUFFER: usize = 512;

/// The reason for refusing a connection.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the request does not come from a page of ours")]
    ForeignOrigin,
    #[error("the request is no handshake of a WebSocket")]
    NoWebSocket(WebSocketUpgradeRejection),
    #[error("the relay is switched off")]
    SwitchedOff,
    #[error("the server stops")]
    Stopping,
    #[error("the request has no session, or more than one")]
    NoSession,
    #[error("the channel {channel} is not relayed")]
    UnknownChannel { channel: String, permits: Box<(Permit<()>, Permit<IpNet>)> },
    #[error("too many connections of one person or address")]
    TooMany,
    #[error("too many connections in all (REALTIME_TOTAL)")]
    Full,
    #[error("Appwrite does not accept the session: {0}")]
    Session(AppError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

/// Accepts every configuration: this build has the relay.
pub fn require(_config: &Config) -> Result<(), &'static str> {
    Ok(())
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Returns the relay's route.
pub fn routes(state: &AppState, policy: RelayPolicy) -> Router<AppState> {
    let channels = Channels::new((policy.channels)(&state.config.database_id, state.site.tables));
    let handler = move |State(state): State<AppState>, parts: Parts, upgrade: Upgrade| async move {
        open(&state, parts, upgrade, &channels, policy.filter).await
    };
    Router::new().route(PATH, get(handler))
}

async fn open(state: &AppState, parts: Parts, upgrade: Upgrade, channels: &Channels, filter: EventFilter) -> Response {
    let outcome = match check(state, &parts.headers) {
        Ok(()) => match upgrade {
            Ok(upgrade) => match pair(state, &parts, channels, filter).await {
                // A page can read frames, but not why a handshake failed.
                Err(Refusal::UnknownChannel { channel, permits }) => {
                    let open = state.relay.pairs.token();
                    return upgrade.on_upgrade(async move |socket| {
                        refuse_channel(socket, channel).await;
                        drop((permits, open));
                    });
                }
                outcome => outcome.map(|pair| (upgrade, pair)),
            },
            Err(rejection) => Err(Refusal::NoWebSocket(rejection)),
        },
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok((upgrade, pair)) => {
            // Taken before the upgrade: a server that stops in between waits for it.
            let open = state.relay.pairs.token();
            upgrade
                .read_buffer_size(READ_BUFFER)
                .max_message_size(client_frames::MAX_LENGTH)
                .max_frame_size(client_frames::MAX_LENGTH)
                .on_upgrade(async move |socket| {
                    pair.run(socket).in_current_span().await;
                    drop(open);
                })
        }
        Err(refusal) => {
            tracing::info!(%refusal, "a connection is not relayed");
            refusal.answer(&state.site.wording)
        }
    }
}

/// Sends the name of the refused channel and closes.
async fn refuse_channel(mut socket: WebSocket, channel: String) {
    let frame = Message::Text(client_frames::refusal(POLICY_VIOLATION, &channel).into());
    let close = Message::Close(Some(CloseFrame { code: POLICY_VIOLATION, reason: "".into() }));
    // Ignores failures: the browser may be gone.
    let _ = tokio::time::timeout(REFUSAL_DEADLINE, async {
        socket.send(frame).await?;
        socket.send(close).await
    })
    .await;
}

/// Runs the checks that do not need the session.
fn check(state: &AppState, headers: &HeaderMap) -> Result<(), Refusal> {
    if !is_own_page(headers, &state.config.origin) {
        return Err(Refusal::ForeignOrigin);
    }
    if state.config.realtime == RealtimeTransport::Direct {
        return Err(Refusal::SwitchedOff);
    }
    if state.relay.closing.is_cancelled() {
        return Err(Refusal::Stopping);
    }
    Ok(())
}

/// Browsers send the page's origin with every handshake. Only this check keeps other sites from using the cookie,
/// because scripts of any site may open a socket to us.
fn is_own_page(headers: &HeaderMap, own: &AppOrigin) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.to_str().is_ok_and(|origin| own.allows(origin)),
        _ => false,
    }
}

/// Connects to Appwrite as the cookie's user.
async fn pair(state: &AppState, parts: &Parts, channels: &Channels, filter: EventFilter) -> Result<Box<Pair>, Refusal> {
    let RequestSession::One(secret) = state.cookie.read(&parts.headers) else { return Err(Refusal::NoSession) };
    let address: IpAddr = Sender::of(state, parts).address;
    let relay = &state.relay;
    let in_all = relay.everyone.take(()).ok_or(Refusal::Full)?;
    let at_address = relay.addresses.take(network_of(address)).ok_or(Refusal::TooMany)?;
    let requested = match channels.requested(parts.uri.query()) {
        Ok(requested) => requested,
        // A refused channel counts as a connection too, until its socket is closed.
        Err(channel) => return Err(Refusal::UnknownChannel { channel, permits: Box::new((in_all, at_address)) }),
    };
    let client = state.appwrite.session(secret);
    // Fails before the second factor and for blocked accounts; a Realtime handshake does not.
    let (session, jwt) = session_and_jwt(&state.appwrite, &client).await.map_err(Refusal::Session)?;
    let of_person = relay.persons.take(session.user_id.clone()).ok_or(Refusal::TooMany)?;
    let upstream = upstream::connect(&relay.endpoint, &relay.project_id, &requested, &jwt, address).await?;
    let left = session.expire.map(|expire| Duration::try_from(expire.duration_since(Timestamp::now())));
    // In a box: the connection's task has room for each of its moves.
    Ok(Box::new(Pair {
        user_id: session.user_id,
        session_id: session.id,
        // An expiry in the past cannot become a duration, so it counts as now.
        expires: left.map(|left| Instant::now() + left.unwrap_or_default()),
        session: client,
        channels: channels.clone(),
        upstream,
        own_subscriptions: None,
        held: None,
        closing: relay.closing.clone(),
        timing: relay.timing,
        filter,
        permits: (in_all, at_address, of_person),
    }))
}

impl Refusal {
    fn answer(self, wording: &Wording) -> Response {
        let error = match self {
            Self::NoWebSocket(rejection) => return rejection.into_response(),
            Self::Full => {
                let code = StatusCode::SERVICE_UNAVAILABLE;
                let body = refusal_in_json(code, &(wording.error)(&AppError::Busy));
                let headers = [
                    (header::RETRY_AFTER, HeaderValue::from(COME_BACK_AFTER.as_secs())),
                    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                ];
                return (code, headers, axum::Json(body)).into_response();
            }
            Self::ForeignOrigin => AppError::CrossSite,
            Self::SwitchedOff | Self::UnknownChannel { .. } => AppError::NotFound,
            Self::NoSession => AppError::SignedOut,
            Self::TooMany => AppError::TooManyRequests { retry_after: COME_BACK_AFTER.as_secs() },
            Self::Session(AppError::MoreFactorsRequired | AppError::PasswordResetRequired) => AppError::SignedOut,
            Self::Session(error) => error,
            Self::Stopping | Self::Upstream(_) => AppError::BackendUnavailable,
        };
        let code = status(&error);
        let mut response = (code, axum::Json(refusal_in_json(code, &(wording.error)(&error)))).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let AppError::TooManyRequests { retry_after } = error {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_names_our_origin_once() {
        let own = AppOrigin::parse("https://app.example").expect("an origin");
        let is_own = |origins: &[&'static str]| {
            let headers =
                origins.iter().map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))).collect::<HeaderMap>();
            is_own_page(&headers, &own)
        };
        assert!(is_own(&["https://app.example"]));
        for origins in [
            &[][..],
            &["null"],
            &[""],
            &["https://evil.example"],
            &["http://app.example"],
            &["https://app.example", "https://app.example"],
        ] {
            assert!(!is_own(origins), "{origins:?}");
        }
    }
}
