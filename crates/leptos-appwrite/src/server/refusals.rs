//! Error responses: a page if the client asked for one, else JSON. Both contain the request's id.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::{BoxError, Json};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};

use crate::error::AppError;
use crate::error::http::{COME_BACK_AFTER, in_json, retry_after, wants_page};
use crate::request_id;
use crate::security::headers::baseline;
use crate::session::opening::escaped;
use crate::site::{Site, Wording};
use crate::state::AppState;

/// The content security policy of plain pages, which only load the style sheet.
const PLAIN_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Returns the bare status of an overloaded server.
pub async fn overloaded(_: BoxError) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

/// Middleware: adds text to the bare responses of inner layers (too large, too slow, too many, a panic).
pub async fn explain(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_page_wanted = wants_page(request.headers());
    let action = request.uri().path().starts_with("/actions/").then(|| request.uri().path().to_owned());
    let wording = &state.site.wording;
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
        // Does not render the app, because these requests do not count as active.
        _ if is_page_wanted => {
            let (id, style) = (request_id::current().unwrap_or_default(), &state.assets.style);
            let [heading, sentence] = [(wording.heading)(&error), (wording.error)(&error)];
            let home = [state.site.paths.home, wording.home_link];
            let page = plain_page(state.site, &heading, &sentence, &id, Some(style), home);
            ([(header::CONTENT_SECURITY_POLICY, PLAIN_POLICY)], Html(page)).into_response()
        }
        Some(path) => {
            let path = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("unknown"));
            ([(HeaderName::from_static(SERVER_FN_ERROR_HEADER), path)], error.ser()).into_response()
        }
        None => Json(in_json(&(wording.error)(&error), request_id::current())).into_response(),
    };
    *explained.status_mut() = response.status();
    let headers = explained.headers_mut();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    let retry_after = if error == AppError::Busy { Some(COME_BACK_AFTER.into()) } else { retry_after(&error) };
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    explained
}

/// Tells the app's own address to a client that uses another one. The page loads no files, because those requests would
/// be refused too.
pub fn wrong_address(state: &AppState, headers: &HeaderMap) -> Response {
    let (origin, id) = (state.config.origin.as_str(), request_id::current());
    let [heading, sentence] = state.site.wording.wrong_address;
    let mut response = if wants_page(headers) {
        let home = format!("{origin}{}", state.site.paths.home);
        let page = plain_page(state.site, heading, sentence, &id.unwrap_or_default(), None, [&home, origin]);
        ([(header::CONTENT_SECURITY_POLICY, PLAIN_POLICY)], Html(page)).into_response()
    } else {
        Json(in_json(&format!("{sentence} {origin}"), id)).into_response()
    };
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns the whole response, head and body, to a request with an oversized head.
pub fn head_too_large(wants_page: bool, site: &Site) -> Vec<u8> {
    let id = request_id::new_id();
    tracing::info!(id, status = 431, "a request head is too large");
    let [heading, sentence] = site.wording.too_many_cookies;
    let (content_type, body) = if wants_page {
        (
            "text/html; charset=utf-8",
            plain_page(site, heading, sentence, &id, None, [site.paths.home, site.wording.home_link]),
        )
    } else {
        ("application/json", in_json(sentence, Some(id.clone())).to_string())
    };
    let mut answer = format!(
        "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\
         cache-control: no-store, no-transform\r\n{}: {id}\r\nconnection: close\r\n",
        body.len(),
        request_id::NAME,
    );
    // All values are ASCII constants.
    let values = |(name, value): (&HeaderName, &HeaderValue)| Some(format!("{name}: {}\r\n", value.to_str().ok()?));
    answer.extend(baseline(None).iter().filter_map(values));
    answer.push_str("\r\n");
    answer.push_str(&body);
    answer.into_bytes()
}

/// Renders a page without the app, with the style sheet at this path, and a link: its address and its words.
fn plain_page(
    site: &Site,
    heading: &str,
    sentence: &str,
    id: &str,
    style: Option<&str>,
    [address, words]: [&str; 2],
) -> String {
    let style = style.map(|path| format!("<link rel=\"stylesheet\" href=\"{path}\">")).unwrap_or_default();
    let Wording { lang, request_id, .. } = site.wording;
    let [lang, heading, sentence, request_id, address, words] =
        [lang, heading, sentence, request_id, address, words].map(escaped);
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">{style}<title>{heading}</title></head>\
         <body><main><div class=\"page page-narrow\"><h1>{heading}</h1><p>{sentence}</p>\
         <p class=\"hint\">{request_id}: {id}</p><p class=\"actions\"><a href=\"{address}\">{words}</a></p>\
         </div></main></body></html>"
    )
}
