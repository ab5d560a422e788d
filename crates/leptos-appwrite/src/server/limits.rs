//! How much of the server a request, a client and all of them may take up.

use std::time::Duration;

/// The most bytes that a request's body may have. Our largest form has a few hundred.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The most requests that are worked on at a time. Most of their time, they wait for Appwrite.
pub const MOST_REQUESTS: usize = 1024;

/// The most of them that one client may have: enough for an office that shares an address.
pub const MOST_REQUESTS_OF_A_CLIENT: usize = 128;

/// How long a request may take, Appwrite's part included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request's body may take to arrive. Our largest form fits into one packet.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
