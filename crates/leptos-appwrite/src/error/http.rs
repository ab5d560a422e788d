//! What an error is to HTTP: a status, a time to come back, a body for programs.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::AppError;
use crate::request_id;

/// When to come back to an Appwrite that does not answer, in seconds.
const OUTAGE_RETRY: u64 = 30;

/// When to come back to a server that has its hands full, in seconds.
pub const COME_BACK_AFTER: u16 = 2;

/// The status of an error, for the answer's head.
pub fn status(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// In how many seconds the same may work, where that is known or a guess is good enough.
pub fn retry_after(error: &AppError) -> Option<u64> {
    match error {
        AppError::TooManyRequests { retry_after } => Some(*retry_after),
        AppError::BackendUnavailable => Some(OUTAGE_RETRY),
        _ => None,
    }
}

/// Whether the answer will be shown as a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.to_ascii_lowercase().contains("text/html")
}

/// The body of a refusal for programs. Where the server failed, it names the request.
pub fn refusal_in_json(status: StatusCode, sentence: &str) -> Value {
    if status.is_server_error() {
        return in_json(sentence, request_id::current());
    }
    json!({ "success": false, "error": sentence })
}

/// The body of a refusal for programs that names the request.
pub fn in_json(sentence: &str, id: Option<String>) -> Value {
    json!({ "success": false, "error": sentence, "requestId": id })
}
