//! Stands in for the traces where the feature `traces` is off: traces nothing.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::config::TraceSettings;

const ABSENT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but this build has no traces (feature traces): build it with the \
     feature, or remove it.";

/// A value of this type never exists.
pub enum Traces {}

/// Refuses the settings.
pub fn start(_settings: &TraceSettings) -> Result<Traces, String> {
    Err(ABSENT.into())
}

/// Refuses the settings.
pub async fn check(_settings: &TraceSettings) -> Result<Duration, String> {
    Err(ABSENT.into())
}

impl Traces {
    /// Is never called.
    pub async fn stop(self) {
        match self {}
    }
}

/// Passes the request on.
pub fn adopt_parent<B>(_trusted: &[IpNet], request: axum::http::Request<B>) -> axum::http::Request<B> {
    request
}

/// Passes the request on.
pub async fn trace_request(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Returns the task.
pub(crate) fn in_current_trace<F: Future>(task: F) -> F {
    task
}
