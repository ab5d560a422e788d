//! Which requests reach a page: trailing slashes are taken away, and only routes with a guard are opened.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::render::render;
use crate::routes;
use crate::session::Visit;
use crate::session::own_path::OwnPath;
use crate::session::resolve::resolve_page;
use crate::state::AppState;

/// Middleware: redirects `/account/` to `/account`, with its query. Other paths than those of pages stay as they are.
pub async fn without_trailing_slash(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let path = uri.path().trim_end_matches('/');
    if path.len() == uri.path().len() || !routes::is_page(path) {
        return next.run(request).await;
    }
    let page = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let own = page.parse().ok().and_then(|page| OwnPath::of_request(&page));
    match own.and_then(|page| HeaderValue::from_str(page.as_str()).ok()) {
        Some(page) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, page)]).into_response(),
        None => next.run(request).await,
    }
}

/// Middleware around all pages: opens a page only to those whom its row in the table of routes names. A route that is not
/// in the table is no page.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    match route.as_deref().map_or(Some(routes::FALLBACK), routes::guard) {
        Some(access) => resolve_page(state, access, request, next).await,
        // Server functions: they ask for the session themselves.
        None if route.is_some_and(|route| route.starts_with("/actions/")) => next.run(request).await,
        None => not_found(State(state), request).await,
    }
}

/// The page of an address that is not in the table. Leptos's router is not asked: it would find a page at `/%61ccount`.
pub async fn not_found(State(state): State<AppState>, mut request: Request) -> Response {
    let extensions = request.extensions_mut();
    let visit = extensions.remove::<Visit>().unwrap_or_else(|| Visit::of_nobody(&state.config));
    extensions.insert(Visit { failure: Some(AppError::NotFound), ..visit });
    let mut response = render(state, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
