//! Limits on the server's resources for clients.

use std::time::Duration;

use ipnet::IpNet;

use crate::config::CONNECTIONS_PER_ADDRESS;

/// The maximum size of a request head, in bytes. Browsers send all cookies of a host, including those of other apps.
pub const HEAD_LIMIT: usize = 16 * 1024;

/// Limits on the server's resources for clients.
#[derive(Debug, Clone)]
pub struct Capacity {
    /// The maximum number of open connections. Relayed WebSockets have their own limits and do not count.
    pub connections: usize,
    /// The maximum number of open connections per client address.
    pub per_address: usize,
    /// The proxies in front of the app. They connect for many clients, so `per_address` does not apply to them.
    pub trusted_proxies: Vec<IpNet>,
    /// The time limit for a request head, also before its first byte and between two requests.
    pub head: Duration,
    /// The time limit for a client to read any part of a response.
    pub write: Duration,
    /// The time limit for a slow client to read a whole response.
    pub response: Duration,
    /// The time limit for open requests during shutdown.
    pub drain: Duration,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            connections: 4096,
            per_address: CONNECTIONS_PER_ADDRESS,
            trusted_proxies: Vec::new(),
            head: Duration::from_secs(30),
            write: Duration::from_secs(30),
            response: Duration::from_secs(300),
            drain: Duration::from_secs(10),
        }
    }
}
