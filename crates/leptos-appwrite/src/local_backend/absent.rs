//! Stands in for the local backend in a build without it. The configuration refuses to start first.

use std::net::SocketAddr;
use std::path::Path;

use appwrite_client::AppwriteSettings;

use crate::config::LocalProfile;

/// A backend that never runs.
pub enum LocalBackend {}

/// This build has no local backend.
#[derive(Debug, thiserror::Error)]
#[error("this build has none (feature local-appwrite)")]
pub struct Absent;

impl LocalBackend {
    /// Fails.
    pub async fn start(_listen: SocketAddr, _data: &Path, _profile: LocalProfile) -> Result<Self, Absent> {
        Err(Absent)
    }

    /// How the app would reach it.
    pub fn settings(&self) -> AppwriteSettings {
        match *self {}
    }

    /// Stops it.
    pub async fn stop(self) {
        match self {}
    }
}
