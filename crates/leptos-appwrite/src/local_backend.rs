//! The local Appwrite, run inside this process for development and tests (feature `local-appwrite`).

use std::net::SocketAddr;
use std::path::Path;

use appwrite_client::AppwriteSettings;
use local_appwrite::{LocalAppwrite, Profile, Settings, StartError};

use crate::config::LocalProfile;

/// The running backend.
pub struct LocalBackend(LocalAppwrite);

impl LocalBackend {
    /// Starts the backend without tables.
    pub async fn start(listen: SocketAddr, data: &Path, profile: LocalProfile) -> Result<Self, StartError> {
        let mut settings = Settings::new(data);
        settings.listen = listen;
        settings.profile = match profile {
            LocalProfile::V2 => Profile::Two,
            LocalProfile::V1_9Next => Profile::OneNineNext,
            LocalProfile::V1_9 => Profile::OneNine,
            LocalProfile::V1_5 => Profile::OneFive,
        };
        // Browsers have no passkeys for pages of IP addresses: the app says to open `localhost`.
        settings.passkeys = matches!(profile, LocalProfile::V2).then(|| "localhost".into());
        local_appwrite::start(settings).await.map(Self)
    }

    /// Returns the app's settings for this backend.
    pub fn settings(&self) -> AppwriteSettings {
        AppwriteSettings {
            endpoint: self.0.endpoint().clone(),
            project_id: self.0.project_id().to_owned(),
            api_key: self.0.api_key().clone(),
        }
    }

    /// Finishes open requests and stops.
    pub async fn stop(self) {
        self.0.shutdown().await;
    }
}
