//! The HTTP server: its state, its routes, and its layers. The last group of layers is the outermost; in a group, a request passes them from
//! top to bottom.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request, map_request_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::util::MapResponseLayer;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::services::ServeDir;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use self::body::read_body;
use self::client_permits::{ClientPermits, limit_per_client};
use self::idle::end_idle_session;
use self::limits::REQUEST_TIMEOUT;
use self::pages::{guard, not_found, without_trailing_slash};
use self::refusals::{explain, overloaded};
use self::shared::SharedLayer;
use crate::account::{leaving, security};
use crate::auth::oauth;
use crate::error::AppError;
use crate::error::http::status;
use crate::metrics::{count_request, time_render};
use crate::realtime::relay;
use crate::realtime::relay_policy::RelayPolicy;
use crate::render::render;
use crate::request_id;
use crate::security::headers::{add_missing, baseline, forbid_transformation};
use crate::security::host::require_own_host;
use crate::security::origin::require_own_origin;
use crate::session::forms::answer_actions;
use crate::site::{Site, root};
use crate::state::AppState;
use crate::traces::{adopt_parent, trace_request};

pub mod body;
pub mod client_permits;
mod health;
mod idle;
pub mod limits;
mod pages;
pub(crate) mod refusals;
mod shared;
mod tasks;

/// The pages' routes, listed once. While Leptos lists routes, no thread of the process loads resources, so a page of
/// another server in this process would wait forever.
static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();

/// Creates routes for programs, from the app's state and the shared limits.
pub type RoutesWithoutCookie = Box<dyn FnOnce(&AppState, RequestPermits) -> Router<AppState> + Send>;

/// The app's routes besides its pages, and its policy for the relay.
pub struct OwnRoutes {
    /// Routes that may read the session cookie. The origin check and all limits protect them.
    pub with_session: Router<AppState>,
    /// Routes for programs with their own credentials, from any origin. Cookies are removed from their requests. They
    /// have their own layers and error responses.
    pub without_cookie: RoutesWithoutCookie,
    /// The channels and events that users get through the relay.
    pub relay: RelayPolicy,
}

impl Default for OwnRoutes {
    fn default() -> Self {
        Self {
            with_session: Router::new(),
            without_cookie: Box::new(|_, _| Router::new()),
            relay: RelayPolicy::default(),
        }
    }
}

/// The limits on concurrent requests, shared by all routes.
pub struct RequestPermits {
    /// The limit in total.
    pub work: Arc<Semaphore>,
    /// The limit per client.
    pub client_permits: ClientPermits,
}

/// Returns all routes with all layers.
pub fn router(state: AppState, own: OwnRoutes) -> Router {
    // First: it chooses where Leptos's tasks run.
    let page_routes = page_routes(state.site).to_vec();
    let pages = Router::new()
        // The server functions, then the pages.
        .leptos_routes_with_context(&state, vec![], || {}, || ())
        .leptos_routes_with_handler(page_routes, page)
        .merge(security::answers::routes(state.site))
        .merge(leaving::data::routes(state.site))
        .layer(from_fn(time_render))
        .route("/actions/{*action}", any(unknown_action))
        .layer(
            ServiceBuilder::new()
                .layer(SharedLayer)
                .layer(from_fn_with_state(state.clone(), answer_actions))
                .layer(from_fn_with_state(state.clone(), guard)),
        );
    let not_found =
        Router::new().fallback(not_found).layer(from_fn_with_state(state.clone(), guard)).with_state(state.clone());
    let site_root = state.leptos.site_root.as_ref();
    let package = format!("{site_root}/{}", state.leptos.site_pkg_dir);
    let package_caching = if state.leptos.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let package_files = Router::new()
        .fallback_service(ServeDir::new(package).precompressed_br().precompressed_gzip())
        .layer(from_fn(move |request: Request, next: Next| cache_files(request, next, package_caching)));
    let public_files = ServeDir::new(site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(not_found);
    let work = Arc::new(Semaphore::new(state.max_requests));
    let client_permits = ClientPermits::new(&state);
    let trusted_proxies = state.config.trusted_proxies.clone();
    let headers = Arc::new(baseline(state.config.hsts.as_ref()));
    let baseline = MapResponseLayer::new(move |response| add_baseline(response, &headers));
    let stopping = state.stopping.clone();
    Router::new()
        .merge(pages)
        .merge(own.with_session)
        .merge(relay::routes(&state, own.relay))
        .merge(oauth::routes())
        .nest(&format!("/{}", state.leptos.site_pkg_dir), package_files)
        .fallback_service(public_files)
        .layer(
            ServiceBuilder::new()
                .layer(SharedLayer)
                .layer(HandleErrorLayer::new(overloaded))
                .layer(LoadShedLayer::new())
                .layer(GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(&work)))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, REQUEST_TIMEOUT))
                .layer(map_request_with_state(state.clone(), require_own_origin))
                .layer(from_fn_with_state(state.clone(), end_idle_session)),
        )
        .layer(
            ServiceBuilder::new()
                .layer(SharedLayer)
                .layer(map_request_with_state(state.clone(), without_trailing_slash))
                // Zstandard, or gzip for browsers that do not read it. Brotli would take four times Zstandard's time for as many bytes.
                .layer(CompressionLayer::new().quality(CompressionLevel::Precise(3)).compress_when(pages_only()))
                .layer(from_fn_with_state(state.clone(), explain))
                .layer(map_request_with_state(state.clone(), read_body))
                .layer(from_fn_with_state(client_permits.clone(), limit_per_client)),
        )
        // These routes read no cookie, so they need no origin check. They define their own error responses.
        .merge(
            (own.without_cookie)(&state, RequestPermits { work, client_permits }).layer(map_request(without_cookies)),
        )
        .layer(
            ServiceBuilder::new()
                .layer(SharedLayer)
                .map_request(request_id::without_foreign_id)
                .map_request(move |request: Request| adopt_parent(&trusted_proxies, request))
                .layer(SetRequestIdLayer::new(request_id::NAME, MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(request_id::log_span).on_response(log_response))
                .layer(PropagateRequestIdLayer::new(request_id::NAME))
                .layer(from_fn(request_id::remember))
                .layer(baseline.clone())
                .layer(from_fn(trace_request))
                .layer(from_fn(count_request))
                .layer(map_request_with_state(state.clone(), require_own_host)),
        )
        .merge(health::routes(&state).layer(baseline))
        .layer(MapResponseLayer::new(move |response| close_when_stopping(response, &stopping)))
        .with_state(state)
}

/// Returns the routes of all pages. Only the first call creates the list: a process runs one app.
pub fn page_routes(site: &'static Site) -> &'static [AxumRouteListing] {
    ROUTES.get_or_init(|| {
        tasks::install();
        generate_route_list(move || root(site))
    })
}

async fn page(State(state): State<AppState>, request: Request) -> Response {
    render(state, request).await
}

/// Handles an unknown server function: the calling page is from another version of the app.
async fn unknown_action(request: Request) -> Response {
    let path = request.uri().path();
    let named = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("unknown"));
    let error = AppError::OutOfDate;
    (status(&error), [(HeaderName::from_static(SERVER_FN_ERROR_HEADER), named)], Body::from(error.ser()))
        .into_response()
}

async fn without_cookies(mut request: Request) -> Request {
    request.headers_mut().remove(header::COOKIE);
    request
}

async fn cache_files(request: Request, next: Next, caching: &'static str) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    }
    response
}

fn add_baseline(mut response: Response, baseline: &HeaderMap) -> Response {
    add_missing(response.headers_mut(), baseline);
    forbid_transformation(response.headers_mut());
    response
}

/// Lets the proxies empty their pools before the server closes the remaining connections: a form that is sent over a
/// closed connection fails.
fn close_when_stopping(mut response: Response, stopping: &CancellationToken) -> Response {
    if stopping.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Compresses pages only; the build has already compressed the static files.
fn pages_only() -> impl Predicate {
    let html = |_: StatusCode, _: axum::http::Version, headers: &HeaderMap, _: &axum::http::Extensions| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    };
    SizeAbove::new(512).and(html)
}

fn log_response<B>(response: &axum::http::Response<B>, took: Duration, _: &tracing::Span) {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::error!(status = response.status().as_u16(), milliseconds, "answered");
    } else {
        tracing::info!(status = response.status().as_u16(), milliseconds, "answered");
    }
}
