//! How our server makes a ticket: a JWT of the very session that the cookie names, as short-lived as Appwrite allows.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::handshake::{Ticket, Transport};
use super::protocol::RowNaming;
use crate::appwrite::{AppwriteError, ServerVersion, Session, SessionClient, SessionId};
use crate::error::AppError;
use crate::server::AppState;
use crate::session::request::ActionRequest;

/// How long a JWT opens a connection, where Appwrite takes a duration. It is used at once.
const LIFETIME: Duration = Duration::from_secs(60);
/// How long it does elsewhere (before 1.9.0).
const FIXED_LIFETIME: Duration = Duration::from_secs(900);
/// The first version with the channels of tables.
const TABLES: ServerVersion = ServerVersion { major: 1, minor: 8, patch: 0 };
/// The first version that takes queries in the address.
const QUERIES: ServerVersion = ServerVersion { major: 1, minor: 9, patch: 0 };
/// The first version that takes `subscribe` and `presence` messages.
const MESSAGES: ServerVersion = ServerVersion { major: 1, minor: 9, patch: 5 };

/// A ticket for the person who asks.
///
/// `_jwt_ignored` is the browser's word that Appwrite takes no JWT in the address.
pub(super) async fn mint(request: &ActionRequest, _jwt_ignored: bool) -> Result<Ticket, AppError> {
    let state = &request.state;
    let client = request.session()?;
    let version = state.appwrite.version().await?;
    // The session's end tells no event, so the page must know it beforehand.
    let (session, jwt) = tokio::join!(client.session(SessionId::Current), client.create_jwt(Some(LIFETIME)));
    let session = session?;
    let jwt = match jwt {
        Err(error) if needs_key(&error) => jwt_by_key(state, &client, &session).await?,
        jwt => jwt?,
    };
    Ok(Ticket {
        session_expires_in: session.expire.map(|expire| seconds_until(expire, Timestamp::now())),
        lifetime: lifetime(version).as_secs(),
        transport: Transport::Direct {
            endpoint: state.public_endpoint.to_string(),
            project: state.appwrite.project_id().to_owned(),
            jwt: jwt.expose_secret().to_owned(),
        },
        row_naming: row_naming(version),
        takes_messages: version.is_some_and(|version| version >= MESSAGES),
        takes_queries: takes_queries(version),
        user_id: session.user_id,
        session_id: Some(session.id),
    })
}

/// A JWT of this session by our key, where Appwrite does not let a session ask for one. It is bound to this very session,
/// so that it ends with it.
async fn jwt_by_key(state: &AppState, client: &SessionClient, session: &Session) -> Result<SecretString, AppError> {
    // The key's route asks neither for a second factor nor whether the session lives; this does.
    let account = client.account().await?;
    Ok(state.appwrite.admin().create_jwt_for_session(&account.id, &session.id, Some(LIFETIME)).await?)
}

fn needs_key(error: &AppwriteError) -> bool {
    error.is_unknown_route() || error.is("user_jwt_creation_denied")
}

fn lifetime(version: Option<ServerVersion>) -> Duration {
    if version.is_none_or(ServerVersion::takes_jwt_duration) { LIFETIME } else { FIXED_LIFETIME }
}

/// A server that keeps its version to itself either knows queries, or is so old that it connects a guest, who hears of no
/// account.
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
    fn a_token_lives_a_minute_where_the_server_takes_a_duration() {
        assert_eq!(lifetime(version("2.7.1")), Duration::from_secs(60));
        assert_eq!(lifetime(version("1.9.0")), Duration::from_secs(60));
        assert_eq!(lifetime(version("1.8.1")), Duration::from_secs(900));
        assert_eq!(lifetime(None), Duration::from_secs(60));
    }

    #[test]
    fn servers_without_tables_have_collections() {
        assert_eq!(row_naming(version("1.5.0")), RowNaming::Collections);
        assert_eq!(row_naming(version("1.8.0")), RowNaming::Tables);
        assert_eq!(row_naming(None), RowNaming::Tables);
    }

    #[test]
    fn queries_are_sent_to_servers_that_know_them() {
        assert!(!takes_queries(version("1.8.1")));
        assert!(takes_queries(version("1.9.0")) && takes_queries(version("2.7.1")) && takes_queries(None));
    }

    #[test]
    fn a_session_that_has_ended_already_ends_now() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().expect("a time");
        let later: Timestamp = "2026-11-21T08:01:05Z".parse().expect("a time");
        assert_eq!(seconds_until(later, now), 65);
        assert_eq!(seconds_until(now, later), 0);
    }
}
