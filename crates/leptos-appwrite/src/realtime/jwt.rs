//! A JWT of a person's session, as short-lived as Appwrite allows.

use std::time::Duration;

use appwrite_client::{Appwrite, AppwriteError, Session, SessionClient, SessionId};
use secrecy::SecretString;

use crate::error::AppError;

/// How long a JWT opens a connection, where Appwrite takes a duration. It is used at once.
pub(super) const LIFETIME: Duration = Duration::from_secs(60);

/// The session that calls, and a JWT of it.
pub(super) async fn session_and_jwt(
    appwrite: &Appwrite,
    client: &SessionClient,
) -> Result<(Session, SecretString), AppError> {
    // Appwrite sends no event when a session expires, so its end must be known beforehand.
    let (session, jwt) = tokio::join!(client.session(SessionId::Current), client.create_jwt(Some(LIFETIME)));
    let session = session?;
    let jwt = match jwt {
        Err(error) if needs_key(&error) => jwt_by_key(appwrite, client, &session).await?,
        jwt => jwt?,
    };
    Ok((session, jwt))
}

/// A JWT of this session by our key, where Appwrite does not let a session ask for one. It is bound to this very session,
/// so that it ends with it.
async fn jwt_by_key(appwrite: &Appwrite, client: &SessionClient, session: &Session) -> Result<SecretString, AppError> {
    // The key's route asks neither for a second factor nor whether the session lives; this does.
    let account = client.account().await?;
    Ok(appwrite.admin().create_jwt_for_session(&account.id, &session.id, Some(LIFETIME)).await?)
}

fn needs_key(error: &AppwriteError) -> bool {
    error.is_unknown_route() || error.is("user_jwt_creation_denied")
}
