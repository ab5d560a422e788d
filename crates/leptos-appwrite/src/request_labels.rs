//! The labels of requests in metrics and traces: never anything that a client sends.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;

/// The route of a request that matches none: a file, or an unknown page.
const NO_ROUTE: &str = "other";

/// Returns the template of the request's route.
pub(crate) fn route_of(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or_else(|| NO_ROUTE.into(), |route| route.as_str().to_owned())
}

/// Clients may make up methods.
pub(crate) fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
