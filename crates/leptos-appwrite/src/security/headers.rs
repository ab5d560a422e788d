//! Security headers of responses.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Origin, Url};

/// Returns the default headers, which a response may override. `hsts` is for https only.
pub fn baseline(hsts: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        // Sends no referrer to other sites, but the full URL to our own, so that posts keep their Origin header.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ]);
    if let Some(hsts) = hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    headers
}

/// Parses a `Strict-Transport-Security` header (RFC 6797), if browsers would accept it.
pub fn hsts(text: &str) -> Option<HeaderValue> {
    let (mut max_age, mut others) = (None, Vec::new());
    for directive in text.split(';').map(|directive| directive.trim().to_ascii_lowercase()) {
        match directive.strip_prefix("max-age=") {
            Some(seconds) if max_age.is_none() => max_age = Some(seconds.parse::<u32>().ok()?),
            None if matches!(directive.as_str(), "includesubdomains" | "preload") && !others.contains(&directive) => {
                others.push(directive);
            }
            _ => return None,
        }
    }
    max_age.and_then(|_| HeaderValue::from_str(text).ok())
}

/// Have no effect on files that a page loads.
const FOR_PAGES: [&str; 3] = ["x-frame-options", "cross-origin-opener-policy", "permissions-policy"];

/// Adds the [`baseline`] headers that a response lacks. Scripts and wasm get only those that have an effect on them.
pub fn add_missing(headers: &mut HeaderMap, baseline: &HeaderMap) {
    let is_code = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| matches!(kind.as_bytes(), b"text/javascript" | b"application/wasm"));
    for (name, value) in baseline {
        let has_effect = !(is_code && FOR_PAGES.contains(&name.as_str()));
        if has_effect && !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
}

/// Forbids proxies to rewrite a page, because hydration fails at a changed node.
pub fn forbid_transformation(headers: &mut HeaderMap) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return;
    }
    let caching = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or("no-cache");
    if !caching.contains("no-transform")
        && let Ok(caching) = HeaderValue::try_from(format!("{caching}, no-transform"))
    {
        headers.insert(header::CACHE_CONTROL, caching);
    }
}

/// Returns a page's content security policy: scripts by nonce, connections only to ourselves and Appwrite's Realtime.
///
/// `live_reload` is the port of cargo-leptos's reload socket in watch mode.
pub fn page_policy(nonce: &str, appwrite: &Url, live_reload: Option<u16>) -> Option<HeaderValue> {
    let realtime = realtime_origin(appwrite)?;
    let reload = live_reload
        .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port} ws://[::1]:{port}"))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self' {realtime}{reload}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).ok()
}

/// Returns the origin of Appwrite's Realtime: `ws` or `wss` instead of `http` or `https`.
fn realtime_origin(appwrite: &Url) -> Option<String> {
    let Origin::Tuple(scheme, host, port) = appwrite.origin() else { return None };
    let scheme = if scheme == "https" { "wss" } else { "ws" };
    let standard_port = if scheme == "wss" { 443 } else { 80 };
    Some(if port == standard_port { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(appwrite: &str) -> String {
        let url = Url::parse(appwrite).expect("a URL");
        page_policy("abc", &url, None).expect("a policy").to_str().expect("text").to_owned()
    }

    #[test]
    fn page_may_connect_to_own_origin_and_realtime_only() {
        assert!(policy("https://fra.cloud.appwrite.io/v1").contains("connect-src 'self' wss://fra.cloud.appwrite.io;"));
        assert!(policy("http://127.0.0.1:9380/v1").contains("connect-src 'self' ws://127.0.0.1:9380;"));
    }

    #[test]
    fn scripts_require_the_nonce() {
        let policy = policy("https://a.example/v1");
        assert!(policy.contains("script-src 'nonce-abc' 'wasm-unsafe-eval';"));
        assert!(!policy.contains("unsafe-inline"));
    }

    #[test]
    fn hsts_accepts_only_valid_directives() {
        for text in ["max-age=0", "max-age=63072000; includeSubDomains", "includeSubDomains;max-age=31536000; preload"]
        {
            assert_eq!(hsts(text).expect(text), text);
        }
        for text in
            ["", "yes", "includeSubDomains", "max-age=", "max-age=-1", "max-age=1; max-age=2", "max-age=1; evil"]
        {
            assert_eq!(hsts(text), None, "{text}");
        }
    }

    #[test]
    fn existing_response_header_is_kept() {
        let mut headers = HeaderMap::from_iter([(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))]);
        add_missing(&mut headers, &baseline(hsts("max-age=1").as_ref()));
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn code_has_only_the_headers_with_an_effect_on_it() {
        for (kind, is_code) in [
            ("text/javascript", true),
            ("application/wasm", true),
            ("text/html; charset=utf-8", false),
            ("image/svg+xml", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
            add_missing(&mut headers, &baseline(None));
            assert_eq!(headers.len(), if is_code { 5 } else { 8 }, "{kind}: {headers:?}");
            assert!(FOR_PAGES.iter().all(|name| headers.contains_key(*name) != is_code), "{kind}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{kind}");
        }
    }
}
