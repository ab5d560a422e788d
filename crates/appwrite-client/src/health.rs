//! Reads the server's version, and checks the project and the key.

use reqwest::Method;

use serde_json::json;

use super::{
    capabilities::ServerVersion,
    client::{AdminClient, GuestClient},
    error::AppwriteError,
    model::HealthVersion,
    project::Appwrite,
};

impl GuestClient {
    /// Returns the server's version as text, for instance `1.9.6` (`GET /health/version`).
    pub async fn health_version(&self) -> Result<String, AppwriteError> {
        let answer: HealthVersion = self.call(Method::GET, &["health", "version"]).receive().await?;
        Ok(answer.version)
    }
}

impl AdminClient {
    /// Checks that the server accepts the project and the key, and that the key may create sessions: redeems a proof that
    /// does not exist (`POST /account/sessions/token`, scope `sessions.write`). Changes nothing.
    ///
    /// Fails with the server's refusal of the project or the key, or if the server is unreachable.
    pub async fn check_key(&self) -> Result<(), AppwriteError> {
        let call = self.call(Method::POST, &["account", "sessions", "token"]);
        match call.json(json!({ "userId": "nobody", "secret": "none" })).done().await {
            Err(error) if !error.is("user_invalid_token") => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Appwrite {
    /// Returns the server's version, requested once and cached; none if the server hides it.
    ///
    /// Fails only while the server is unreachable, and requests it again the next time.
    pub async fn version(&self) -> Result<Option<ServerVersion>, AppwriteError> {
        let probe = async || match self.guest().health_version().await {
            Ok(text) => Ok(text.parse().ok()),
            Err(error) if error.is_outage() && !error.is_unknown_route() => Err(error),
            Err(_) => Ok(None),
        };
        self.capabilities().version.get_or_try_init(probe).await.copied()
    }
}
