//! CORS headers, which Appwrite sends with every response.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header},
};

use super::platform;
use crate::{AppState, Profile};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "Accept, Origin, Cookie, Set-Cookie, Content-Type, Content-Range, X-Appwrite-Project, X-Appwrite-Key, X-Appwrite-Dev-Key, X-Appwrite-Locale, X-Appwrite-Mode, X-Appwrite-JWT, X-Appwrite-Organization, X-Appwrite-Response-Format, X-Appwrite-Timeout, X-Appwrite-ID, X-Appwrite-Timestamp, X-Appwrite-Session, X-Appwrite-Platform, X-Appwrite-Impersonate-User-Id, X-Appwrite-Impersonate-User-Email, X-Appwrite-Impersonate-User-Phone, X-SDK-Version, X-SDK-Name, X-SDK-Language, X-SDK-Platform, X-SDK-GraphQL, X-SDK-Profile, Range, Cache-Control, Expires, Pragma, X-Fallback-Cookies, X-Requested-With, X-Forwarded-For, X-Forwarded-User-Agent";
const EXPOSED: &str = "X-Appwrite-Session, X-Fallback-Cookies";

/// The request's `Origin`, if any.
pub fn origin_of(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

/// Browsers cache a preflight response for this many seconds.
const MAX_AGE: &str = "86400";

/// The headers for a request from `origin`. An unknown origin is not allowed, so the browser blocks the response.
/// A preflight has no project header, so newer servers allow every origin in it.
pub fn headers(state: &AppState, origin: Option<&str>, method: &Method) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS)),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED)),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")),
    ];
    let is_newer = state.settings().profile >= Profile::OneNineNext;
    if is_newer {
        headers.push((header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE)));
    }
    let is_preflight = is_newer && *method == Method::OPTIONS;
    let origin = origin.map(str::to_lowercase);
    let allowed = origin.filter(|origin| match is_preflight {
        true => origin.contains("://"),
        false => platform::is_known_origin(state, origin),
    });
    if let Some(origin) = allowed.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        headers.push((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    }
    headers
}

/// Adds the headers to a response.
pub fn apply(mut response: Response<Body>, headers: Vec<(HeaderName, HeaderValue)>) -> Response<Body> {
    response.headers_mut().extend(headers);
    response
}
