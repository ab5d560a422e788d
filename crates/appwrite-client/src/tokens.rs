//! The routes under `/account/tokens`: proofs of identity by email, text message or OAuth2 provider.
//! [`create_token_session`](super::AdminClient::create_token_session) exchanges them for a session.

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::{client::AdminClient, error::AppwriteError, model::Token, visitor::Visitor};

impl AdminClient {
    /// Emails a sign-in link: `url` with `userId` and `secret` added, valid for an hour (`POST
    /// /account/tokens/magic-url`, scope `sessions.write`). Creates an account for an unknown address.
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

    /// Emails a 6-digit code, valid for 15 minutes (`POST /account/tokens/email`, scope `sessions.write`). Creates an
    /// account for an unknown address.
    ///
    /// 501 `user_auth_method_unsupported`; 503 `general_smtp_disabled`.
    pub async fn create_email_token(&self, email: &str, visitor: &Visitor) -> Result<Token, AppwriteError> {
        let body = json!({ "userId": "unique()", "email": email, "phrase": true });
        self.call(Method::POST, &["account", "tokens", "email"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Sends a 6-digit code to a phone number in E.164, valid for 15 minutes (`POST /account/tokens/phone`, scope
    /// `sessions.write`). Creates an account for an unknown number.
    ///
    /// 501 `user_auth_method_unsupported`; 503 `general_phone_disabled`.
    pub async fn create_phone_token(&self, phone: &str, visitor: &Visitor) -> Result<Token, AppwriteError> {
        let body = json!({ "userId": "unique()", "phone": phone });
        self.call(Method::POST, &["account", "tokens", "phone"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Returns the URL at which a browser starts an OAuth2 sign-in (`GET /account/tokens/oauth2/:provider`). Appwrite
    /// redirects the browser to `success` with `userId` and `secret` added, or to `failure` with `error`.
    ///
    /// `public_endpoint` is Appwrite's URL for browsers: Appwrite derives the provider's redirect URL from the URL of
    /// this call. 412 `project_provider_disabled`; 400 `project_provider_unsupported`, `general_argument_invalid`.
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
