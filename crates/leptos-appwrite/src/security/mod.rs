//! What stands between the network and the pages: origin check, response headers, rate limits, the client's address.

pub mod client_address;
pub mod headers;
pub mod keyed_hash;
pub mod origin;
pub(crate) mod places;
pub mod rate_limit;
pub mod steady;
