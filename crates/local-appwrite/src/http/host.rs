//! Checks the `Host` header against DNS rebinding: a foreign name that resolves to loopback would let its site use
//! the backend and read its emails from any page that a developer visits.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header},
    middleware::Next,
};

/// Allowed host names besides loopback.
pub type OwnNames = Arc<[String]>;

const REFUSAL: &str = "This local-appwrite does not answer to that name. Open it as localhost or 127.0.0.1, or start it with --host NAME.\n";

/// Refuses requests whose host is not one of the backend's names, before anything else.
pub async fn guard(names: OwnNames, request: Request<Body>, next: Next) -> Response<Body> {
    if is_addressed(&names, request.uri(), request.headers()) {
        return next.run(request).await;
    }
    let mut response = Response::new(Body::from(REFUSAL));
    *response.status_mut() = StatusCode::FORBIDDEN;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns true for exactly one allowed `Host`, and an allowed authority in the request line, if any.
fn is_addressed(names: &[String], uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    host.to_str().is_ok_and(|host| is_own(names, host))
        && uri.authority().is_none_or(|authority| is_own(names, authority.as_str()))
}

/// Ignores the port, which may be forwarded.
fn is_own(names: &[String], authority: &str) -> bool {
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    };
    is_loopback(name) || names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn is_loopback(name: &str) -> bool {
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => is_address(address),
        None => name == "localhost" || name.ends_with(".localhost") || (!name.contains(':') && is_address(&name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_configured_hosts_are_accepted() {
        let names = ["appwrite.test".to_owned()];
        for host in [
            "localhost",
            "LocalHost:9380",
            "127.0.0.1",
            "127.0.0.9:80",
            "[::1]:1",
            "app.localhost:3000",
            "appwrite.test",
            "Appwrite.Test:9380",
        ] {
            assert!(is_own(&names, host), "{host}");
        }
        for host in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example:80",
            "evillocalhost",
            "localhost:80:80",
            "192.168.0.1",
            "0.0.0.0",
            "[::]",
            "::1",
            "x.appwrite.test",
            "localhost@evil.example",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_own(&names, host), "{host}");
        }
    }

    #[test]
    fn missing_or_second_host_is_refused() {
        let uri = Uri::from_static("/v1/ping");
        let mut headers = HeaderMap::new();
        assert!(!is_addressed(&[], &uri, &headers));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(is_addressed(&[], &uri, &headers));
        assert!(!is_addressed(&[], &Uri::from_static("http://evil.example/v1/ping"), &headers));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(!is_addressed(&[], &uri, &headers));
    }
}
