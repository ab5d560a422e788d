//! The routes under `/users`. Their API key needs more scopes than `sessions.write`.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;

use super::{account::jwt_body, client::AdminClient, error::AppwriteError, id::checked_id, model::Jwt};

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
}
