//! The routes under `/account/mfa` that a sign-in with a second factor needs. They are open before it is given.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    capabilities::Names,
    client::SessionClient,
    error::AppwriteError,
    model::{Challenge, Factors},
};

/// A way to prove once more who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// A code of an authenticator app.
    Totp,
    /// A code by mail.
    Email,
    /// A code by message.
    Phone,
    /// One of the codes that the person wrote down.
    RecoveryCode,
}

impl Factor {
    /// Appwrite's name of it.
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
    /// The factors that the account has (`GET /account/mfa/factors`).
    pub async fn factors(&self) -> Result<Factors, AppwriteError> {
        self.call(Method::GET, &["account", "mfa", "factors"]).receive().await
    }

    /// Asks for a code of a factor, and has it sent where that is the factor's way
    /// (`POST /account/mfa/challenges`, before 1.8.1 `/account/mfa/challenge`). It is valid for an hour.
    ///
    /// 400 `user_email_not_verified`, `user_phone_not_verified` and the like for a factor that the account lacks.
    pub async fn create_challenge(&self, factor: Factor) -> Result<Challenge, AppwriteError> {
        let body = json!({ "factor": factor.as_str() });
        self.appwrite
            .capabilities()
            .challenge_route
            .negotiate(|names| self.call(Method::POST, challenge_path(names)).json(body.clone()).receive())
            .await
    }

    /// Answers a challenge (`PUT /account/mfa/challenges`). The session may do everything from now on. Its secret stays as
    /// it was: no route of Appwrite's gives the session another one.
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
