//! The person for whom our server calls with its key.

use std::net::IpAddr;

use reqwest::header::HeaderValue;

/// What is known of the person for whom our server calls with its key.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The browser's own user agent, so that the list of devices shows theirs and not our server.
    pub user_agent: Option<HeaderValue>,
    /// Where they are. Appwrite believes it only of a proxy that it trusts.
    pub address: Option<IpAddr>,
}
