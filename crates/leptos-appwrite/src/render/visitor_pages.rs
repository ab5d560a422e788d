//! Cached renderings of pages that are the same for all visitors.
//!
//! The app names such pages in [`Site::visitor_pages`](crate::site::Site::visitor_pages). Only a request without a cookie, a
//! credential and a query gets one, and it is rendered from what [`VisitorRequest`] holds and nothing else. All middleware runs
//! for each request; each answer has a nonce of its own.

use std::sync::Arc;
use std::time::Instant;

use appwrite_client::User;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::nonce::Nonce;

use super::cache::Cache;
use crate::session::Visit;
use crate::theme::Theme;

/// The longest `Accept-Language` of a request that gets a cached page. Browsers send less.
const MAX_LANGUAGES: usize = 128;

/// All that the page of a visitor depends on.
pub struct VisitorRequest {
    path: &'static str,
    languages: Option<HeaderValue>,
    visit: Visit,
}

impl VisitorRequest {
    /// Returns what the request asks for, if it is a visitor's and for one of these pages.
    pub fn of(pages: &[&'static str], request: &Request) -> Option<Self> {
        let (uri, headers) = (request.uri(), request.headers());
        let path = *pages.iter().find(|path| **path == uri.path())?;
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let names_somebody = headers.contains_key(header::COOKIE)
            || headers.contains_key(header::AUTHORIZATION)
            || request.extensions().get::<User>().is_some();
        let theme = request.extensions().get::<Theme>().copied().unwrap_or_default();
        let languages = headers.get(header::ACCEPT_LANGUAGE).cloned();
        let has_usual_languages = headers.get_all(header::ACCEPT_LANGUAGE).iter().count() <= 1
            && languages.as_ref().is_none_or(|languages| languages.len() <= MAX_LANGUAGES);
        let visit = request.extensions().get::<Visit>().filter(|visit| is_of_visitor(visit))?;
        let is_plain = is_read && !names_somebody && theme == Theme::default() && has_usual_languages;
        (is_plain && uri.query().is_none()).then(|| Self { path, languages, visit: visit.clone() })
    }

    /// Returns the request to render: nothing else of the visitor's own can reach the page.
    fn request(&self) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = axum::http::Uri::from_static(self.path);
        if let Some(languages) = &self.languages {
            request.headers_mut().insert(header::ACCEPT_LANGUAGE, languages.clone());
        }
        request.extensions_mut().insert(self.visit.clone());
        request.extensions_mut().insert(Theme::default());
        request
    }
}

/// True if the page shows nothing of one user, and no message.
fn is_of_visitor(visit: &Visit) -> bool {
    let Visit {
        user,
        needs_second_factor,
        is_person_unknown,
        submission,
        notice,
        success,
        success_text,
        revealed,
        pending_sign_in,
        sign_in_methods: _,
        failure,
        database: _,
        outbox: _,
    } = visit;
    let is_somebody = user.is_some() || *needs_second_factor || *is_person_unknown || pending_sign_in.is_some();
    let is_told =
        submission.is_some() || notice.is_some() || success.is_some() || success_text.is_some() || revealed.is_some();
    !is_somebody && !is_told && failure.is_none()
}

/// The cached pages: one for each page and language, at most 32.
#[derive(Default)]
pub struct VisitorPages(Cache<(&'static str, Option<HeaderValue>), Arc<CachedPage>, 32>);

struct CachedPage {
    /// The page is rendered anew if this changes, for instance the sign-in methods.
    visit: Visit,
    headers: HeaderMap,
    /// The HTML, cut where the nonce of its rendering stood.
    pieces: Vec<Bytes>,
}

impl CachedPage {
    fn of(visit: Visit, headers: HeaderMap, html: &Bytes, nonce: &Nonce) -> Option<Self> {
        let text = std::str::from_utf8(html).ok()?;
        let pieces = text.split(&**nonce).map(|piece| html.slice_ref(piece.as_bytes())).collect();
        Some(Self { visit, headers, pieces })
    }

    fn answer(&self, nonce: &Nonce) -> Response {
        let size = self.pieces.iter().map(|piece| piece.len() + nonce.len()).sum();
        let mut html = Vec::with_capacity(size);
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 {
                html.extend_from_slice(nonce.as_bytes());
            }
            html.extend_from_slice(piece);
        }
        (self.headers.clone(), Body::from(html)).into_response()
    }
}

impl VisitorPages {
    /// Answers with the cached page, or renders and caches it.
    pub async fn answer<F: Future<Output = Response>>(
        &self,
        visitor: VisitorRequest,
        nonce: &Nonce,
        render: impl FnOnce(Request) -> F,
    ) -> Response {
        let now = Instant::now();
        if let Some(response) = self.cached(&visitor, nonce, now) {
            return response;
        }
        let (parts, body) = render(visitor.request()).await.into_parts();
        let Ok(html) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        // Another status, or a cookie, is of this request only.
        if parts.status == StatusCode::OK && !parts.headers.contains_key(header::SET_COOKIE) {
            self.insert(visitor, parts.headers.clone(), &html, nonce, now);
        }
        Response::from_parts(parts, Body::from(html))
    }

    fn cached(&self, visitor: &VisitorRequest, nonce: &Nonce, now: Instant) -> Option<Response> {
        let page = self.0.get(&(visitor.path, visitor.languages.clone()), now)?;
        (page.visit == visitor.visit).then(|| page.answer(nonce))
    }

    fn insert(&self, visitor: VisitorRequest, headers: HeaderMap, html: &Bytes, nonce: &Nonce, now: Instant) {
        let VisitorRequest { path, languages, visit } = visitor;
        if let Some(page) = CachedPage::of(visit, headers, html, nonce) {
            self.0.insert((path, languages), Arc::new(page), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [&str; 1] = ["/login"];

    fn request(path: &'static str, headers: &[(header::HeaderName, &'static str)], visit: Visit) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = axum::http::Uri::from_static(path);
        let values = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        request.headers_mut().extend(values);
        request.extensions_mut().insert(visit);
        request
    }

    fn visitor(languages: &'static str) -> VisitorRequest {
        let request = request("/login", &[(header::ACCEPT_LANGUAGE, languages)], Visit::default());
        VisitorRequest::of(&PAGES, &request).expect("a visitor")
    }

    fn insert(pages: &VisitorPages, languages: &'static str, html: &'static str, now: Instant) {
        let nonce = Nonce::from_value("old-nonce");
        pages.insert(visitor(languages), HeaderMap::new(), &Bytes::from_static(html.as_bytes()), &nonce, now);
    }

    async fn cached(pages: &VisitorPages, visitor: &VisitorRequest, now: Instant) -> Option<String> {
        let response = pages.cached(visitor, &Nonce::from_value("new"), now)?;
        let html = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Some(String::from_utf8(html.to_vec()).expect("text"))
    }

    #[test]
    fn only_plain_visitors_get_cached_pages() {
        let of = |path, headers: &[_], visit| VisitorRequest::of(&PAGES, &request(path, headers, visit)).is_some();
        assert!(of("/login", &[], Visit::default()));
        for path in ["/login?next=%2F", "/login?", "/account", "/"] {
            assert!(!of(path, &[], Visit::default()), "{path}");
        }
        for name in [header::COOKIE, header::AUTHORIZATION] {
            assert!(!of("/login", &[(name.clone(), "a=b")], Visit::default()), "{name}");
        }
        let unknown = Visit { is_person_unknown: true, ..Visit::default() };
        let failed = Visit { failure: Some(crate::error::AppError::Internal), ..Visit::default() };
        let told = Visit { notice: Some(crate::error::AppError::SignedOut), ..Visit::default() };
        for visit in [unknown, failed, told] {
            assert!(!of("/login", &[], visit.clone()), "{visit:?}");
        }
        let mut with_theme = request("/login", &[], Visit::default());
        with_theme.extensions_mut().insert(Theme::Dark);
        assert!(VisitorRequest::of(&PAGES, &with_theme).is_none());
    }

    #[test]
    fn page_is_rendered_from_path_and_languages_only() {
        let headers = [(header::ACCEPT_LANGUAGE, "de"), (header::USER_AGENT, "one"), (header::REFERER, "/account")];
        let request =
            VisitorRequest::of(&PAGES, &request("/login", &headers, Visit::default())).expect("one").request();
        let names: Vec<_> = request.headers().keys().collect();
        assert_eq!((request.uri().path(), names), ("/login", vec![&header::ACCEPT_LANGUAGE]));
    }

    #[tokio::test]
    async fn cached_page_gets_a_new_nonce() {
        let (pages, now) = (VisitorPages::default(), Instant::now());
        insert(&pages, "en", "<a nonce=old-nonce><b nonce=old-nonce>", now);
        let page = cached(&pages, &visitor("en"), now).await;
        assert_eq!(page.as_deref(), Some("<a nonce=new><b nonce=new>"));
        assert_eq!(cached(&pages, &visitor("de"), now).await, None);
    }

    #[tokio::test]
    async fn changed_page_is_rendered_anew() {
        let (pages, now) = (VisitorPages::default(), Instant::now());
        insert(&pages, "en", "page", now);
        assert!(cached(&pages, &visitor("en"), now).await.is_some());
        let changed = VisitorRequest { visit: Visit { database: "other".into(), ..Visit::default() }, ..visitor("en") };
        assert_eq!(cached(&pages, &changed, now).await, None);
    }

    #[tokio::test]
    async fn error_and_cookie_are_not_cached() {
        let answers = [
            StatusCode::SERVICE_UNAVAILABLE.into_response(),
            ([(header::SET_COOKIE, "a=b")], "page").into_response(),
            "page".into_response(),
        ];
        let mut are_cached = vec![];
        for answer in answers {
            let pages = VisitorPages::default();
            pages.answer(visitor("en"), &Nonce::new(), |_| async { answer }).await;
            are_cached.push(cached(&pages, &visitor("en"), Instant::now()).await.is_some());
        }
        assert_eq!(are_cached, [false, false, true]);
    }
}
