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
    let body = json!({ "message": "Words that nobody reads.", "code": status, "type": kind, "version": "1.9.6" });
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}
