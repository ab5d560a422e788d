//! The routes under `/account/recovery`: password reset by email.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::{client::AdminClient, error::AppwriteError, id::checked_id, model::Token, visitor::Visitor};

impl AdminClient {
    /// Emails a password reset link: `url` with `userId` and `secret` added, valid for an hour (`POST
    /// /account/recovery`, scope `sessions.write`).
    ///
    /// 404 `user_not_found` reveals that no account exists, so do not pass the difference on to clients. 403
    /// `user_blocked`; 503 `general_smtp_disabled`.
    pub async fn create_recovery(&self, email: &str, url: &Url, visitor: &Visitor) -> Result<Token, AppwriteError> {
        let body = json!({ "email": email, "url": url });
        self.call(Method::POST, &["account", "recovery"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Sets a new password with the secret of a recovery link, without signing in (`PUT /account/recovery`, scope
    /// `sessions.write`). From 1.9 on, Appwrite ends all of the user's sessions.
    ///
    /// 401 `user_invalid_token` for a wrong, used or expired secret; 400 `password_recently_used`,
    /// `password_personal_data`, `password_pwned`; 400 `general_argument_invalid` for `password` under other policies.
    pub async fn update_recovery(
        &self,
        user_id: &str,
        secret: &SecretString,
        password: &SecretString,
    ) -> Result<(), AppwriteError> {
        let body = json!({
            "userId": checked_id(user_id)?,
            "secret": secret.expose_secret(),
            "password": password.expose_secret(),
            // Required up to 1.5 only.
            "passwordAgain": password.expose_secret(),
        });
        self.call(Method::PUT, &["account", "recovery"]).json(body).done().await
    }
}
