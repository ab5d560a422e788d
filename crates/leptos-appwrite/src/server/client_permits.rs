//! Keeps one client from using all request permits. Behind a proxy, connections do not distinguish clients.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::config::Config;
use crate::security::client_address::client_address;
use crate::security::permits::{Permit, Permits};
use crate::security::rate_limit::network_of;
use crate::state::AppState;

/// The permits for active requests, per client.
#[derive(Clone)]
pub struct ClientPermits {
    permits: Arc<Permits<IpNet>>,
    config: Arc<Config>,
}

impl ClientPermits {
    /// Creates the permits, all free.
    pub fn new(state: &AppState) -> Self {
        Self { permits: Arc::new(Permits::new(state.max_requests_per_client)), config: Arc::clone(&state.config) }
    }

    /// Takes a permit for a request, if its client has one left.
    pub fn take(&self, parts: &Parts) -> Option<Permit<IpNet>> {
        let address = client_address(parts, &self.config.trusted_proxies);
        let permit = self.permits.take(network_of(address));
        if permit.is_none() {
            tracing::info!(%address, "a request is refused: this client has reached its limit of concurrent requests");
        }
        permit
    }
}

/// Middleware: passes requests whose client has a permit left, and responds to others with a bare status.
pub async fn limit_per_client(
    State(client_permits): State<ClientPermits>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let (parts, body) = request.into_parts();
    let _permit = client_permits.take(&parts).ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}
