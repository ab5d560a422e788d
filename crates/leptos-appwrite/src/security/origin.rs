//! Blocks cross-site requests.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;

use crate::config::AppOrigin;
use crate::error::AppError;
use crate::session::forms::refuse;
use crate::state::AppState;

/// Middleware: accepts a state-changing request only from our own origin.
pub async fn require_own_origin(State(state): State<AppState>, request: Request) -> Result<Request, Response> {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(request.headers(), &state.config.origin) {
        return Ok(request);
    }
    tracing::warn!("a state-changing request did not come from our own origin");
    Err(refuse(&state, request.headers(), AppError::CrossSite).await)
}

/// Checks `Sec-Fetch-Site` if present, else `Origin`. Current browsers send one of them. A request with neither must be
/// JSON, which a page on another site cannot send without a CORS preflight.
fn is_own(headers: &HeaderMap, origin: &AppOrigin) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    if let Some(sent) = headers.get(header::ORIGIN) {
        return sent.to_str().is_ok_and(|sent| origin.allows(sent));
    }
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|content_type| {
        content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own_with(headers: &[(&'static str, &'static str)]) -> bool {
        let origin = AppOrigin::parse("https://app.example").expect("an origin");
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        is_own(&headers, &origin)
    }

    #[test]
    fn sec_fetch_site_takes_precedence_over_origin() {
        assert!(is_own_with(&[("sec-fetch-site", "same-origin")]));
        assert!(is_own_with(&[("sec-fetch-site", "none")]));
        assert!(!is_own_with(&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]));
        assert!(!is_own_with(&[("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn older_browsers_are_checked_by_origin() {
        assert!(is_own_with(&[("origin", "https://app.example")]));
        for foreign in ["https://evil.example", "http://app.example", "https://app.example.evil", "null", ""] {
            assert!(!is_own_with(&[("origin", foreign), ("content-type", "application/json")]), "{foreign}");
        }
    }

    #[test]
    fn requests_without_either_header_must_be_json() {
        assert!(is_own_with(&[("content-type", "application/json; charset=utf-8")]));
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
            assert!(!is_own_with(&[("content-type", kind)]), "{kind}");
        }
        assert!(!is_own_with(&[]));
    }
}
