//! Renders the whole app before sending the first byte.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use leptos::prelude::provide_context;

use crate::document::document;
use crate::error::AppError;
use crate::error::http::{retry_after, status};
use crate::session::Visit;
use crate::state::AppState;

/// Renders a page that only shows an error, with the matching status.
pub async fn failure_page(state: &AppState, error: AppError) -> Response {
    let mut request = Request::new(Body::empty());
    let code = status(&error);
    let retry_after = retry_after(&error);
    request.extensions_mut().insert(Visit { failure: Some(error), ..Visit::of_nobody(state) });
    let mut response = render(state.clone(), request).await;
    *response.status_mut() = code;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Renders the app at the request's path.
pub async fn render(state: AppState, request: Request) -> Response {
    let context = {
        let state = state.clone();
        move || provide_context(state.clone())
    };
    leptos_axum::render_app_async_with_context(context, move || document(&state))(request).await
}
