//! Tiny pages that open another page where a redirect would not work.
//!
//! Browsers omit `Strict` cookies when a link on another site opens a page. If only the session's marker arrives, the
//! page reloads itself: that navigation starts on our own site.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use cookie::{Cookie, SameSite};
use time::Duration;
use url::Url;

use super::cookie::{RequestSession, SessionCookie, append_cookie};
use super::own_path::OwnPath;
use super::request_cookies;
use crate::site::Wording;

/// A page must finish reloading itself within this time.
const REOPENING: Duration = Duration::minutes(1);
/// A browser may reload pages [`MAX_REOPENINGS`] times in this period without success.
const COUNTED_FOR: Duration = Duration::seconds(10);
/// Enough for several tabs at once. Without it, a browser that never sends `Strict` cookies would reload forever.
const MAX_REOPENINGS: u8 = 5;

/// The decision for a page request.
pub enum Reopening {
    /// The browser has a session but did not send its cookie: this response opens the page again.
    Page(Response),
    /// The request has all cookies. The response sets these.
    NotNeeded(Vec<HeaderValue>),
}

/// Two cookies that prevent endless reloads. `Sec-Fetch-Site` detects clients that keep no cookies: browsers send
/// `Strict` cookies with navigations from our own pages.
#[derive(Clone, Copy)]
enum Guard {
    /// `Strict`, like the session cookie: if only this one arrives, the session is gone.
    Reopened,
    /// `Lax`: counts the reloads without the `Strict` one.
    Reopenings,
}

impl Guard {
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Reopened, false) => "reopened",
            (Self::Reopened, true) => "__Host-reopened",
            (Self::Reopenings, false) => "reopenings",
            (Self::Reopenings, true) => "__Host-reopenings",
        }
    }

    fn set(self, is_https: bool, value: String, lifetime: Duration) -> Option<HeaderValue> {
        let same_site = match self {
            Self::Reopened => SameSite::Strict,
            Self::Reopenings => SameSite::Lax,
        };
        let cookie = Cookie::build((self.name(is_https), value))
            .path("/")
            .http_only(true)
            .same_site(same_site)
            .secure(is_https)
            .max_age(lifetime)
            .build();
        HeaderValue::try_from(cookie.to_string()).ok()
    }

    fn clear(self, is_https: bool) -> Option<HeaderValue> {
        self.set(is_https, String::new(), Duration::ZERO)
    }
}

/// Checks if a `GET` for a page lacks the session cookie that the browser has.
pub fn reopen_if_cross_site(
    cookie: SessionCookie,
    session: &RequestSession,
    headers: &HeaderMap,
    uri: &Uri,
    wording: &Wording,
) -> Reopening {
    let is_https = cookie.is_https();
    let brings = |guard: Guard| request_cookies::only(headers, guard.name(is_https));
    let tries = brings(Guard::Reopenings).map(|tries| tries.parse::<u8>().unwrap_or(MAX_REOPENINGS));
    let forget_tries = tries.and_then(|_| Guard::Reopenings.clear(is_https));
    if !matches!(session, RequestSession::None) || !cookie.is_marked(headers) {
        return Reopening::NotNeeded(forget_tries.into_iter().collect());
    }
    let is_from_here = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    if is_from_here || brings(Guard::Reopened).is_some() {
        let stale = [cookie.clear_marker(), Guard::Reopened.clear(is_https), forget_tries];
        return Reopening::NotNeeded(stale.into_iter().flatten().collect());
    }
    let tries = tries.unwrap_or_default();
    match OwnPath::of_request(uri) {
        Some(page) if tries < MAX_REOPENINGS => {
            let mut response = open(page.as_str(), wording);
            let guards = [
                Guard::Reopened.set(is_https, "1".into(), REOPENING),
                Guard::Reopenings.set(is_https, (tries + 1).to_string(), COUNTED_FOR),
            ];
            append_cookie(response.headers_mut(), guards.into_iter().flatten());
            Reopening::Page(response)
        }
        _ => Reopening::NotNeeded(Vec::new()),
    }
}

/// A page that opens another site. A form's redirect may not go there: browsers apply the policy's `form-action` to
/// each redirect, so it would have to list every provider and all of their redirects.
pub fn open_elsewhere(address: &Url, wording: &Wording) -> Response {
    open(address.as_str(), wording)
}

/// Always names the address: at a URL with a fragment, a refresh without an address jumps to the fragment and loads
/// nothing.
fn open(address: &str, wording: &Wording) -> Response {
    let [address, lang, one_moment, continue_link] =
        [address, wording.lang, wording.one_moment, wording.continue_link].map(escaped);
    let page = format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"0;url={address}\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{one_moment}</title></head><body><p><a href=\"{address}\">{continue_link}</a></p></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Cookie"),
        // The URL may contain a secret; `no-referrer` hides it from the next page.
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page)).into_response()
}

/// Text for an attribute or an element of a page.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::test_site::WORDING;

    async fn body_of(page: Response) -> String {
        assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
        let body = to_bytes(page.into_body(), 256 * 1024).await.expect("a body");
        String::from_utf8(body.to_vec()).expect("text")
    }

    fn arriving(path: &str) -> Option<Response> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("signed-in=1"))]);
        let uri = path.parse().ok()?;
        match reopen_if_cross_site(SessionCookie::new(false), &RequestSession::None, &headers, &uri, &WORDING) {
            Reopening::Page(page) => Some(page),
            Reopening::NotNeeded(_) => None,
        }
    }

    #[tokio::test]
    async fn page_opens_the_url_by_refresh_and_by_link() {
        let address = Url::parse("https://provider.example/authorize?state=1&scope=a+b").expect("an address");
        let body = body_of(open_elsewhere(&address, &WORDING)).await;
        assert!(body.contains("content=\"0;url=https://provider.example/authorize?state=1&amp;scope=a+b\""), "{body}");
        assert!(body.contains("href=\"https://provider.example/authorize?state=1&amp;scope=a+b\""), "{body}");
    }

    #[tokio::test]
    async fn reopening_keeps_path_and_query() {
        let long = format!("/login/provider/return?secret={}", "a".repeat(6000));
        for path in ["/", "/account?tab=1", "/a;url=//evil", "/?a='b';url=//evil", &long] {
            let body = body_of(arriving(path).expect("a page")).await;
            let address = path.replace('\'', "%27");
            assert!(body.contains(&format!("content=\"0;url={address}\"")), "{body}");
        }
    }

    #[test]
    fn reopening_never_opens_another_site() {
        for path in ["//evil", "//evil/account", "/%2f%2fevil", "/.//evil", "/%5cevil", "/..//evil"] {
            assert!(arriving(path).is_none(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn address_cannot_break_out_of_its_attribute(text in "\\PC{0,60}") {
            let Ok(address) = Url::parse(&format!("https://provider.example/{text}")) else { return Ok(()) };
            let escaped = escaped(address.as_str());
            prop_assert!(!escaped.contains(['"', '<', '>']), "{escaped}");
        }
    }
}
