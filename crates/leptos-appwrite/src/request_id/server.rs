//! The server side: the id of the current request.

use axum::extract::Request;
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;
use tower_http::request_id::{MakeRequestId, MakeRequestUuid, RequestId};

/// The response header that contains the id.
pub const NAME: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// Returns the id of the task's request.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Middleware: sets the [`current`] id during the request.
pub async fn remember(request: Request, next: Next) -> Response {
    let id = id_of(request.extensions().get()).to_owned();
    CURRENT.scope(id, next.run(request)).await
}

/// Returns a task that belongs to the current request.
pub(crate) fn of_current<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let id = current();
    async move {
        match id {
            Some(id) => CURRENT.scope(id, task).await,
            None => task.await,
        }
    }
}

/// Creates an id for a request that could not be parsed.
pub fn new_id() -> String {
    let id = MakeRequestUuid.make_request_id(&axum::http::Request::new(()));
    id_of(id.as_ref()).to_owned()
}

/// Removes a client's own id, which could fake another request's log lines.
pub fn without_foreign_id<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    request.headers_mut().remove(&NAME);
    request
}

/// Creates the span for a request's log lines. Omits the query, because links from emails contain secrets.
pub fn log_span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = id_of(request.extensions().get());
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

fn id_of(id: Option<&RequestId>) -> &str {
    id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default()
}
