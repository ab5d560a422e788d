//! Sockets during and after a reset.

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Backend, ROWS, url};

#[tokio::test]
async fn reset_closes_sockets_without_events() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &[ROWS, "account", "presences"]).await;
    let message = json!({"status": "online", "permissions": ["read(\"any\")"]});
    socket.send(json!({"type": "presence", "data": message})).await;
    socket.response("presence").await;
    socket.event().await;
    backend.add_row(&kay, "Gone", json!(["read(\"any\")"])).await;
    socket.event().await;

    backend.reset().await;
    assert_eq!(socket.close_code().await, 1001, "clients connect again");

    let (mut guest, _) = backend.connect(&url(&[ROWS, "presences"]), &[]).await;
    drop(socket);
    guest.assert_quiet().await;
    let listed = backend.with_key(Method::GET, "/presences", Value::Null).await;
    assert_eq!(listed["total"], 0);
}

#[tokio::test]
async fn session_from_before_the_reset_connects_a_guest() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    backend.reset().await;
    let (_, connected) = backend.connect(&url(&["account"]), &[("x-appwrite-session", &kay.session)]).await;
    assert_eq!(connected["user"], Value::Null);
}

#[tokio::test]
async fn sockets_work_after_a_reset() {
    let backend = Backend::start(Profile::Two).await;
    backend.reset().await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &[ROWS]).await;
    let id = backend.add_row(&kay, "New", Value::Null).await;
    assert_eq!(socket.event().await["events"][0], format!("{ROWS}.{id}.create"));
    backend.shutdown().await;
    assert_eq!(socket.close_code().await, 1001);
}
