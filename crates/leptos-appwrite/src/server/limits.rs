//! Limits per request, per client and in total.

use std::time::Duration;

/// The maximum size of a request body, in bytes. Our largest form has a few hundred.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The maximum number of active requests. They mostly wait for Appwrite.
pub const MAX_REQUESTS: usize = 1024;

/// The maximum number of active requests per client: enough for an office that shares an address.
pub const MAX_REQUESTS_PER_CLIENT: usize = 128;

/// The time limit of a request, including Appwrite's part.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit for a request body to arrive. Our largest form fits into one packet.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
