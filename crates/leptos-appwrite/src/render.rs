//! Renders the whole app before sending the first byte.

use std::pin::Pin;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, StreamExt, once};
use leptos::nonce::Nonce;
use leptos::prelude::*;

use crate::document::{Opening, start_of_body};
use crate::error::AppError;
use crate::error::http::{retry_after, status};
use crate::security::headers::page_policy;
use crate::session::Visit;
use crate::site::root;
use crate::state::AppState;

pub mod visitor_pages;

use visitor_pages::VisitorRequest;

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

/// Answers a request for a page: by a kept rendering, if a visitor may get one, or else by a new one.
pub async fn render(state: AppState, request: Request) -> Response {
    let nonce = Nonce::new();
    let mut response = match VisitorRequest::of(state.site.visitor_pages, &request) {
        Some(visitor) => state.visitor_pages.answer(visitor, &nonce, |request| page(&state, request, &nonce)).await,
        None => page(&state, request, &nonce).await,
    };
    if let Some(policy) = page_policy(&nonce, &state.public_endpoint, state.live_reload_port()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Renders the app at the request's path, with this nonce.
async fn page(state: &AppState, request: Request, nonce: &Nonce) -> Response {
    let opening = Opening::of(state, &request);
    let context = {
        let (state, nonce, parts) = (state.clone(), nonce.clone(), opening.part_names());
        move || {
            provide_context(state.clone());
            provide_context(nonce.clone());
            provide_context(StartOfBody(start_of_body(&parts)));
        }
    };
    let site = state.site;
    let response = leptos_axum::handle_response_inner(context, move || root(site), request, in_one_piece).await;
    let (parts, body) = response.into_parts();
    // Leptos makes the body from strings that it has.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut html = opening.html(state, nonce, body.len());
    html.extend_from_slice(&body);
    Response::from_parts(parts, Body::from(html))
}

/// The HTML between the head's elements and the app.
#[derive(Clone)]
struct StartOfBody(String);

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Renders the app, and what hydration needs, as one string. It begins with the end of the head, where Leptos puts the title.
fn in_one_piece<V: IntoView + 'static>(
    app: V,
    scripts: Box<dyn FnOnce() -> Chunks + Send>,
    _: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    let start = use_context::<StartOfBody>().map(|StartOfBody(start)| start).unwrap_or_default();
    Box::pin(async move {
        let mut html = start;
        let mut app = app.to_html_stream_in_order();
        while let Some(chunk) = app.next().await {
            html.push_str(&chunk);
        }
        html.push_str("</div></body></html>");
        let mut scripts = scripts();
        while let Some(script) = scripts.next().await {
            html.push_str(&script);
        }
        Box::pin(once(async move { html })) as Chunks
    })
}
