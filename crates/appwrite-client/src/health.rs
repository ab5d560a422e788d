//! Reads the server's version, and checks the project and the key.

use reqwest::{Method, header::HeaderMap};
use serde_json::json;

use super::{
    capabilities::{Server, ServerVersion},
    client::{AdminClient, GuestClient},
    error::AppwriteError,
    model::HealthVersion,
    project::Appwrite,
};

/// The header by which `local-appwrite` says in its answer to `GET /health/version` that it is not a real Appwrite.
const LOCAL_APPWRITE: &str = "x-local-appwrite";

impl GuestClient {
    /// Returns the server's version as text, for instance `1.9.6` (`GET /health/version`).
    pub async fn health_version(&self) -> Result<String, AppwriteError> {
        Ok(self.version_with_headers().await?.0)
    }

    async fn version_with_headers(&self) -> Result<(String, HeaderMap), AppwriteError> {
        let call = self.call(Method::GET, &["health", "version"]);
        let (answer, headers): (HealthVersion, _) = call.receive_with_headers().await?;
        Ok((answer.version, headers))
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
        let probe = async || match self.guest().version_with_headers().await {
            Ok((text, headers)) => {
                Ok(Server { version: text.parse().ok(), is_local_appwrite: headers.contains_key(LOCAL_APPWRITE) })
            }
            Err(error) if error.is_outage() && !error.is_unknown_route() => Err(error),
            Err(_) => Ok(Server::default()),
        };
        Ok(self.capabilities().server.get_or_try_init(probe).await?.version)
    }

    /// True if the server has called itself `local-appwrite` when [`version`](Self::version) asked it. Any server can say
    /// so: trust only one on this machine.
    pub fn is_local_appwrite(&self) -> bool {
        self.capabilities().server.get().is_some_and(|server| server.is_local_appwrite)
    }
}
