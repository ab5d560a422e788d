//! Creates tickets: a JWT for the cookie's session, as short-lived as Appwrite allows.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::jwt::{LIFETIME, session_and_jwt};
use super::relay;
use crate::error::AppError;
use crate::session::request::ActionRequest;
use appwrite_client::{ServerVersion, SessionId};
use appwrite_realtime::handshake::{Ticket, Transport};
use appwrite_realtime::protocol::RowNaming;

/// The JWT's lifetime on older servers (before 1.9.0).
const FIXED_LIFETIME: Duration = Duration::from_secs(900);
/// The first version with table channels.
const TABLES: ServerVersion = ServerVersion { major: 1, minor: 8, patch: 0 };
/// The first version that accepts queries in the address.
const QUERIES: ServerVersion = ServerVersion { major: 1, minor: 9, patch: 0 };
/// The first version that accepts `subscribe` and `presence` messages.
const MESSAGES: ServerVersion = ServerVersion { major: 1, minor: 9, patch: 5 };

/// Creates a ticket for the user of the request.
///
/// `jwt_ignored`: the browser reports that Appwrite connected it as a guest. Affects this ticket only.
pub(super) async fn mint(request: &ActionRequest, jwt_ignored: bool) -> Result<Ticket, AppError> {
    let state = &request.state;
    let client = request.session()?;
    let version = state.appwrite.version().await?;
    let is_relayed = relay::is_needed(state, &client, version, jwt_ignored).await;
    let (session, transport) = if is_relayed {
        // The relay creates its own JWT. A page cannot read a failed handshake, but it can read this error.
        (client.session(SessionId::Current).await?, Transport::Relay { path: relay::PATH.to_owned() })
    } else {
        let (session, jwt) = session_and_jwt(&state.appwrite, &client).await?;
        let transport = Transport::Direct {
            endpoint: state.public_endpoint.to_string(),
            project: state.appwrite.project_id().to_owned(),
            jwt: jwt.expose_secret().to_owned(),
        };
        (session, transport)
    };
    let lifetime = if is_relayed { LIFETIME } else { lifetime(version) };
    Ok(Ticket {
        session_expires_in: session.expire.map(|expire| seconds_until(expire, Timestamp::now())),
        lifetime: lifetime.as_secs(),
        transport,
        row_naming: row_naming(version),
        takes_messages: takes_messages(version),
        takes_queries: takes_queries(version),
        user_id: session.user_id,
        session_id: Some(session.id),
    })
}

fn lifetime(version: Option<ServerVersion>) -> Duration {
    if version.is_none_or(ServerVersion::takes_jwt_duration) { LIFETIME } else { FIXED_LIFETIME }
}

/// True if the server accepts messages and so supports presence. False if its version is unknown.
pub(super) fn takes_messages(version: Option<ServerVersion>) -> bool {
    version.is_some_and(|version| version >= MESSAGES)
}

/// True if the server's version is unknown: either it supports queries, or it is so old that it connects a guest,
/// who gets no account events.
fn takes_queries(version: Option<ServerVersion>) -> bool {
    version.is_none_or(|version| version >= QUERIES)
}

fn row_naming(version: Option<ServerVersion>) -> RowNaming {
    if version.is_none_or(|version| version >= TABLES) { RowNaming::Tables } else { RowNaming::Collections }
}

fn seconds_until(end: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(end.as_second() - now.as_second()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Option<ServerVersion> {
        Some(text.parse().expect("a version"))
    }

    #[test]
    fn token_lives_a_minute_if_server_accepts_a_duration() {
        assert_eq!(lifetime(version("2.7.1")), Duration::from_secs(60));
        assert_eq!(lifetime(version("1.9.0")), Duration::from_secs(60));
        assert_eq!(lifetime(version("1.8.1")), Duration::from_secs(900));
        assert_eq!(lifetime(None), Duration::from_secs(60));
    }

    #[test]
    fn servers_without_tables_use_collections() {
        assert_eq!(row_naming(version("1.5.0")), RowNaming::Collections);
        assert_eq!(row_naming(version("1.8.0")), RowNaming::Tables);
        assert_eq!(row_naming(None), RowNaming::Tables);
    }

    #[test]
    fn queries_are_sent_to_servers_that_support_them() {
        assert!(!takes_queries(version("1.8.1")));
        assert!(takes_queries(version("1.9.0")) && takes_queries(version("2.7.1")) && takes_queries(None));
    }

    #[test]
    fn presence_requires_a_version_that_supports_it() {
        for text in ["1.5.7", "1.8.1", "1.9.0", "1.9.4"] {
            assert!(!takes_messages(version(text)), "{text}");
        }
        assert!(takes_messages(version("1.9.5")) && takes_messages(version("2.7.1")));
        assert!(!takes_messages(None));
    }

    #[test]
    fn ended_session_has_no_time_left() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().expect("a time");
        let later: Timestamp = "2026-11-21T08:01:05Z".parse().expect("a time");
        assert_eq!(seconds_until(later, now), 65);
        assert_eq!(seconds_until(now, later), 0);
    }
}
