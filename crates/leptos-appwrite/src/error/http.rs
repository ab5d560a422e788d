//! Converts errors to HTTP: the status, the `Retry-After` header, and the JSON body.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::AppError;
use crate::request_id;

/// `Retry-After` when Appwrite does not respond, in seconds.
const OUTAGE_RETRY: u64 = 30;

/// `Retry-After` when the server is overloaded, in seconds.
pub const COME_BACK_AFTER: u16 = 2;

/// Returns an error's HTTP status.
pub fn status(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Returns the seconds until a retry may succeed, if they are known or can be guessed.
pub fn retry_after(error: &AppError) -> Option<u64> {
    match error {
        AppError::TooManyRequests { retry_after } => Some(*retry_after),
        AppError::BackendUnavailable => Some(OUTAGE_RETRY),
        _ => None,
    }
}

/// True if the client shows the response as a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.to_ascii_lowercase().contains("text/html")
}

/// Returns an error's JSON body. For server errors, it contains the request's id.
pub fn refusal_in_json(status: StatusCode, sentence: &str) -> Value {
    if status.is_server_error() {
        return in_json(sentence, request_id::current());
    }
    json!({ "success": false, "error": sentence })
}

/// Returns an error's JSON body with the request's id.
pub fn in_json(sentence: &str, id: Option<String>) -> Value {
    json!({ "success": false, "error": sentence, "requestId": id })
}
