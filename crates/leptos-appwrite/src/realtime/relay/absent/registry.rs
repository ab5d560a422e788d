//! Stands in for the relay's settings.

use appwrite_client::AppwriteSettings;

use crate::config::Config;

/// A relay without connections.
pub struct Relay;

impl Relay {
    /// Ignores the arguments.
    pub fn new(_appwrite: &AppwriteSettings, _config: &Config) -> Self {
        Self
    }

    /// Does nothing, because there are no connections.
    pub fn close(&self) {}

    /// Returns at once, because there are no connections.
    pub async fn closed(&self) {}
}
