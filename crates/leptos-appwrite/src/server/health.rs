//! The health routes: `/healthz` says that the process answers, `/readyz` that it can serve users.
//!
//! Neither reads a cookie, counts as a user's request, or writes a log line for each request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::RawQuery;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;
use appwrite_client::{Appwrite, AppwriteError};

/// The answer of Appwrite is kept for this long, so that frequent probes cost few calls.
const FRESH: Duration = Duration::from_secs(5);

/// The time limit for Appwrite. It is shorter than the probes' own limits, so that they still get the reason.
const TIMEOUT: Duration = Duration::from_secs(2);

const UNREACHABLE: &str = "appwrite_unreachable";

/// The query of a proxy that only asks if this instance accepts requests: during an outage of Appwrite, users should
/// see the app's own page.
const WITHOUT_APPWRITE: &str = "exclude=appwrite";

/// Returns both routes. They answer during an outage of Appwrite and under any load.
pub fn routes(state: &AppState) -> Router<AppState> {
    let (appwrite, stopping) = (state.appwrite.clone(), state.stopping.clone());
    let latest = Arc::new(Mutex::new(None));
    Router::new()
        .route("/healthz", get(|| async { answer(StatusCode::OK, Health::default()) }))
        .route("/readyz", get(move |query| ready(appwrite.clone(), stopping.clone(), Arc::clone(&latest), query)))
}

/// The body of both answers.
#[derive(Debug, Clone, Default, Serialize)]
struct Health {
    /// Why the app is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The `type` of Appwrite's refusal.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

impl Health {
    fn not_ready(reason: &'static str) -> Self {
        Self { reason: Some(reason), kind: None }
    }
}

type Latest = Arc<Mutex<Option<(Instant, Health)>>>;

async fn ready(appwrite: Appwrite, stopping: CancellationToken, latest: Latest, query: RawQuery) -> Response {
    let health = if stopping.is_cancelled() {
        Health::not_ready("stopping")
    } else if query.0.is_some_and(|query| query == WITHOUT_APPWRITE) {
        Health::default()
    } else {
        checked(appwrite, latest).await
    };
    let status = if health.reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(status, health)
}

async fn checked(appwrite: Appwrite, latest: Latest) -> Health {
    // Held during the call, so that many probes at once cause one call.
    let mut latest = latest.lock_owned().await;
    if let Some((_, health)) = latest.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
        return health.clone();
    }
    // Continues if the probe gives up: otherwise each probe would make a call.
    let check = tokio::spawn(async move {
        let health = match timeout(TIMEOUT, appwrite.admin().check_key()).await {
            Ok(checked) => health_of(checked),
            Err(_) => {
                tracing::warn!(limit = ?TIMEOUT, "Appwrite did not answer a health check in time");
                Health::not_ready(UNREACHABLE)
            }
        };
        *latest = Some((Instant::now(), health.clone()));
        health
    });
    check.await.unwrap_or_else(|_| Health::not_ready(UNREACHABLE))
}

fn health_of(checked: Result<(), AppwriteError>) -> Health {
    match checked {
        Ok(()) => Health::default(),
        // Appwrite answers, and its limit on the key's calls is temporary.
        Err(error) if error.is_rate_limited() => Health::default(),
        Err(error) if error.is_outage() => Health::not_ready(UNREACHABLE),
        Err(error) => {
            Health { kind: error.kind().map(str::to_owned), ..Health::not_ready("appwrite_refuses_project_or_key") }
        }
    }
}

fn answer(status: StatusCode, health: Health) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(health)).into_response()
}
