//! A foreign name that resolves to loopback has no access: to no route, no page, no socket.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::{Answer, As, Backend, answer};

const REFUSAL: &str = "does not answer to that name";

/// One route of each kind: API, old API, switched off, unknown, pages, the consent page, Realtime.
const ADDRESSES: &[(Method, &str)] = &[
    (Method::GET, "/"),
    (Method::GET, "/browse/users"),
    (Method::GET, "/browse/style.css"),
    (Method::GET, "/browse/tables/main/birthdays"),
    (Method::GET, "/outbox"),
    (Method::GET, "/outbox/1"),
    (Method::GET, "/outbox/1/page"),
    (Method::GET, "/outbox/messages"),
    (Method::GET, "/oauth2/mock/authorize?state=x"),
    (Method::POST, "/oauth2/mock/authorize"),
    (Method::GET, "/v1/health/version"),
    (Method::HEAD, "/v1/ping"),
    (Method::GET, "/v1/users"),
    (Method::POST, "/v1/users"),
    (Method::GET, "/v1/tablesdb/main/tables/birthdays/rows"),
    (Method::GET, "/v1/databases/main/collections/birthdays/documents"),
    (Method::GET, "/v1/storage/buckets"),
    (Method::GET, "/v1/teams"),
    (Method::GET, "/v1/avatars/initials"),
    (Method::GET, "/v1/locale"),
    (Method::GET, "/v1/functions"),
    (Method::OPTIONS, "/v1/account"),
    (Method::GET, "/v1/account/sessions/oauth2/callback/mock/demo"),
    (Method::GET, "/v1/realtime?project=demo&channels[]=account"),
    (Method::GET, "/no/such/page"),
];

async fn ask(backend: &Backend, method: &Method, path: &str, host: &str) -> Answer {
    let request = crate::client::http()
        .request(method.clone(), format!("{}{path}", backend.origin()))
        .header("host", host)
        .header("x-appwrite-project", "demo")
        .header("x-appwrite-key", backend.key());
    let request = if path.contains("realtime") {
        request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    } else {
        request
    };
    // The body of an upgraded connection never ends.
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let is_open = status == StatusCode::SWITCHING_PROTOCOLS;
    let text = if is_open { String::new() } else { response.text().await.expect("a body") };
    Answer { status, headers, text }
}

#[tokio::test]
async fn foreign_host_is_refused_on_every_route() {
    let backend = Backend::start().await;
    for (method, path) in ADDRESSES {
        for host in ["evil.example", "localhost.evil.example:9380", "192.168.1.2:9380"] {
            let answer = ask(&backend, method, path, host).await;
            assert_eq!(answer.status, 403, "{method} {path} {host}");
            assert!(*method == Method::HEAD || answer.text.contains(REFUSAL), "{method} {path}: {}", answer.text);
            assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
        }
        for host in ["localhost:1234", "127.0.0.1", "[::1]:80", "app.localhost"] {
            let answer = ask(&backend, method, path, host).await;
            assert!(!answer.text.contains(REFUSAL), "{method} {path} {host}");
        }
    }
    let opened = ask(&backend, &Method::GET, "/v1/realtime?project=demo&channels[]=account", "localhost").await;
    assert_eq!(opened.status, 101);
}

#[tokio::test]
async fn request_to_a_foreign_host_has_no_effect() {
    let backend = Backend::start().await;
    let user = json!({"userId": "ann", "email": "ann@example.com", "password": "Correct-horse-1"});
    let request = backend.request(As::Key, Method::POST, "/users").header("host", "evil.example").json(&user);
    assert_eq!(answer(request).await.status, 403);
    assert_eq!(backend.get(As::Key, "/users").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn configured_host_is_accepted() {
    let backend = Backend::with(|settings| settings.hosts = vec!["appwrite.test".to_owned()]).await;
    assert_eq!(ask(&backend, &Method::GET, "/v1/users", "appwrite.test:9380").await.status, 200);
    assert_eq!(ask(&backend, &Method::GET, "/v1/users", "other.test").await.status, 403);
}
