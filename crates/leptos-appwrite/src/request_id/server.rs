//! The server's half: the id of the request at hand.

use axum::extract::Request;
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;
use tower_http::request_id::{MakeRequestId, MakeRequestUuid, RequestId};

/// The header that carries the id in answers.
pub const NAME: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that the task works on.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Middleware: makes the request's id [`current`] for all that it wraps.
pub async fn remember(request: Request, next: Next) -> Response {
    let id = id_of(request.extensions().get()).to_owned();
    CURRENT.scope(id, next.run(request)).await
}

/// An id for a request that never became one.
pub fn new_id() -> String {
    let id = MakeRequestUuid.make_request_id(&axum::http::Request::new(()));
    id_of(id.as_ref()).to_owned()
}

/// An id that somebody else chose could fake another request's log lines.
pub fn without_foreign_id<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    request.headers_mut().remove(&NAME);
    request
}

/// What each log line of a request carries. The query is left out: links from mails bring secrets in it.
pub fn log_span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = id_of(request.extensions().get());
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

fn id_of(id: Option<&RequestId>) -> &str {
    id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default()
}
