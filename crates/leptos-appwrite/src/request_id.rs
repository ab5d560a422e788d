//! The id that a request's log lines carry. Pages and answers that report a failure name it, so that the lines are found.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::SharedValue;

#[cfg(not(feature = "ssr"))]
use self::browser as side;
#[cfg(feature = "ssr")]
use self::server as side;
#[cfg(feature = "ssr")]
pub use self::server::{NAME, current, log_span, new_id, remember, without_foreign_id};

/// The id of the request that this page was rendered for.
pub fn use_request_id() -> Option<String> {
    SharedValue::new(side::current).into_inner()
}
