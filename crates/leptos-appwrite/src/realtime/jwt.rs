//! A JWT for a user's session, as short-lived as Appwrite allows.

use std::time::Duration;

use appwrite_client::{Appwrite, AppwriteError, Session, SessionClient, SessionId};
use secrecy::SecretString;

use crate::error::AppError;

/// The JWT's lifetime, if Appwrite accepts a duration. The browser uses it at once.
pub(super) const LIFETIME: Duration = Duration::from_secs(60);

/// Returns the current session and a JWT for it.
pub(super) async fn session_and_jwt(
    appwrite: &Appwrite,
    client: &SessionClient,
) -> Result<(Session, SecretString), AppError> {
    // Appwrite sends no event when a session expires, so the client needs its expiry in advance.
    let (session, jwt) = tokio::join!(client.session(SessionId::Current), client.create_jwt(Some(LIFETIME)));
    let session = session?;
    let jwt = match jwt {
        Err(error) if needs_key(&error) => jwt_by_key(appwrite, client, &session).await?,
        jwt => jwt?,
    };
    Ok((session, jwt))
}

/// Creates a JWT for this session with the API key, if Appwrite does not let a session create one. It is bound to
/// this session and ends with it.
async fn jwt_by_key(appwrite: &Appwrite, client: &SessionClient, session: &Session) -> Result<SecretString, AppError> {
    // The route for the API key checks neither the second factor nor the session; this call checks both.
    let account = client.account().await?;
    Ok(appwrite.admin().create_jwt_for_session(&account.id, &session.id, Some(LIFETIME)).await?)
}

fn needs_key(error: &AppwriteError) -> bool {
    error.is_unknown_route() || error.is("user_jwt_creation_denied")
}
