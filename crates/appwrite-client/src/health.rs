//! The routes under `/health` that are open to everyone.

use reqwest::Method;

use super::{
    capabilities::ServerVersion, client::GuestClient, error::AppwriteError, model::HealthVersion, project::Appwrite,
};

impl GuestClient {
    /// Returns the server's version as text, for instance `1.9.6` (`GET /health/version`).
    pub async fn health_version(&self) -> Result<String, AppwriteError> {
        let answer: HealthVersion = self.call(Method::GET, &["health", "version"]).receive().await?;
        Ok(answer.version)
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
