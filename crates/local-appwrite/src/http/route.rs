//! A route and what Appwrite checks before its handler runs.

use std::{collections::HashMap, sync::Arc};

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::{
    Call, Reply,
    params::{Params, PathParams},
};
use crate::{ApiError, AuthMethod};

/// The function that handles a checked request.
pub type Handler = fn(&Call<'_>) -> Result<Reply, ApiError>;

/// A check of parameters that runs before any resource is looked up.
pub type Check = fn(&Params) -> Result<(), ApiError>;

/// A rate limit of a route, per key and window.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Calls per window.
    pub count: u32,
    /// The window's length in seconds. Windows align to the clock.
    pub window: u32,
    /// Key templates, each with its own counter: `url:{url},email:{param-email}`.
    pub keys: &'static [&'static str],
    /// True if a success clears the counters.
    pub reset_on_success: bool,
}

impl Limit {
    /// Limits the calls per hour.
    #[must_use]
    pub const fn hourly(count: u32, keys: &'static [&'static str]) -> Self {
        Self { count, window: 3600, keys, reset_on_success: false }
    }

    /// Limits the calls per minute.
    #[must_use]
    pub const fn every_minute(count: u32, keys: &'static [&'static str]) -> Self {
        Self { window: 60, ..Self::hourly(count, keys) }
    }

    /// Clears the counter after a success.
    #[must_use]
    pub const fn reset_on_success(self) -> Self {
        Self { reset_on_success: true, ..self }
    }
}

/// A route's requirement for the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Required if the user has turned it on.
    WhenOn,
    /// Not required, because the route is needed to verify it.
    Exempt,
    /// Verified recently.
    Recent,
}

/// A route. Created by [`Route::get`] and the like, then configured by its other methods.
#[derive(Debug, Clone)]
pub struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) check: Check,
    pub(crate) limit: Option<Limit>,
    pub(crate) makes_session: bool,
    pub(crate) recent_session: bool,
    pub(crate) second_factor: SecondFactor,
    pub(crate) auth_method: Option<AuthMethod>,
    pub(crate) error_pages: bool,
    pub(crate) names_project: bool,
    pub(crate) limit_path: &'static str,
}

impl Route {
    fn new(method: Method, path: &'static str, handler: Handler) -> Self {
        Self {
            method,
            path,
            handler,
            scopes: &["public"],
            check: |_| Ok(()),
            limit: None,
            makes_session: false,
            recent_session: false,
            second_factor: SecondFactor::WhenOn,
            auth_method: None,
            error_pages: false,
            names_project: false,
            limit_path: path,
        }
    }

    /// `GET path`.
    pub fn get(path: &'static str, handler: Handler) -> Self {
        Self::new(Method::GET, path, handler)
    }

    /// `POST path`.
    pub fn post(path: &'static str, handler: Handler) -> Self {
        Self::new(Method::POST, path, handler)
    }

    /// `PUT path`.
    pub fn put(path: &'static str, handler: Handler) -> Self {
        Self::new(Method::PUT, path, handler)
    }

    /// `PATCH path`.
    pub fn patch(path: &'static str, handler: Handler) -> Self {
        Self::new(Method::PATCH, path, handler)
    }

    /// `DELETE path`.
    pub fn delete(path: &'static str, handler: Handler) -> Self {
        Self::new(Method::DELETE, path, handler)
    }

    /// Sets the required scope.
    #[must_use]
    pub fn scope(self, scopes: &'static [&'static str]) -> Self {
        Self { scopes, ..self }
    }

    /// Checks parameters before the handler runs; the ids in the path are always checked.
    #[must_use]
    pub fn check(self, check: Check) -> Self {
        Self { check, ..self }
    }

    /// The same route under another path, with a shared rate limit.
    #[must_use]
    pub fn alias(&self, path: &'static str) -> Self {
        Self { path, ..self.clone() }
    }

    /// Sets the rate limit for callers without an API key.
    #[must_use]
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Marks a route that creates a session, so the caller must not have one (Appwrite's group `session`).
    #[must_use]
    pub fn makes_session(self) -> Self {
        Self { makes_session: true, ..self }
    }

    /// Marks a route that needs a new session or a recent second factor (Appwrite's group `recentSession`).
    #[must_use]
    pub fn recent_session(self) -> Self {
        Self { recent_session: true, ..self }
    }

    /// Sets the requirement for the second factor.
    #[must_use]
    pub fn second_factor(self, second_factor: SecondFactor) -> Self {
        Self { second_factor, ..self }
    }

    /// Sets the sign-in method that a project can switch off.
    #[must_use]
    pub fn auth_method(self, method: AuthMethod) -> Self {
        Self { auth_method: Some(method), ..self }
    }

    /// Marks a route with the project id in its path.
    #[must_use]
    pub fn names_project(self) -> Self {
        Self { names_project: true, ..self }
    }

    /// Returns true if the route works without a project, because its response is the same for all.
    #[must_use]
    pub fn is_of_any_project(&self) -> bool {
        const SHARED: &[&str] = &["/health", "/locale", "/avatars", "/ping"];
        // The redirect reads `state` before it looks for a provider, and the console project has no providers.
        self.names_project
            || self.path == "/account/sessions/oauth2/{provider}/redirect"
            || SHARED.iter().any(|shared| self.path.starts_with(shared))
    }

    /// Returns errors as HTML, because browsers navigate to this route.
    #[must_use]
    pub fn error_pages(self) -> Self {
        Self { error_pages: true, ..self }
    }
}

/// Finds the route of a request, by method first: `DELETE /account/sessions/email` means the session `email`.
pub struct RouteTable {
    by_method: HashMap<Method, matchit::Router<Arc<Route>>>,
}

impl RouteTable {
    /// Creates a table of `routes`.
    ///
    /// # Panics
    /// When two routes are equal, which is a bug in this crate.
    #[must_use]
    pub fn new(routes: Vec<Route>) -> Self {
        let mut by_method: HashMap<Method, matchit::Router<Arc<Route>>> = HashMap::new();
        for route in routes {
            let (method, path) = (route.method.clone(), route.path);
            let table = by_method.entry(method).or_default();
            if let Err(error) = table.insert(path, Arc::new(route)) {
                unreachable!("route {path}: {error}");
            }
        }
        Self { by_method }
    }

    /// The route of a request, and the parameters in its path, decoded.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<(Arc<Route>, PathParams)> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let path = match path.strip_suffix('/') {
            Some(shorter) if !shorter.is_empty() => shorter,
            _ => path,
        };
        let found = self.by_method.get(method)?.at(path).ok()?;
        let params = found
            .params
            .iter()
            .map(|(name, value)| (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned()))
            .collect();
        Some((Arc::clone(found.value), params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handler(_: &Call<'_>) -> Result<Reply, ApiError> {
        Ok(Reply::empty())
    }

    #[test]
    fn method_is_matched_before_the_path() {
        let table = RouteTable::new(vec![
            Route::post("/account/sessions/email", handler),
            Route::delete("/account/sessions/{sessionId}", handler),
        ]);
        let (route, params) = table.find(&Method::DELETE, "/account/sessions/email").expect("a route");
        assert_eq!(route.path, "/account/sessions/{sessionId}");
        assert_eq!(params, [("sessionId".to_owned(), "email".to_owned())]);
        assert!(table.find(&Method::GET, "/account/sessions/email").is_none());
    }

    #[test]
    fn parameter_is_decoded() {
        let table = RouteTable::new(vec![Route::get("/rows/{rowId}", handler)]);
        let (_, params) = table.find(&Method::GET, "/rows/a%20b%2Fc+d").expect("a route");
        assert_eq!(params[0].1, "a b/c+d");
    }

    #[test]
    fn trailing_slash_changes_nothing() {
        let table = RouteTable::new(vec![Route::get("/account", handler)]);
        assert!(table.find(&Method::GET, "/account/").is_some());
        assert!(table.find(&Method::HEAD, "/account").is_some());
    }
}
