//! The routes under `/account/mfa` that set the second factor up. Their answers contain secrets, which only the user's own
//! page may show.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde_json::json;

use super::{
    client::SessionClient,
    error::AppwriteError,
    model::{NewAuthenticator, RecoveryCodes, User},
};

const AUTHENTICATOR: [&str; 4] = ["account", "mfa", "authenticators", "totp"];
const RECOVERY_CODES: [&str; 3] = ["account", "mfa", "recovery-codes"];

impl SessionClient {
    /// Turns the second factor at sign-in on or off (`PATCH /account/mfa`). Appwrite asks for it only if the account has
    /// a verified email address, a verified phone number or an authenticator app.
    pub async fn update_mfa(&self, is_on: bool) -> Result<User, AppwriteError> {
        self.call(Method::PATCH, &["account", "mfa"]).json(json!({ "mfa": is_on })).receive().await
    }

    /// Creates an authenticator app, which works as a factor once it is confirmed (`POST
    /// /account/mfa/authenticators/totp`). Replaces one that is not confirmed.
    ///
    /// 409 `user_authenticator_already_verified`.
    pub async fn create_authenticator(&self) -> Result<NewAuthenticator, AppwriteError> {
        self.call(Method::POST, &AUTHENTICATOR).json(json!({})).receive().await
    }

    /// Confirms the authenticator app by a code that it shows (`PUT /account/mfa/authenticators/totp`).
    ///
    /// 401 `user_invalid_token` for a wrong code; 404 `user_authenticator_not_found`.
    pub async fn confirm_authenticator(&self, code: &SecretString) -> Result<(), AppwriteError> {
        self.call(Method::PUT, &AUTHENTICATOR).json(json!({ "otp": code.expose_secret() })).done().await
    }

    /// Deletes the authenticator app (`DELETE /account/mfa/authenticators/totp`).
    ///
    /// 401 `user_challenge_required` without a challenge answered in the last 30 minutes; 404
    /// `user_authenticator_not_found`.
    pub async fn delete_authenticator(&self) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &AUTHENTICATOR).done().await
    }

    /// Creates the first recovery codes (`POST /account/mfa/recovery-codes`).
    ///
    /// 409 `user_recovery_codes_already_exists`.
    pub async fn create_recovery_codes(&self) -> Result<Vec<SecretString>, AppwriteError> {
        self.recovery_codes(Method::POST).await
    }

    /// Replaces the recovery codes (`PATCH /account/mfa/recovery-codes`).
    ///
    /// 401 `user_challenge_required` without a challenge answered in the last 30 minutes; 404
    /// `user_recovery_codes_not_found`.
    pub async fn replace_recovery_codes(&self) -> Result<Vec<SecretString>, AppwriteError> {
        self.recovery_codes(Method::PATCH).await
    }

    /// Fails with 401 `user_challenge_required` unless this session answered a challenge in the last 30 minutes.
    ///
    /// To find out, reads the recovery codes, which Appwrite protects by this rule, and drops them.
    pub async fn require_recent_challenge(&self) -> Result<(), AppwriteError> {
        match self.call(Method::GET, &RECOVERY_CODES).receive::<IgnoredAny>().await {
            Err(error) if error.is("user_recovery_codes_not_found") => Ok(()),
            result => result.map(drop),
        }
    }

    async fn recovery_codes(&self, method: Method) -> Result<Vec<SecretString>, AppwriteError> {
        let created: RecoveryCodes = self.call(method, &RECOVERY_CODES).json(json!({})).receive().await?;
        Ok(created.recovery_codes)
    }
}
