//! Metrics in Prometheus' text form, at an address of their own (`METRICS_ADDR`). Labels come from the app's own tables of
//! routes and names, never from what a client sends.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ::metrics::{counter, gauge, histogram};
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::request_labels::{method_of, route_of};

/// The upper ends of the histograms' buckets, in seconds.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The interval at which the histograms' samples are put into their buckets.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The metrics of this process.
static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// The relayed connections of each session, by its id.
static RELAYED: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// Starts to count, and serves `GET /metrics` at `address` in a task of its own. Returns the address with its port.
pub async fn serve(address: SocketAddr) -> Result<SocketAddr, String> {
    let refused = |error: &dyn std::fmt::Display| format!("The metrics cannot be served at {address}: {error}.");
    let listener = TcpListener::bind(address).await.map_err(|error| refused(&error))?;
    let local = listener.local_addr().map_err(|error| refused(&error))?;
    let metrics = recording().map_err(|error| refused(&error))?;
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(UPKEEP_EVERY);
        loop {
            interval.tick().await;
            metrics.run_upkeep();
        }
    });
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let router = Router::new().route("/metrics", get(move || async move { (content_type, metrics.render()) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(local)
}

/// Returns the process's metrics, which the first call creates.
fn recording() -> Result<&'static PrometheusHandle, Box<dyn std::error::Error + Send + Sync>> {
    if let Some(metrics) = METRICS.get() {
        return Ok(metrics);
    }
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
    let handle = recorder.handle();
    // Fails if another thread was faster; its recorder is then used.
    if ::metrics::set_global_recorder(recorder).is_ok() {
        gauge!("shared_rate_limits_away").set(0.0);
        gauge!("relayed_connections").set(0.0);
        gauge!("relayed_sessions").set(0.0);
        return Ok(METRICS.get_or_init(|| handle));
    }
    METRICS.get().ok_or_else(|| "another part of the program counts already".into())
}

/// Middleware: counts a request and its time, by the route's template.
pub async fn count_request(request: Request, next: Next) -> Response {
    let route = route_of(&request);
    let method = method_of(request.method());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(start.elapsed().as_secs_f64());
    counter!("http_requests_total", "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// Middleware around the pages: measures the time to render a page, including its calls to Appwrite.
pub async fn time_render(request: Request, next: Next) -> Response {
    let is_page = request.method() == Method::GET;
    let (route, start) = (route_of(&request), Instant::now());
    let response = next.run(request).await;
    if is_page {
        histogram!("page_render_duration_seconds", "route" => route).record(start.elapsed().as_secs_f64());
    }
    response
}

/// Counts a refusal by one of our rate limits.
pub fn refused(limit: &str) {
    counter!("rate_limit_refusals_total", "limit" => limit.to_owned()).increment(1);
}

/// Reports if the shared store of the rate limits is unavailable.
pub fn shared_limits_are_away(are_away: bool) {
    gauge!("shared_rate_limits_away").set(f64::from(u8::from(are_away)));
}

/// Counts a relayed frame. `to` is `browser` or `appwrite`.
pub fn relayed_frame(to: &'static str) {
    counter!("relayed_frames_total", "to" => to).increment(1);
}

/// A relayed connection, counted until it is dropped.
pub struct Relayed(String);

impl Relayed {
    /// Counts a connection of this session.
    pub fn of_session(id: &str) -> Self {
        gauge!("relayed_connections").increment(1.0);
        let mut sessions = RELAYED.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = sessions.get_or_insert_default().entry(id.to_owned()).or_default();
        *connections += 1;
        if *connections == 1 {
            gauge!("relayed_sessions").increment(1.0);
        }
        Self(id.to_owned())
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        gauge!("relayed_connections").decrement(1.0);
        let mut sessions = RELAYED.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sessions) = sessions.as_mut() else { return };
        let Some(connections) = sessions.get_mut(&self.0) else { return };
        *connections -= 1;
        if *connections == 0 {
            sessions.remove(&self.0);
            gauge!("relayed_sessions").decrement(1.0);
        }
    }
}
