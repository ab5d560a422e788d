//! The credentials of an account: reads and removes them when the owner of its address signs in for the first time. The
//! API key needs the scopes `users.read` and `users.write`.
//!
//! The addresses are for comparison with the one that a proof was sent to. No page shows them.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{
    client::AdminClient,
    error::AppwriteError,
    id::checked_id,
    identities::Identity,
    model::{Factors, RecoveryCodes, or_default},
    query::Query,
};

/// The credentials of an account: its addresses, and which others exist.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// True if the email address is verified.
    #[serde(default)]
    pub email_verification: bool,
    /// True if the phone number is verified.
    #[serde(default)]
    pub phone_verification: bool,
    /// The email address; empty if there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    /// The phone number; empty if there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub phone: String,
    /// True if there is a password. A server that omits the field is taken to have one: the SDKs declare it as optional, and a
    /// password that was overlooked would still sign in.
    #[serde(rename = "password", default = "yes", deserialize_with = "is_set")]
    pub has_password: bool,
    /// True if sign-in asks for a second factor.
    #[serde(default)]
    pub mfa: bool,
    /// The labels, which only the API key can set.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// An account at an OAuth2 provider that signs in to the user's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedProvider {
    /// The link's id.
    pub id: String,
    /// Appwrite's name of the provider: `github`.
    pub provider: String,
    /// The email address at the provider.
    pub email: String,
    /// The time of the first sign-in with it.
    pub created_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Identities {
    identities: Vec<Identity>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "$id")]
    id: String,
}

#[derive(Deserialize)]
struct Objects {
    #[serde(alias = "sessions", alias = "passkeys")]
    objects: Vec<Object>,
}

impl AdminClient {
    /// Returns the account's credentials (`GET /users/:id`, scope `users.read`); 404 `user_not_found`.
    pub async fn claims(&self, user_id: &str) -> Result<Claims, AppwriteError> {
        self.call(Method::GET, &["users", checked_id(user_id)?]).receive().await
    }

    /// Removes the password, so that it no longer signs in (`PATCH /users/:id/password`, scope `users.write`).
    pub async fn remove_password(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.patch(user_id, &["password"], json!({ "password": "" })).await
    }

    /// Removes the phone number (`PATCH /users/:id/phone`, scope `users.write`).
    pub async fn remove_phone(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.patch(user_id, &["phone"], json!({ "number": "" })).await
    }

    /// Marks the email address as not verified (`PATCH /users/:id/verification`, scope `users.write`).
    pub async fn unverify_email(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.patch(user_id, &["verification"], json!({ "emailVerification": false })).await
    }

    /// Marks the phone number as not verified (`PATCH /users/:id/verification/phone`, scope `users.write`).
    pub async fn unverify_phone(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.patch(user_id, &["verification", "phone"], json!({ "phoneVerification": false })).await
    }

    /// Replaces the labels (`PUT /users/:id/labels`, scope `users.write`): at most 36 letters and digits each.
    pub async fn set_labels(&self, user_id: &str, labels: &[&str]) -> Result<(), AppwriteError> {
        let path = ["users", checked_id(user_id)?, "labels"];
        self.call(Method::PUT, &path).json(json!({ "labels": labels })).done().await
    }

    /// Returns the ids of the user's sessions (`GET /users/:id/sessions`, scope `users.read`).
    pub async fn session_ids(&self, user_id: &str) -> Result<Vec<String>, AppwriteError> {
        let list: Objects = self.call(Method::GET, &["users", checked_id(user_id)?, "sessions"]).receive().await?;
        Ok(list.ids())
    }

    /// Returns the ids of the user's passkeys (`GET /users/:id/passkeys`, from 2.5, scope `users.read`).
    pub async fn passkey_ids(&self, user_id: &str) -> Result<Vec<String>, AppwriteError> {
        let call = self.call(Method::GET, &["users", checked_id(user_id)?, "passkeys"]).may_be_missing();
        match call.receive::<Objects>().await {
            Ok(list) => Ok(list.ids()),
            Err(error) if error.is_unknown_route() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a passkey (`DELETE /users/:id/passkeys/:pid`, scope `users.write`).
    pub async fn delete_passkey(&self, user_id: &str, id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &["users", checked_id(user_id)?, "passkeys", checked_id(id)?]).done().await
    }

    /// Returns the user's factors (`GET /users/:id/mfa/factors`, scope `users.read`).
    pub async fn factors(&self, user_id: &str) -> Result<Factors, AppwriteError> {
        self.call(Method::GET, &["users", checked_id(user_id)?, "mfa", "factors"]).receive().await
    }

    /// Turns the second factor at sign-in off (`PATCH /users/:id/mfa`, scope `users.write`). A session that waits for it
    /// has full access from then on.
    pub async fn turn_off_mfa(&self, user_id: &str) -> Result<(), AppwriteError> {
        self.patch(user_id, &["mfa"], json!({ "mfa": false })).await
    }

    /// Deletes the authenticator app (`DELETE /users/:id/mfa/authenticators/totp`, scope `users.write`). Succeeds if there
    /// is none.
    pub async fn delete_authenticator(&self, user_id: &str) -> Result<(), AppwriteError> {
        let path = ["users", checked_id(user_id)?, "mfa", "authenticators", "totp"];
        match self.call(Method::DELETE, &path).done().await {
            Err(error) if error.is("user_authenticator_not_found") => Ok(()),
            result => result,
        }
    }

    /// Invalidates the user's recovery codes: replaces them and drops the new ones. Appwrite has no call that deletes
    /// them. Succeeds if there are none.
    pub async fn void_recovery_codes(&self, user_id: &str) -> Result<(), AppwriteError> {
        match self.replace_recovery_codes(user_id).await {
            Err(error) if error.is("user_recovery_codes_not_found") => Ok(()),
            result => result.map(|_| ()),
        }
    }

    /// Replaces the user's recovery codes (`PUT /users/:id/mfa/recovery-codes`, scope `users.write`); 404
    /// `user_recovery_codes_not_found`.
    pub async fn replace_recovery_codes(&self, user_id: &str) -> Result<Vec<SecretString>, AppwriteError> {
        let path = ["users", checked_id(user_id)?, "mfa", "recovery-codes"];
        let replaced: RecoveryCodes = self.call(Method::PUT, &path).json(json!({})).receive().await?;
        Ok(replaced.recovery_codes)
    }

    /// Returns the providers that sign in to the account (`GET /users/identities`, scope `users.read`).
    pub async fn linked_providers(&self, user_id: &str) -> Result<Vec<LinkedProvider>, AppwriteError> {
        let own = Query::equal("userId", checked_id(user_id)?).to_wire();
        let list = self.call(Method::GET, &["users", "identities"]).query("queries[]", own);
        let found: Identities = list.query("queries[]", Query::limit(100).to_wire()).receive().await?;
        let linked = found.identities.into_iter().map(|identity| LinkedProvider {
            id: identity.id,
            provider: identity.provider,
            email: identity.provider_email,
            created_at: identity.created_at,
        });
        Ok(linked.collect())
    }

    /// Unlinks a provider (`DELETE /users/identities/:id`, scope `users.write`).
    pub async fn unlink_provider(&self, id: &str) -> Result<(), AppwriteError> {
        self.call(Method::DELETE, &["users", "identities", checked_id(id)?]).done().await
    }

    async fn patch(&self, user_id: &str, what: &[&str], body: Value) -> Result<(), AppwriteError> {
        let path = [&["users", checked_id(user_id)?], what].concat();
        self.call(Method::PATCH, &path).json(body).done().await
    }
}

impl Objects {
    fn ids(self) -> Vec<String> {
        self.objects.into_iter().map(|object| object.id).collect()
    }
}

fn yes() -> bool {
    true
}

/// Returns true if a text is set, and drops the text.
fn is_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.is_some_and(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_that_the_server_does_not_show_counts_as_set() {
        for (account, is_set) in [
            (json!({}), true),
            (json!({ "password": "a-hash" }), true),
            (json!({ "password": "" }), false),
            (json!({ "password": null }), false),
        ] {
            let claims: Claims = serde_json::from_value(account.clone()).expect("claims");
            assert_eq!(claims.has_password, is_set, "{account}");
        }
    }
}
