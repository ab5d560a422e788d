//! The routes under `/health` that are open to everyone.

use reqwest::Method;

use super::{client::GuestClient, error::AppwriteError, model::HealthVersion};

impl GuestClient {
    /// The server's version as it writes it, for instance `1.9.6` (`GET /health/version`).
    pub async fn health_version(&self) -> Result<String, AppwriteError> {
        let answer: HealthVersion = self.call(Method::GET, &["health", "version"]).receive().await?;
        Ok(answer.version)
    }
}
