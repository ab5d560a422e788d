//! The routes under `/account/tokens`: proofs of a person that Appwrite sends by mail or message, or lets another
//! provider give. They are turned into a session by
//! [`create_token_session`](super::AdminClient::create_token_session).

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::{client::AdminClient, error::AppwriteError, model::Token, visitor::Visitor};

impl AdminClient {
    /// Mails a link that signs in, to `url` with `userId` and `secret` added; it is valid for an hour
    /// (`POST /account/tokens/magic-url`, scope `sessions.write`). An unknown address gets an account.
    ///
    /// 501 `user_auth_method_unsupported`; 503 `general_smtp_disabled`.
    pub async fn create_magic_url_token(
        &self,
        email: &str,
        url: &Url,
        visitor: &Visitor,
    ) -> Result<Token, AppwriteError> {
        let body = json!({ "userId": "unique()", "email": email, "url": url, "phrase": true });
        self.call(Method::POST, &["account", "tokens", "magic-url"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Mails a code of six digits, valid for 15 minutes (`POST /account/tokens/email`, scope `sessions.write`). An unknown
    /// address gets an account.
    ///
    /// 501 `user_auth_method_unsupported`; 503 `general_smtp_disabled`.
    pub async fn create_email_token(&self, email: &str, visitor: &Visitor) -> Result<Token, AppwriteError> {
        let body = json!({ "userId": "unique()", "email": email, "phrase": true });
        self.call(Method::POST, &["account", "tokens", "email"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Sends a code of six digits to a phone number in E.164, valid for 15 minutes (`POST /account/tokens/phone`, scope
    /// `sessions.write`). An unknown number gets an account.
    ///
    /// 501 `user_auth_method_unsupported`; 503 `general_phone_disabled`.
    pub async fn create_phone_token(&self, phone: &str, visitor: &Visitor) -> Result<Token, AppwriteError> {
        let body = json!({ "userId": "unique()", "phone": phone });
        self.call(Method::POST, &["account", "tokens", "phone"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Where to send a browser so that its person proves who they are at another provider
    /// (`GET /account/tokens/oauth2/:provider`). Appwrite sends the browser back to `success` with `userId` and `secret`
    /// added, or to `failure` with `error`.
    ///
    /// `public_endpoint` is Appwrite's address for browsers: it makes the provider's way back of the address that it is
    /// asked at. 412 `project_provider_disabled`; 400 `project_provider_unsupported`, `general_argument_invalid`.
    pub async fn create_oauth2_token(
        &self,
        provider: &str,
        success: &Url,
        failure: &Url,
        public_endpoint: &Url,
    ) -> Result<Url, AppwriteError> {
        self.call(Method::GET, &["account", "tokens", "oauth2", provider])
            .query("success", success.to_string())
            .query("failure", failure.to_string())
            .at(public_endpoint)
            .location()
            .await
    }
}
