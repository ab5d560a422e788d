//! The user for whom our server calls with its API key.

use std::net::IpAddr;

use reqwest::header::HeaderValue;

/// The browser and address of the user for whom our server calls with its API key.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The browser's user agent, so that the list of devices shows the user's browser and not our server.
    pub user_agent: Option<HeaderValue>,
    /// The user's address. Appwrite trusts it only from a trusted proxy.
    pub address: Option<IpAddr>,
}
