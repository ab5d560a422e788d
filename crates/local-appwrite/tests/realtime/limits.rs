//! The size and rate of messages, and the limits that close a socket.

use std::time::Duration;

use local_appwrite::Profile;
use serde_json::json;

use crate::harness::{Backend, url};

#[tokio::test]
async fn message_33_in_a_minute_is_refused_on_open_socket() {
    for profile in [Profile::OneNine, Profile::Two] {
        let backend = Backend::start(profile).await;
        let (mut socket, _) = backend.connect("", &[]).await;
        for _ in 0..32 {
            socket.assert_quiet().await;
        }
        socket.send(json!({"type": "ping"})).await;
        assert_eq!(socket.error().await, (1013, "Error: Server Error".to_owned()));
        backend.advance(Duration::from_secs(60));
        socket.assert_quiet().await;
    }
}

#[tokio::test]
async fn connection_129_of_an_address_is_refused() {
    let backend = Backend::start(Profile::Two).await;
    let mut sockets = Vec::new();
    for _ in 0..128 {
        sockets.push(backend.connect("", &[]).await.0);
    }
    assert_eq!(backend.refusal("", &[]).await, (1013, "Error: Server Error".to_owned()));
    backend.connect("", &[("x-forwarded-for", "203.0.113.7, 127.0.0.1")]).await;
    backend.advance(Duration::from_secs(60));
    backend.connect("", &[]).await;
}

#[tokio::test]
async fn frame_over_64000_bytes_closes_the_socket() {
    let backend = Backend::start(Profile::Two).await;
    let (mut socket, _) = backend.connect("", &[]).await;
    socket.send_text(&"x".repeat(64_000)).await;
    assert_eq!(socket.error().await.0, 1003);
    socket.send_text(&"x".repeat(64_001)).await;
    socket.assert_dropped().await;
}

#[tokio::test]
async fn shutdown_closes_sockets_without_waiting_for_clients() {
    let backend = Backend::start(Profile::Two).await;
    let (mut socket, _) = backend.connect(&url(&["rows"]), &[]).await;
    backend.shutdown().await;
    assert_eq!(socket.close_code().await, 1001);
}
