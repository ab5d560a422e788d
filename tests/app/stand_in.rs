//! Stands in for an Appwrite that answers as the local backend never does.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

/// Answers below `/v1` by these routes; returns the endpoint.
pub async fn appwrite_with(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().nest("/v1", routes)).await });
    endpoint
}

/// An error as Appwrite answers it.
pub fn refusal(status: u16, kind: &str) -> Response {
    refusal_in_words(status, kind, "Words that nobody reads.")
}

/// An error with these words, for the one type whose words name what it is about.
pub fn refusal_in_words(status: u16, kind: &str, words: &str) -> Response {
    let body = json!({ "message": words, "code": status, "type": kind, "version": "1.9.6" });
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}
