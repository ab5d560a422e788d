//! A fake Appwrite for responses that the local backend never sends.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

/// Serves these routes under `/v1` and returns the endpoint.
pub async fn appwrite_with(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().nest("/v1", routes)).await });
    endpoint
}

/// An error response in Appwrite's format.
pub fn refusal(status: u16, kind: &str) -> Response {
    refusal_in_words(status, kind, "Words that nobody reads.")
}

/// An error response with this message, for the one error type whose message names its subject.
pub fn refusal_in_words(status: u16, kind: &str, words: &str) -> Response {
    let body = json!({ "message": words, "code": status, "type": kind, "version": "1.9.6" });
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}
