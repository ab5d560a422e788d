//! Tiny pages that open another one, where a redirect would not do.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

/// Whether the person arrives from another site by a link: then the browser keeps our `SameSite=Strict` cookie back.
pub fn is_arrival(headers: &HeaderMap) -> bool {
    let is = |name, value| headers.get(name).is_some_and(|header: &HeaderValue| header == value);
    (is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site")) && is("sec-fetch-mode", "navigate")
}

/// A page that opens its own address again. That navigation starts on our own site, so the cookie comes with it, and as it
/// is no arrival any more it happens only once.
pub fn open_again() -> Response {
    page("0", "")
}

/// A page that opens one of another site. A form's redirect may not lead there: the policy's `form-action`, which
/// browsers hold each of the redirects to, would have to name every provider and wherever those lead.
pub fn open_elsewhere(address: &Url) -> Response {
    let address = in_attribute(address.as_str());
    page(&format!("0;url={address}"), &address)
}

fn page(refresh: &str, link: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"{refresh}\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>One moment…</title></head><body><p><a href=\"{link}\">Go on</a></p></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Cookie, Sec-Fetch-Site"),
        // The address may hold a secret, which the page that comes next must not learn.
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page)).into_response()
}

fn in_attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use proptest::prelude::*;

    use super::*;

    async fn body_for(address: &str) -> String {
        let page = open_elsewhere(&Url::parse(address).expect("an address"));
        assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
        let body = to_bytes(page.into_body(), 64 * 1024).await.expect("a body");
        String::from_utf8(body.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn the_address_stands_in_the_page_twice_and_in_no_other_form() {
        let body = body_for("https://provider.example/authorize?state=1&scope=a+b").await;
        assert!(body.contains("content=\"0;url=https://provider.example/authorize?state=1&amp;scope=a+b\""), "{body}");
        assert!(body.contains("href=\"https://provider.example/authorize?state=1&amp;scope=a+b\""), "{body}");
    }

    #[test]
    fn an_arrival_is_a_navigation_from_elsewhere() {
        let headers = |site: &'static str, mode: &'static str| {
            let pairs = [("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            pairs.into_iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        };
        let is = |site, mode| is_arrival(&headers(site, mode).collect());
        assert!(is("cross-site", "navigate") && is("same-site", "navigate"));
        assert!(!is("same-origin", "navigate") && !is("none", "navigate") && !is("cross-site", "no-cors"));
    }

    proptest! {
        #[test]
        fn no_address_can_leave_its_attribute(text in "\\PC{0,60}") {
            let Ok(address) = Url::parse(&format!("https://provider.example/{text}")) else { return Ok(()) };
            let escaped = in_attribute(address.as_str());
            prop_assert!(!escaped.contains(['"', '<', '>']), "{escaped}");
        }
    }
}
