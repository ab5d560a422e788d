//! How much of the server strangers can take up.

use std::time::Duration;

use ipnet::IpNet;

use crate::config::CONNECTIONS_PER_ADDRESS;

/// The most bytes that a request's head may have. Browsers send all cookies of a host, whichever app has set them.
pub const HEAD_LIMIT: usize = 16 * 1024;

/// How much of the server strangers can take up.
#[derive(Debug, Clone)]
pub struct Capacity {
    /// Open connections at a time. Relayed WebSockets have limits of their own and do not count.
    pub connections: usize,
    /// Open connections at a time from one client address.
    pub per_address: usize,
    /// The proxies in front of the app. They connect for many clients, so `per_address` does not hold for them.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a connection may wait with a request's head, before its first byte and between two requests too.
    pub head: Duration,
    /// How long a client may leave an answer unread.
    pub write: Duration,
    /// How long a client that reads slowly may take for one answer.
    pub response: Duration,
    /// How long open requests may take to end once the server was told to stop.
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
