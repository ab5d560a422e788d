//! The routes under `/account/mfa` for sign-in with a second factor. They work before the factor is complete.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    capabilities::Names,
    client::SessionClient,
    error::AppwriteError,
    model::{Challenge, Factors},
};

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// A code of an authenticator app.
    Totp,
    /// A code by email.
    Email,
    /// A code by text message.
    Phone,
    /// One of the recovery codes that the user saved.
    RecoveryCode,
}

impl Factor {
    /// Returns Appwrite's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::RecoveryCode => "recoveryCode",
        }
    }
}

impl SessionClient {
    /// Returns the account's factors (`GET /account/mfa/factors`).
    pub async fn factors(&self) -> Result<Factors, AppwriteError> {
        self.call(Method::GET, &["account", "mfa", "factors"]).receive().await
    }

    /// Creates a challenge for a factor, and sends its code if the factor needs one (`POST /account/mfa/challenges`,
    /// before 1.8.1 `/account/mfa/challenge`). It is valid for an hour.
    ///
    /// 400 `user_email_not_verified`, `user_phone_not_verified` and similar for a factor that the account lacks.
    pub async fn create_challenge(&self, factor: Factor) -> Result<Challenge, AppwriteError> {
        let body = json!({ "factor": factor.as_str() });
        self.appwrite
            .capabilities()
            .challenge_route
            .negotiate(|names| self.call(Method::POST, challenge_path(names)).json(body.clone()).receive())
            .await
    }

    /// Answers a challenge (`PUT /account/mfa/challenges`). The session then has full access and keeps its secret,
    /// because no Appwrite route replaces it.
    ///
    /// 401 `user_invalid_token` for a wrong, used or expired code.
    pub async fn answer_challenge(&self, challenge_id: &str, code: &SecretString) -> Result<(), AppwriteError> {
        let body = json!({ "challengeId": challenge_id, "otp": code.expose_secret() });
        self.appwrite
            .capabilities()
            .challenge_route
            .negotiate(|names| self.call(Method::PUT, challenge_path(names)).json(body.clone()).done())
            .await
    }
}

fn challenge_path(names: Names) -> &'static [&'static str] {
    match names {
        Names::New => &["account", "mfa", "challenges"],
        Names::Old => &["account", "mfa", "challenge"],
    }
}
