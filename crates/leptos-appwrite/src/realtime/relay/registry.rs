//! The settings that all relayed connections share: their target and limits.

use std::sync::Arc;
use std::time::Duration;

use appwrite_client::AppwriteSettings;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::pair::Timing;
use super::probe::JwtProbe;
use crate::config::Config;
use crate::security::permits::Permits;

/// The maximum number of connections per user. A browser opens one for all tabs; an old browser opens one per tab.
const PER_PERSON: usize = 32;

/// The settings that all relayed connections share.
pub struct Relay {
    pub(super) endpoint: Url,
    pub(super) project_id: String,
    pub(super) everyone: Permits<()>,
    pub(super) addresses: Permits<IpNet>,
    pub(super) persons: Permits<String>,
    pub(super) timing: Timing,
    pub(super) closing: CancellationToken,
    pub(super) pairs: TaskTracker,
    /// Checks if Realtime accepts a JWT in its address, so that a page needs no relay.
    pub(super) jwt_probe: Arc<JwtProbe>,
}

impl Relay {
    /// Creates a relay to this Appwrite.
    pub fn new(appwrite: &AppwriteSettings, config: &Config) -> Self {
        Self {
            endpoint: appwrite.endpoint.clone(),
            project_id: appwrite.project_id.clone(),
            everyone: Permits::new(config.realtime_total),
            addresses: Permits::new(config.realtime_per_address),
            persons: Permits::new(PER_PERSON),
            timing: Timing::default(),
            closing: CancellationToken::new(),
            pairs: TaskTracker::new(),
            jwt_probe: Arc::default(),
        }
    }

    /// Sets the interval of session checks.
    #[must_use]
    pub fn checking_sessions_every(mut self, interval: Duration) -> Self {
        self.timing.check = interval;
        self
    }

    /// Refuses new connections, and closes the existing ones with 1001.
    pub fn close(&self) {
        self.closing.cancel();
        self.pairs.close();
    }

    /// Waits until all connections are closed, after [`close`](Self::close).
    pub async fn closed(&self) {
        self.pairs.wait().await;
    }
}
