//! Decides whether a page needs the relay.

use std::sync::Arc;

use super::probe::{Realtime, probe};
use crate::config::RealtimeTransport;
use crate::state::AppState;
use appwrite_client::{ServerVersion, SessionClient};
use appwrite_realtime::protocol::Channel;

/// True if a page of this session connects through the relay.
///
/// `jwt_ignored`: the browser reports that Appwrite connected it as a guest. Affects this answer only.
pub(in crate::realtime) async fn is_needed(
    state: &AppState,
    client: &SessionClient,
    version: Option<ServerVersion>,
    jwt_ignored: bool,
) -> bool {
    match state.config.realtime {
        RealtimeTransport::Direct => false,
        RealtimeTransport::Relay => true,
        RealtimeTransport::Auto => {
            probe_if_due(state, client, jwt_ignored).await;
            jwt_ignored || ignores_jwt(state.relay.jwt_probe.honors_jwt(), version)
        }
    }
}

/// Uses the probe's result. Without one, uses the version to find servers that ignore the JWT.
fn ignores_jwt(honors_jwt: Option<bool>, version: Option<ServerVersion>) -> bool {
    match honors_jwt {
        Some(honors_jwt) => !honors_jwt,
        None => version.is_some_and(ServerVersion::ignores_jwt_in_realtime_address),
    }
}

/// Probes Realtime if it is due. Returns early where a result exists.
///
/// A browser that reports an ignored JWT gets the relay without waiting for the probe.
async fn probe_if_due(state: &AppState, client: &SessionClient, is_doubted: bool) {
    let realtime = Realtime {
        endpoint: state.public_endpoint.clone(),
        channels: state.site.tables.iter().map(|table| Channel::rows(&state.config.database_id, table.id)).collect(),
    };
    let (shared, probe) = (Arc::clone(&state.relay.jwt_probe), probe(state.appwrite.clone(), realtime, client.clone()));
    let run = async move { shared.run(is_doubted, probe).await };
    if !is_doubted && state.relay.jwt_probe.honors_jwt().is_none() {
        run.await;
    } else if state.relay.jwt_probe.is_due(is_doubted) {
        tokio::spawn(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Option<ServerVersion> {
        Some(text.parse().expect("a version"))
    }

    #[test]
    fn probe_result_decides_the_transport_for_any_version() {
        for version in [version("1.5.7"), version("1.9.5"), version("1.9.8"), version("2.7.1"), None] {
            assert!(!ignores_jwt(Some(true), version));
            assert!(ignores_jwt(Some(false), version));
        }
    }

    #[test]
    fn version_decides_the_transport_without_a_probe_result() {
        for text in ["1.5.7", "1.9.6"] {
            assert!(ignores_jwt(None, version(text)), "{text}");
        }
        for version in [version("1.9.7"), version("2.7.1"), None] {
            assert!(!ignores_jwt(None, version));
        }
    }
}
