//! Routes requests to pages: removes trailing slashes and opens only routes with a guard.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::render::render;
use crate::session::Visit;
use crate::session::own_path::OwnPath;
use crate::session::resolve::resolve_page;
use crate::state::AppState;

/// Middleware: redirects `/account/` to `/account`, with its query. Paths that are not pages stay as they are.
pub async fn without_trailing_slash(State(state): State<AppState>, request: Request) -> Result<Request, Response> {
    let uri = request.uri();
    let path = uri.path().trim_end_matches('/');
    if path.len() == uri.path().len() || !state.site.guards.is_page(path) {
        return Ok(request);
    }
    let page = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let own = page.parse().ok().and_then(|page| OwnPath::of_request(&page));
    match own.and_then(|page| HeaderValue::from_str(page.as_str()).ok()) {
        Some(page) => Err((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, page)]).into_response()),
        None => Ok(request),
    }
}

/// Middleware around all pages: applies the access rule from the table of routes. A route outside the table is not a
/// page.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let is_page = route.is_none() || state.site.guards.is_page(request.uri().path());
    match route.as_deref().map_or(Some(state.site.guards.fallback), |route| state.site.guards.guard(route)) {
        Some(access) if is_page => resolve_page(state, access, request, next).await,
        // Server functions check the session themselves.
        None if route.is_some_and(|route| route.starts_with("/actions/")) => next.run(request).await,
        Some(_) | None => not_found(State(state), request).await,
    }
}

/// Renders the page for an unknown path, the same for all users, without Leptos's router, which would find a page at `/%61ccount`.
pub async fn not_found(State(state): State<AppState>, mut request: Request) -> Response {
    request.headers_mut().remove(header::COOKIE);
    let extensions = request.extensions_mut();
    let visit = extensions.remove::<Visit>().unwrap_or_else(|| Visit::of_nobody(&state));
    extensions.insert(Visit { failure: Some(AppError::NotFound), ..visit });
    let mut response = render(state, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

#[cfg(test)]
mod tests {
    use appwrite_client::AppwriteSettings;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use leptos::config::LeptosOptions;
    use tower::ServiceExt;
    use url::Url;

    use super::*;
    use crate::server::page_routes;
    use crate::state::StateParts;
    use crate::test_site::{SITE, config};

    fn state() -> AppState {
        let endpoint = Url::parse("http://127.0.0.1:9/v1").expect("an address");
        let appwrite =
            AppwriteSettings { endpoint: endpoint.clone(), project_id: "demo".into(), api_key: "key".into() };
        let leptos = LeptosOptions::builder().output_name("notes").site_root("tests/site").build();
        AppState::from(StateParts::new(&SITE, leptos, config(), appwrite, endpoint).expect("the parts of a state"))
    }

    #[tokio::test]
    async fn route_that_is_not_in_the_table_is_refused() {
        // Initializes Leptos for rendering.
        assert!(!page_routes(&SITE).is_empty());
        let state = state();
        let router = Router::new()
            .route("/secret", get(|| async { "for Ann alone" }))
            .layer(from_fn_with_state(state.clone(), guard))
            .with_state(state);
        let request = Request::get("/secret").header("cookie", "session=a").body(Body::empty()).expect("a request");
        let answer = router.oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let body = to_bytes(answer.into_body(), 64 * 1024).await.expect("a body");
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("Page not found") && !body.contains("for Ann alone"), "{body}");
    }
}
