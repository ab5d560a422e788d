//! Replaces the local backend in builds without it. The configuration prevents its use.

use std::net::SocketAddr;
use std::path::Path;

use appwrite_client::AppwriteSettings;

use crate::config::LocalProfile;

/// A backend that never runs.
pub enum LocalBackend {}

/// The error for a build without the local backend.
#[derive(Debug, thiserror::Error)]
#[error("this build has none (feature local-appwrite)")]
pub struct Absent;

impl LocalBackend {
    /// Always fails.
    pub async fn start(_listen: SocketAddr, _data: &Path, _profile: LocalProfile) -> Result<Self, Absent> {
        Err(Absent)
    }

    /// Unreachable.
    pub fn settings(&self) -> AppwriteSettings {
        match *self {}
    }

    /// Unreachable.
    pub async fn stop(self) {
        match self {}
    }
}
