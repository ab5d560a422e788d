//! The routes under `/users`. Their API key needs more scopes than `sessions.write`.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;

use super::{account::jwt_body, client::AdminClient, error::AppwriteError, id::checked_id, model::Jwt};

/// The id of an identity that no user has: Appwrite makes these ids, in hexadecimal.
const NOBODYS: &str = "of_nobody";

impl AdminClient {
    /// Creates a JWT for a user's session with the API key (`POST /users/:id/jwts`, from 1.6.0, scope `users.write`),
    /// for servers where a session cannot create one.
    ///
    /// Appwrite does not check that the session exists: only call this after checking the session. `duration` is as in
    /// [`create_jwt`](super::SessionClient::create_jwt).
    pub async fn create_jwt_for_session(
        &self,
        user_id: &str,
        session_id: &str,
        duration: Option<Duration>,
    ) -> Result<SecretString, AppwriteError> {
        let mut body = jwt_body(&self.appwrite, duration).await?;
        body["sessionId"] = checked_id(session_id)?.into();
        let answer: Jwt =
            self.call(Method::POST, &["users", checked_id(user_id)?, "jwts"]).json(body).receive().await?;
        Ok(answer.jwt)
    }

    /// Ends one session of a user with the API key (`DELETE /users/:id/sessions/:sid`, scope `sessions.write` or
    /// `users.write`); 404 `user_session_not_found`.
    pub async fn delete_session(&self, user_id: &str, session_id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &["users", checked_id(user_id)?, "sessions", checked_id(session_id)?]).done().await
    }

    /// Ends all sessions of a user with the API key (`DELETE /users/:id/sessions`, scope `sessions.write` or
    /// `users.write`).
    pub async fn delete_sessions(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &["users", checked_id(user_id)?, "sessions"]).done().await
    }

    /// Deletes a user with all sessions, identities and memberships (`DELETE /users/:id`, scope `users.write`). Succeeds
    /// if there is no such user.
    pub async fn delete_user(&self, user_id: &str) -> Result<(), AppwriteError> {
        match self.call(Method::DELETE, &["users", checked_id(user_id)?]).done().await {
            Err(error) if error.is("user_not_found") => Ok(()),
            result => result,
        }
    }

    /// Fails unless the API key has the scope `users.write`. Changes nothing: asks to delete an identity that no user has.
    pub async fn require_users_write(&self) -> Result<(), AppwriteError> {
        match self.call(Method::DELETE, &["users", "identities", NOBODYS]).done().await {
            Err(error) if error.is("user_identity_not_found") => Ok(()),
            result => result,
        }
    }
}
