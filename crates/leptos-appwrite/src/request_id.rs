//! The id in a request's log lines. Pages and responses that report a failure show it, so that the lines can be found.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use crate::json;

#[cfg(not(feature = "ssr"))]
use self::browser as side;
#[cfg(feature = "ssr")]
use self::server as side;
#[cfg(feature = "ssr")]
pub(crate) use self::server::of_current;
#[cfg(feature = "ssr")]
pub use self::server::{NAME, current, log_span, new_id, remember, without_foreign_id};

/// Returns the id of the request that this page was rendered for.
pub fn use_request_id() -> Option<String> {
    json::of_page(side::current)
}
