//! The routes under `/account/identities`: the OAuth2 providers that sign in to the account.

use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;

use super::{
    client::SessionClient,
    error::AppwriteError,
    id::checked_id,
    model::{identifier, or_default, timestamp},
    query::Query,
};

/// The most identities in a list.
const MAX_IDENTITIES: u32 = 100;

/// The user's account at a provider (Appwrite's model `Identity`). Omits the provider's tokens, so that they never reach a
/// page by mistake.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The identity's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// The time of the first sign-in with it.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// Appwrite's name of the provider: `github`.
    #[serde(default, deserialize_with = "or_default")]
    pub provider: String,
    /// The email address at the provider.
    #[serde(default, deserialize_with = "or_default")]
    pub provider_email: String,
}

#[derive(Deserialize)]
struct IdentityList {
    #[serde(default, deserialize_with = "or_default")]
    identities: Vec<Identity>,
}

impl SessionClient {
    /// Returns the user's accounts at providers (`GET /account/identities`).
    pub async fn identities(&self) -> Result<Vec<Identity>, AppwriteError> {
        let call = self.call(Method::GET, &["account", "identities"]);
        let list: IdentityList = call.query("queries[]", Query::limit(MAX_IDENTITIES).to_wire()).receive().await?;
        Ok(list.identities)
    }

    /// Unlinks an account at a provider (`DELETE /account/identities/:id`); 404 `user_identity_not_found`.
    pub async fn delete_identity(&self, id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &["account", "identities", checked_id(id)?]).done().await
    }
}
