//! Protection between the network and the pages: origin check, response headers, rate limits, client addresses.

pub mod client_address;
pub mod headers;
pub mod keyed_hash;
pub mod origin;
pub(crate) mod places;
pub mod rate_limit;
pub mod steady;
