//! Stands in for the metrics where the feature `metrics` is off: counts nothing.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Refuses the address.
pub async fn serve(_address: SocketAddr) -> Result<SocketAddr, String> {
    Err("METRICS_ADDR is set, but this build has no metrics (feature metrics): build it with the feature, or remove it."
        .into())
}

/// Passes the request on.
pub async fn count_request(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Passes the request on.
pub async fn time_render(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Counts nothing.
pub fn refused(_limit: &str) {}

/// Counts nothing.
pub fn shared_limits_are_away(_are_away: bool) {}

/// Counts nothing.
pub fn relayed_frame(_to: &'static str) {}

/// Counts nothing.
pub struct Relayed;

impl Relayed {
    /// Counts nothing.
    pub fn of_session(_id: &str) -> Self {
        Self
    }
}
