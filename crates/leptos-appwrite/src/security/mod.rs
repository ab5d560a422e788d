//! Protection between the network and the pages: origin check, response headers, rate limits, client addresses.

pub mod app_limits;
pub mod client_address;
pub mod headers;
pub(crate) mod host;
pub(crate) mod keyed_hash;
pub mod origin;
pub(crate) mod permits;
pub(crate) mod rate_limit;
pub(crate) mod response_timing;
#[cfg(feature = "redis")]
pub(crate) mod shared_counters;
#[cfg(not(feature = "redis"))]
#[path = "shared_counters/absent.rs"]
pub(crate) mod shared_counters;
