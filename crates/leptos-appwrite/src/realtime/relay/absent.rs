//! Stands in for the relay where the feature `relay` is off: every page connects directly.

use axum::Router;

use crate::config::{Config, RealtimeTransport};
use crate::realtime::relay_policy::RelayPolicy;
use crate::state::AppState;
use appwrite_client::{ServerVersion, SessionClient};

#[path = "absent/registry.rs"]
pub mod registry;

/// No page uses this path.
pub const PATH: &str = "/realtime";

/// Empty, because there is no WebSocket library.
pub const LOG_DIRECTIVES: [&str; 0] = [];

/// Refuses a configuration that asks for the relay.
pub fn require(config: &Config) -> Result<(), &'static str> {
    match config.realtime {
        RealtimeTransport::Relay => Err(
            "REALTIME is relay, but this build has no relay (feature relay): build it with the feature, or write auto.",
        ),
        RealtimeTransport::Auto | RealtimeTransport::Direct => Ok(()),
    }
}

/// Returns no route.
pub fn routes(_state: &AppState, _policy: RelayPolicy) -> Router<AppState> {
    Router::new()
}

/// Always false.
pub(super) async fn is_needed(
    _state: &AppState,
    _client: &SessionClient,
    _version: Option<ServerVersion>,
    _jwt_ignored: bool,
) -> bool {
    false
}
