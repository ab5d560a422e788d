//! Read-only pages about the backend and its data, for developers.

pub mod document;
mod home;
mod lists;
pub mod time;

use axum::{
    Router,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use rusqlite::Connection;

use crate::{ApiError, AppState};
use document::{STYLE, document, guarded};

/// `GET /` and `GET /browse/…`.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/", get(home::home))
        .route("/robots.txt", get("# robotstxt.org/\n\nUser-agent: *"))
        .route("/browse/users", get(lists::users))
        .route("/browse/tables/{database_id}/{table_id}", get(lists::rows))
        .route("/browse/style.css", get(([(header::CONTENT_TYPE, "text/css; charset=UTF-8")], STYLE)))
        .layer(middleware::from_fn(guarded))
        .with_state(state)
}

/// Reads on a blocking thread, and responds with a page.
async fn shown(state: AppState, page: impl FnOnce(&AppState, &Connection) -> Shown + Send + 'static) -> Response {
    let work = tokio::task::spawn_blocking(move || state.store().read(|db| page(&state, db)));
    match work.await.map_err(ApiError::unknown) {
        Ok(Ok(Some((title, body)))) => document(&title, &body).into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, document("Not found", "<p>No such page.</p>")).into_response(),
        Ok(Err(error)) | Err(error) => {
            let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, document("Something went wrong", "<p>See the log for details.</p>")).into_response()
        }
    }
}

/// A page's title and body; `None` if the page does not exist.
type Shown = Result<Option<(String, String)>, ApiError>;
