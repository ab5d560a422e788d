//! Appwrite's HTTP layer: routes, checks before a handler runs, and response formats.

pub mod cookies;
mod cors;
mod envelope;
pub mod forms;
#[cfg(test)]
mod fuzz;
mod host;
pub mod multipart;
mod older;
pub mod params;
pub mod platform;
pub mod rate;
pub(crate) mod reply;
pub mod request;
pub mod route;
pub(crate) mod routes;
mod switched_off;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    http::{Method, Request, Response, StatusCode, header},
    middleware::{self, Next},
};
use tokio_util::sync::CancellationToken;

pub use reply::{Reply, escaped};
pub use request::Call;
pub use route::{Limit, Route};

use crate::{AppState, ErrorKind, local, oauth2, outbox, pages, realtime};
use request::Incoming;
use route::RouteTable;

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

#[derive(Clone)]
struct Service {
    state: AppState,
    routes: Arc<RouteTable>,
}

/// The backend's HTTP service. `cut_off` ends requests that are still running.
pub fn service(state: AppState, cut_off: CancellationToken) -> Router {
    let routes = Arc::new(RouteTable::new(routes::all(state.settings().profile)));
    let names: host::OwnNames = state.settings().hosts.clone().into();
    Router::new()
        .fallback(answer)
        .with_state(Service { state: state.clone(), routes })
        .merge(realtime::router(state.clone()))
        .merge(outbox::pages(state.clone()))
        .merge(pages::router(state.clone()))
        .merge(local::router(state.clone()))
        .merge(oauth2::mock_provider::pages(state))
        .layer(middleware::from_fn(move |request, next| until(cut_off.clone(), request, next)))
        .layer(middleware::from_fn(move |request, next| host::guard(names.clone(), request, next)))
}

/// Without this, a request whose body never ends would block the shutdown.
async fn until(cut_off: CancellationToken, request: Request<Body>, next: Next) -> Response<Body> {
    tokio::select! {
        response = next.run(request) => response,
        () = cut_off.cancelled() => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    }
}

async fn answer(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let state = service.state.clone();
    let (parts, body) = request.into_parts();
    let origin = cors::origin_of(&parts.headers);
    let cors = cors::headers(&state, origin.as_deref(), &parts.method);
    if parts.method == Method::OPTIONS {
        return cors::apply(reply::preflight(), cors);
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return cors::apply(response, cors);
    };
    // Appwrite's router ignores empty path segments.
    let path = parts.uri.path().strip_prefix("/v1").unwrap_or("").replace("//", "/");
    let found = service.routes.find(&parts.method, &path).or_else(|| {
        let route = switched_off::find(state.settings().profile, &parts.method, &path)?;
        Some((Arc::new(route), Vec::new()))
    });
    let response = match found {
        None => reply::error_page(&state, &ErrorKind::GeneralRouteNotFound.into()),
        Some((route, path_params)) => {
            let incoming = Incoming::new(&parts, body, peer, path_params, origin);
            // Handlers block on disk and on password hashes, so they run outside the async threads.
            let work = tokio::task::spawn_blocking(move || envelope::run(&state, &route, incoming));
            match work.await {
                Ok(response) => response,
                Err(error) => {
                    tracing::error!(%error, "a handler panicked");
                    reply::error(&service.state, &ErrorKind::GeneralUnknown.into())
                }
            }
        }
    };
    tracing::debug!(method = %parts.method, path, status = response.status().as_u16());
    cors::apply(without_body_on_head(&parts.method, response), cors)
}

fn without_body_on_head(method: &Method, mut response: Response<Body>) -> Response<Body> {
    if *method == Method::HEAD {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    }
    response
}
