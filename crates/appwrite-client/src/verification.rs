//! The routes under `/account/verifications`: proofs of the email address and the phone number.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::{
    capabilities::Names,
    client::{GuestClient, SessionClient},
    error::AppwriteError,
    id::checked_id,
    model::Token,
    visitor::Visitor,
};

impl SessionClient {
    /// Emails a verification link: `url` with `userId` and `secret` added, valid for an hour (`POST
    /// /account/verifications/email`, before 1.8 `/account/verification`).
    ///
    /// 409 `user_email_already_verified`; 400 `user_email_not_found`; 503 `general_smtp_disabled`.
    pub async fn create_email_verification(&self, url: &Url) -> Result<Token, AppwriteError> {
        let body = json!({ "url": url });
        self.appwrite
            .capabilities()
            .verification_route
            .negotiate(|names| self.call(Method::POST, verification_path(names)).json(body.clone()).receive())
            .await
    }

    /// Texts a code of six digits to the account's phone number, valid for 15 minutes (`POST /account/verifications/phone`,
    /// before 1.8 `/account/verification/phone`).
    ///
    /// 409 `user_phone_already_verified`; 400 `user_phone_not_found`; 503 `general_phone_disabled`; 501
    /// `user_auth_method_unsupported`. 429 above ten per hour and client address: Appwrite learns the address from `visitor`
    /// where it trusts `X-Forwarded-For`.
    pub async fn create_phone_verification(&self, visitor: &Visitor) -> Result<Token, AppwriteError> {
        self.appwrite
            .capabilities()
            .verification_route
            .negotiate(|names| {
                self.call(Method::POST, phone_path(names)).json(json!({})).on_behalf_of(visitor).receive()
            })
            .await
    }

    /// Verifies the account's phone number with the texted code (`PUT /account/verifications/phone`, before 1.8
    /// `/account/verification/phone`). `user_id` is the session's user.
    ///
    /// 401 `user_invalid_token` for a wrong, used or expired code. 429 above ten per hour and account.
    pub async fn confirm_phone(&self, user_id: &str, code: &SecretString) -> Result<(), AppwriteError> {
        let body = json!({ "userId": checked_id(user_id)?, "secret": code.expose_secret() });
        self.appwrite
            .capabilities()
            .verification_route
            .negotiate(|names| self.call(Method::PUT, phone_path(names)).json(body.clone()).done())
            .await
    }
}

impl GuestClient {
    /// Verifies an address with the secret of the emailed link, from any browser (`PUT /account/verifications/email`,
    /// before 1.8 `/account/verification`).
    ///
    /// 401 `user_invalid_token` for a wrong, used or expired secret.
    pub async fn confirm_email(&self, user_id: &str, secret: &SecretString) -> Result<(), AppwriteError> {
        let body = json!({ "userId": checked_id(user_id)?, "secret": secret.expose_secret() });
        self.appwrite
            .capabilities()
            .verification_route
            .negotiate(|names| self.call(Method::PUT, verification_path(names)).json(body.clone()).done())
            .await
    }
}

fn verification_path(names: Names) -> &'static [&'static str] {
    match names {
        Names::New => &["account", "verifications", "email"],
        Names::Old => &["account", "verification"],
    }
}

fn phone_path(names: Names) -> &'static [&'static str] {
    match names {
        Names::New => &["account", "verifications", "phone"],
        Names::Old => &["account", "verification", "phone"],
    }
}
