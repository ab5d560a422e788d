//! Decides whether a page needs the relay.

use std::sync::Arc;

use super::probe::{Realtime, probe};
use crate::config::RealtimeWay;
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
        RealtimeWay::Direct => false,
        RealtimeWay::Relay => true,
        RealtimeWay::Auto => {
            find_out(state, client, jwt_ignored).await;
            jwt_ignored || Way::found(state.relay.jwt_probe.honors_jwt(), version) == Way::Relay
        }
    }
}

/// The transport between a browser and Appwrite's Realtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Direct,
    Relay,
}

impl Way {
    /// Uses the probe's result. Without one, uses the version to find servers that ignore the JWT.
    fn found(honors_jwt: Option<bool>, version: Option<ServerVersion>) -> Self {
        match honors_jwt {
            Some(true) => Self::Direct,
            Some(false) => Self::Relay,
            None if version.is_some_and(ServerVersion::ignores_jwt_in_realtime_address) => Self::Relay,
            None => Self::Direct,
        }
    }
}

/// Probes Realtime if it is due. Returns early where a result exists.
///
/// A browser that reports an ignored JWT gets the relay without waiting for the probe.
async fn find_out(state: &AppState, client: &SessionClient, is_doubted: bool) {
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
            assert_eq!(Way::found(Some(true), version), Way::Direct);
            assert_eq!(Way::found(Some(false), version), Way::Relay);
        }
    }

    #[test]
    fn version_decides_the_transport_without_a_probe_result() {
        for text in ["1.5.7", "1.9.6"] {
            assert_eq!(Way::found(None, version(text)), Way::Relay, "{text}");
        }
        for version in [version("1.9.7"), version("2.7.1"), None] {
            assert_eq!(Way::found(None, version), Way::Direct);
        }
    }
}
