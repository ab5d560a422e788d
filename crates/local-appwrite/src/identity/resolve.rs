//! Resolves credentials to a caller, by Appwrite's rules of precedence.

use rusqlite::Connection;
use secrecy::ExposeSecret;

use super::{Caller, Credentials, jwt, secret};
use crate::{
    ApiError, AppState, ErrorKind, KeyScopes, Profile,
    sessions::{self, SessionToken},
    teams, users,
};

/// Identifies the caller.
///
/// An unknown or expired session makes the caller a guest. So does a JWT whose session is deleted.
///
/// # Errors
/// `user_unauthorized` for an unknown key, `user_jwt_invalid` for an invalid or expired JWT, `user_jwt_and_cookie_set`
/// for a JWT with a valid session, and, up to Appwrite 1.8, `user_api_key_and_session_set`.
pub fn resolve(state: &AppState, credentials: &Credentials) -> Result<Caller, ApiError> {
    let key = credentials.key.as_deref().map(|key| scopes_of(state, key)).transpose()?;
    let mut caller = match &credentials.session {
        Some(token) => by_session_token(state, token)?,
        None => Caller::default(),
    };
    if key.is_some() && caller.user.is_some() && state.settings().profile < Profile::OneNine {
        return Err(ErrorKind::UserApiKeyAndSessionSet.into());
    }
    if let Some(jwt) = &credentials.jwt {
        if caller.user.is_some() {
            return Err(ErrorKind::UserJwtAndCookieSet.into());
        }
        caller = by_jwt(state, jwt)?;
    }
    caller.key = key;
    Ok(caller)
}

/// Returns the session's caller; a guest if it is unknown or expired.
///
/// # Errors
/// When the store cannot be read.
pub fn by_session_token(state: &AppState, token: &SessionToken) -> Result<Caller, ApiError> {
    let now = state.clock().now();
    state.store().read(|db: &Connection| {
        let Some(user) = users::find(db, &token.id)? else {
            return Ok(Caller::default());
        };
        let session = sessions::proven_by(db, &user.id, &token.secret, now)?;
        Ok(match session {
            Some(session) => {
                let team_roles = teams::team_roles(db, &user.id)?;
                Caller { user: Some(user), session: Some(session), team_roles, ..Caller::default() }
            }
            None => Caller::default(),
        })
    })
}

fn by_jwt(state: &AppState, text: &str) -> Result<Caller, ApiError> {
    let now = state.clock().now();
    let claims = jwt::verify(state.jwt_key(), text, now)?;
    // Appwrite before 1.9.7 does not check if the session has expired.
    let asks_for_end = state.settings().profile == Profile::Two;
    state.store().read(|db: &Connection| {
        let Some(user) = users::find(db, &claims.user_id)? else {
            return Ok(Caller::default());
        };
        let session =
            sessions::find(db, &user.id, &claims.session_id)?.filter(|session| !asks_for_end || session.is_alive(now));
        if session.is_none() && !claims.session_id.is_empty() {
            return Ok(Caller::default());
        }
        let team_roles = teams::team_roles(db, &user.id)?;
        Ok(Caller { user: Some(user), session, team_roles, by_jwt: true, key: None })
    })
}

fn scopes_of(state: &AppState, sent: &str) -> Result<KeyScopes, ApiError> {
    // Compares hashes, so that the timing reveals nothing about the keys.
    let sent = secret::hash(sent);
    state
        .keys()
        .iter()
        .find(|key| secret::hash(key.secret.expose_secret()) == sent)
        .map(|key| key.scopes.clone())
        .ok_or_else(|| ErrorKind::UserUnauthorized.into())
}
