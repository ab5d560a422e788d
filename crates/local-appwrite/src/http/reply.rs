//! Responses: JSON, empty, bytes, and errors as JSON or HTML.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use serde_json::{Value, json};

use crate::{ApiError, AppState};

/// A handler's response.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: ReplyBody,
}

#[derive(Debug)]
enum ReplyBody {
    Empty,
    Json(Value),
    Bytes(&'static str, Vec<u8>),
}

impl Reply {
    fn new(status: StatusCode, body: ReplyBody) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// `200` with a body.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, ReplyBody::Json(body))
    }

    /// `201` with a body.
    #[must_use]
    pub fn created(body: Value) -> Self {
        Self::new(StatusCode::CREATED, ReplyBody::Json(body))
    }

    /// `202` with a body.
    #[must_use]
    pub fn accepted(body: Value) -> Self {
        Self::new(StatusCode::ACCEPTED, ReplyBody::Json(body))
    }

    /// `204`.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(StatusCode::NO_CONTENT, ReplyBody::Empty)
    }

    /// `301` to another URL.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::new(StatusCode::MOVED_PERMANENTLY, ReplyBody::Empty)
            .header(header::LOCATION, location.to_owned())
            .header(header::CACHE_CONTROL, "no-store, no-cache, must-revalidate, max-age=0".to_owned())
            .header(header::PRAGMA, "no-cache".to_owned())
    }

    /// Keeps the headers (such as cookies) and replaces the body with a redirect.
    #[must_use]
    pub fn turned_into_redirect(self, location: &str) -> Self {
        let mut redirect = Self::redirect(location);
        redirect.headers.extend(self.headers);
        redirect
    }

    /// `200` with plain text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::new(StatusCode::OK, ReplyBody::Bytes("text/plain; charset=UTF-8", text.as_bytes().to_vec()))
    }

    /// `200` with bytes of this content type.
    #[must_use]
    pub fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, ReplyBody::Bytes(content_type, bytes))
    }

    /// `206` with a range of bytes.
    #[must_use]
    pub fn partial(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::new(StatusCode::PARTIAL_CONTENT, ReplyBody::Bytes(content_type, bytes))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Changes the body if it is JSON.
    pub(super) fn map_json(mut self, change: impl FnOnce(&mut Value)) -> Self {
        if let ReplyBody::Json(body) = &mut self.body {
            change(body);
        }
        self
    }

    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let (content_type, body) = match self.body {
            ReplyBody::Empty => ("text/html", Body::empty()),
            ReplyBody::Json(value) => (JSON, Body::from(value.to_string())),
            ReplyBody::Bytes(content_type, bytes) => (content_type, Body::from(bytes)),
        };
        let mut response = response(self.status, content_type, body);
        for (name, value) in self.headers {
            match HeaderValue::from_str(&value) {
                Ok(value) => {
                    response.headers_mut().append(name, value);
                }
                Err(error) => tracing::error!(%name, %error, "an invalid header was omitted"),
            }
        }
        response
    }
}

const JSON: &str = "application/json; charset=UTF-8";

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The response to a preflight.
pub fn preflight() -> Response<Body> {
    Reply::empty().into_response()
}

/// An error as JSON.
pub fn error(state: &AppState, error: &ApiError) -> Response<Body> {
    let body = json!({
        "message": error.message,
        "code": error.kind.status(),
        "type": error.kind.name(),
        "version": state.settings().profile.version(),
    });
    uncached(error, JSON, body.to_string())
}

/// An error as HTML, like Appwrite for unknown routes and routes that browsers navigate to.
pub fn error_page(state: &AppState, error: &ApiError) -> Response<Body> {
    let (code, kind) = (error.kind.status(), error.kind.name());
    let message = escaped(&error.message);
    let version = state.settings().profile.version();
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Error {code}</title></head><body><h1>Error {code}</h1><p>{message}</p>\
         <p>Type: {kind}</p><p>local-appwrite, speaking Appwrite {version}</p></body></html>"
    );
    uncached(error, "text/html; charset=UTF-8", page)
}

/// Escapes text for HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn uncached(error: &ApiError, content_type: &'static str, body: String) -> Response<Body> {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = response(status, content_type, Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
