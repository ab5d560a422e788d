//! Serves the app under its own address only: under another one, cookies and the origin check would fail without a
//! message.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::server::refusals::wrong_address;
use crate::state::AppState;

/// Middleware: redirects GET and HEAD requests for a further origin of the app to the main one. Answers other requests
/// for another host with the app's address.
pub async fn require_own_host(State(state): State<AppState>, request: Request) -> Result<Request, Response> {
    let config = &state.config;
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => {
            let mut hosts = request.headers().get_all(header::HOST).iter();
            match (hosts.next(), hosts.next()) {
                // An HTTP/1.0 client may send no host.
                (None, _) => None,
                (Some(host), None) => Some(host.to_str().unwrap_or_default()),
                // A proxy may have used the other value.
                (Some(_), Some(_)) => Some(""),
            }
        }
    };
    let Some(host) = host.filter(|host| !config.origin.has_host(host)) else { return Ok(request) };
    let is_further = config.origins_also.iter().any(|origin| origin.has_host(host));
    if is_further && matches!(*request.method(), Method::GET | Method::HEAD) {
        let page = request.uri().path_and_query().map_or("/", |page| page.as_str());
        if let Ok(location) = HeaderValue::try_from(format!("{}{page}", config.origin)) {
            // The query of a link from an email is secret, so no cache may keep it.
            let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            return Err((StatusCode::PERMANENT_REDIRECT, headers).into_response());
        }
    }
    tracing::info!(
        host,
        "a request names another host than APP_ORIGIN. A proxy must pass on the Host of its request; further addresses \
         belong into APP_ORIGINS_ALSO"
    );
    Err(wrong_address(&state, request.headers()))
}
