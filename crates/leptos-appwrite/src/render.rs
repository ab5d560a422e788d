//! Renders the whole app before sending the first byte.

use std::pin::pin;
use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::nonce::Nonce;
use leptos::prelude::*;
use leptos::reactive::owner::Sandboxed;
use leptos::tachys::ssr::{StreamBuilder, StreamChunk};
use leptos::tachys::view::Position;
use leptos_axum::ResponseOptions;
use leptos_meta::ServerMetaContext;
use leptos_router::components::provide_server_redirect;
use leptos_router::location::RequestUrl;

use crate::document::{Opening, start_of_body};
use crate::error::AppError;
use crate::error::http::{retry_after, status};
use crate::security::headers::page_policy;
use crate::session::Visit;
use crate::site::root;
use crate::state::AppState;

mod cache;
pub mod cached_views;
mod data;
pub mod visitor_pages;

use data::push_data_script;
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

/// Answers a request for a page: by a cached rendering, if a visitor may get one, or else by a new one.
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

/// The usual size of an app's HTML before what it waits for, at most: a larger one is copied while it grows.
const USUAL_SIZE: usize = 16 * 1024;

/// Renders the app at the request's path, with this nonce.
///
/// Does what `leptos_axum::render_app_async` does, but makes the page in one piece and copies its text once, and without islands and
/// the prefetch links of Leptos's own parts, which the app does not have.
async fn page(state: &AppState, request: Request, nonce: &Nonce) -> Response {
    let opening = Opening::of(state, &request);
    let (meta_context, meta) = ServerMetaContext::new();
    let options = ResponseOptions::default();
    let shared_context = Arc::new(SsrSharedContext::new());
    let owner = Owner::new_root(Some(shared_context.clone()));
    let provide = {
        let (state, nonce, options) = (state.clone(), nonce.clone(), options.clone());
        move || {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            provide_context(RequestUrl::new(&format!("http://leptos.dev{path}")));
            provide_context(meta_context);
            provide_context(request.into_parts().0);
            provide_context(options);
            provide_server_redirect(leptos_axum::redirect);
            provide_context(state);
            provide_context(nonce);
        }
    };
    let site = state.site;
    // In a box, because `Sandboxed` would copy the future.
    let (html, head) = Sandboxed::new(Box::pin(async {
        let app = owner.with(|| {
            provide();
            root(site)
        });
        let mut html = html_of(app).await;
        let mut end = String::from("</div></body></html>");
        push_data_script(&shared_context, nonce, &mut end).await;
        html.push(end);
        while let Some(deferred) = shared_context.await_deferred() {
            deferred.await;
        }
        let start = start_of_body(&opening.part_names());
        let head = meta.inject_meta_context(stream::iter([start])).await;
        (html, pin!(head).next().await.unwrap_or_default())
    }))
    .await;
    owner.unset_with_forced_cleanup();
    // In one piece: hyper would send several pieces by several calls of the system.
    let mut page = opening.html(state, nonce, head.len() + html.iter().map(String::len).sum::<usize>());
    page.extend_from_slice(head.as_bytes());
    for piece in html {
        page.extend_from_slice(piece.as_bytes());
    }
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let options = std::mem::take(&mut *options.0.write().unwrap_or_else(PoisonError::into_inner));
    *response.status_mut() = options.status.unwrap_or_default();
    response.headers_mut().extend(options.headers);
    response
}

/// Renders the app, in pieces.
async fn html_of(app: AnyView) -> Vec<String> {
    let mut html = StreamBuilder::with_capacity(USUAL_SIZE, None);
    app.to_html_async_with_buf::<false>(&mut html, &mut Position::FirstChild, true, false, vec![]);
    let (mut chunks, mut pieces) = (html.take_chunks(), vec![]);
    while let Some(chunk) = chunks.pop_front() {
        match chunk {
            StreamChunk::Sync(piece) => pieces.push(piece),
            StreamChunk::Async { chunks: awaited } => {
                for chunk in awaited.await.into_iter().rev() {
                    chunks.push_front(chunk);
                }
            }
            StreamChunk::OutOfOrder { .. } => unreachable!("the app is rendered in order"),
        }
    }
    pieces
}
