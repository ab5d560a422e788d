//! Refusals in words: a page where a page was asked for, JSON elsewhere, and in both the id of the request.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::{BoxError, Json};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use serde_json::json;

use super::{AppState, failure_page};
use crate::error::AppError;
use crate::request_id;
use crate::security::headers::baseline;
use crate::session::forms::wants_page;

/// When to come back to a server that has its hands full, in seconds.
pub const COME_BACK_AFTER: u16 = 2;

/// What somebody reads whose browser sends more than [`HEAD_LIMIT`](crate::connections::HEAD_LIMIT).
const TOO_MANY_COOKIES: [&str; 2] = [
    "Too many cookies",
    "Your browser sent more data than this site accepts, usually because of too many cookies. Clear this site's cookies \
     in your browser's settings, then try again.",
];

/// The bare answer where the server has its hands full.
pub async fn overloaded(_: BoxError) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

/// Middleware: puts the bare refusals of the layers inside (too large, too slow, too many, a panic) into words.
pub async fn explain(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_page_wanted = wants_page(request.headers());
    let action = request.uri().path().starts_with("/actions/").then(|| request.uri().path().to_owned());
    let response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_bare = content_type.is_none_or(|content_type| content_type.starts_with("text/plain"));
    let error = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        StatusCode::REQUEST_TIMEOUT => AppError::TooSlow,
        StatusCode::SERVICE_UNAVAILABLE => AppError::Busy,
        StatusCode::GATEWAY_TIMEOUT => AppError::BackendUnavailable,
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST => AppError::BadRequest,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMediaType,
        StatusCode::INTERNAL_SERVER_ERROR => AppError::Internal,
        _ => return response,
    };
    if !is_bare || response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return response;
    }
    let mut explained = match action {
        _ if is_page_wanted && error == AppError::Busy => {
            // It costs next to nothing: the app is not rendered.
            let id = request_id::current().unwrap_or_default();
            Html(plain_page("Too many people are here", &error.sentence(), &id)).into_response()
        }
        _ if is_page_wanted => failure_page(&state, error.clone()).await,
        Some(path) => {
            let path = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("unknown"));
            ([(HeaderName::from_static(SERVER_FN_ERROR_HEADER), path)], error.ser()).into_response()
        }
        None => Json(in_json(&error.sentence(), request_id::current())).into_response(),
    };
    *explained.status_mut() = response.status();
    let headers = explained.headers_mut();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    if error == AppError::Busy {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(COME_BACK_AFTER));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    explained
}

/// The whole answer, head and body, to a request whose head is too large to be read.
pub fn head_too_large(wants_page: bool) -> Vec<u8> {
    let id = request_id::new_id();
    tracing::info!(id, status = 431, "answered: the head of a request is too large");
    let [heading, sentence] = TOO_MANY_COOKIES;
    let (content_type, body) = if wants_page {
        ("text/html; charset=utf-8", plain_page(heading, sentence, &id))
    } else {
        ("application/json", in_json(sentence, Some(id.clone())).to_string())
    };
    let mut answer = format!(
        "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\
         cache-control: no-store, no-transform\r\n{}: {id}\r\nconnection: close\r\n",
        body.len(),
        request_id::NAME,
    );
    // The values are constants of ours, in ASCII.
    let values = |(name, value): (&HeaderName, &HeaderValue)| Some(format!("{name}: {}\r\n", value.to_str().ok()?));
    answer.extend(baseline(None).iter().filter_map(values));
    answer.push_str("\r\n");
    answer.push_str(&body);
    answer.into_bytes()
}

fn in_json(sentence: &str, id: Option<String>) -> serde_json::Value {
    json!({ "success": false, "error": sentence, "requestId": id })
}

/// A page without the app around it.
fn plain_page(heading: &str, sentence: &str, id: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{heading}</title></head>\
         <body><main><h1>{heading}</h1><p>{sentence}</p><p>Request ID: {id}</p></main></body></html>"
    )
}
