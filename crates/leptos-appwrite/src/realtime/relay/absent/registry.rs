//! The relay that does not exist.

use appwrite_client::AppwriteSettings;

use crate::config::Config;

/// A relay without connections.
pub struct Relay;

impl Relay {
    /// Needs nothing.
    pub fn new(_appwrite: &AppwriteSettings, _config: &Config) -> Self {
        Self
    }

    /// There is nothing to close.
    pub fn close(&self) {}

    /// There is nothing to wait for.
    pub async fn closed(&self) {}
}
