//! Reads request bodies before a request counts as active, so that slow senders do not block others.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use futures_util::StreamExt;

use super::limits::BODY_LIMIT;
use crate::error::AppError;
use crate::state::AppState;

/// Read an oversized body up to this size: closing with unread bytes would reset the connection and lose the response.
const DISCARD_LIMIT: usize = 1024 * 1024;

/// Middleware: reads the whole body of a request, or responds with a bare status.
pub async fn read_body(State(state): State<AppState>, request: Request) -> Result<Request, StatusCode> {
    whole(request, state.body_deadline).await.map_err(|error| match error {
        AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        AppError::TooSlow => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    })
}

/// Returns the request with its whole body.
///
/// Fails with [`AppError::TooLarge`], [`AppError::TooSlow`], or [`AppError::BadRequest`] if the client disconnected.
pub async fn whole(request: Request, deadline: Duration) -> Result<Request, AppError> {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(parts, body));
    }
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(AppError::TooLarge);
    }
    let bytes = tokio::time::timeout(deadline, read(body)).await.map_err(|_| AppError::TooSlow)??;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

async fn read(body: Body) -> Result<Vec<u8>, AppError> {
    let (mut chunks, mut bytes, mut length) = (body.into_data_stream(), Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| AppError::BadRequest)?;
        length += chunk.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&chunk);
        } else if length > DISCARD_LIMIT {
            break;
        }
    }
    if length <= BODY_LIMIT { Ok(bytes) } else { Err(AppError::TooLarge) }
}
