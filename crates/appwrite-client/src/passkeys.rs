//! Passkeys (from 2.5): sign-in under `/account/tokens/passkey`, and a user's own under `/account/passkeys`.
//!
//! The options for the browser and its answer are WebAuthn's JSON forms, which this crate passes on unread.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    client::{AdminClient, GuestClient, SessionClient},
    error::AppwriteError,
    id::checked_id,
    model::{Passkey, PasskeyChallenge, PasskeyList, SecretToken},
    visitor::Visitor,
};

const TOKEN: [&str; 3] = ["account", "tokens", "passkey"];
const OWN: [&str; 2] = ["account", "passkeys"];

impl AdminClient {
    /// Starts a sign-in with a passkey (`POST /account/tokens/passkey`, scope `sessions.write`). The challenge is valid
    /// for five minutes and works once.
    ///
    /// 501 `user_auth_method_unsupported` if the project names no domain for passkeys. The API key passes even if the
    /// project has switched passkeys off: [`GuestClient::create_passkey_challenge`] tells.
    pub async fn create_passkey_challenge(&self, visitor: &Visitor) -> Result<PasskeyChallenge, AppwriteError> {
        self.call(Method::POST, &TOKEN).json(json!({})).on_behalf_of(visitor).receive().await
    }

    /// Answers the challenge of a sign-in (`PUT /account/tokens/passkey`, scope `sessions.write`). Returns the user's id
    /// and the secret for [`create_token_session`](AdminClient::create_token_session), valid for a minute.
    ///
    /// 401 `user_invalid_token` for an expired or used challenge, `user_passkey_invalid` for any other fault; 403
    /// `user_blocked`.
    pub async fn answer_passkey_challenge(
        &self,
        challenge_id: &str,
        credential: &Value,
        visitor: &Visitor,
    ) -> Result<(String, SecretString), AppwriteError> {
        let body = json!({ "challengeId": checked_id(challenge_id)?, "credential": credential });
        let token: SecretToken = self.call(Method::PUT, &TOKEN).json(body).on_behalf_of(visitor).receive().await?;
        Ok((token.user_id, token.secret))
    }
}

impl GuestClient {
    /// Like [`AdminClient::create_passkey_challenge`], within Appwrite's limit of ten per hour and address.
    ///
    /// 501 `user_auth_method_unsupported` also if the project has switched passkeys off.
    pub async fn create_passkey_challenge(&self) -> Result<PasskeyChallenge, AppwriteError> {
        self.call(Method::POST, &TOKEN).json(json!({})).may_be_missing().receive().await
    }
}

impl SessionClient {
    /// Starts to add a passkey (`POST /account/passkeys`). `name` has at most 128 characters.
    ///
    /// 401 `user_reauthentication_required` unless the session was created, or answered a challenge, in the last ten
    /// minutes; 400 `user_passkey_limit_exceeded` above ten; 501 `user_auth_method_unsupported`.
    pub async fn create_passkey(&self, name: &str) -> Result<PasskeyChallenge, AppwriteError> {
        self.call(Method::POST, &OWN).json(json!({ "name": name })).receive().await
    }

    /// Adds the passkey of [`create_passkey`](Self::create_passkey) (`PUT /account/passkeys/:id/verification`).
    ///
    /// 404 `user_passkey_not_found`; 401 `user_invalid_token` for an expired or used challenge, `user_passkey_invalid` for
    /// any other fault; 409 `user_passkey_already_exists`.
    pub async fn confirm_passkey(&self, id: &str, credential: &Value) -> Result<Passkey, AppwriteError> {
        let path = [OWN[0], OWN[1], checked_id(id)?, "verification"];
        self.call(Method::PUT, &path).json(json!({ "credential": credential })).receive().await
    }

    /// Returns the user's passkeys (`GET /account/passkeys`): at most ten.
    pub async fn passkeys(&self) -> Result<Vec<Passkey>, AppwriteError> {
        let list: PasskeyList = self.call(Method::GET, &OWN).receive().await?;
        Ok(list.passkeys)
    }

    /// Renames a passkey (`PATCH /account/passkeys/:id`). `name` has 1 to 128 characters; 404 `user_passkey_not_found`.
    pub async fn rename_passkey(&self, id: &str, name: &str) -> Result<Passkey, AppwriteError> {
        let path = [OWN[0], OWN[1], checked_id(id)?];
        self.call(Method::PATCH, &path).json(json!({ "name": name })).receive().await
    }

    /// Deletes a passkey (`DELETE /account/passkeys/:id`); 404 `user_passkey_not_found`, 401
    /// `user_reauthentication_required`.
    pub async fn delete_passkey(&self, id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &[OWN[0], OWN[1], checked_id(id)?]).done().await
    }
}
