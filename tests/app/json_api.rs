//! The JSON API to sign in.

use serde_json::json;

use crate::running::App;

#[tokio::test]
async fn program_signs_in_and_reads_its_user() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let program = app.browser();
    let body = json!({ "email": "ann@example.com", "password": "Correct-horse-1" });
    let answer = program.post_json("/api/login", &body).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true })));
    assert!(answer.set_cookie("session").expect("a session").http_only().unwrap_or_default());
    let user = program.open("/api/user").await;
    assert_eq!(user.status, 200);
    assert_eq!(user.json()["success"], true);
    assert_eq!(user.json()["user"]["email"], "ann@example.com");
    assert_eq!(user.json()["user"]["name"], "Ann");
    assert_eq!(user.header("cache-control"), "no-store");
}

#[tokio::test]
async fn errors_are_json_with_the_status_that_fits() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let program = app.browser();
    for (body, status) in [
        (json!({ "email": "ann@example.com", "password": "wrong-password" }), 401),
        (json!({ "email": "nobody@example.com", "password": "wrong-password" }), 401),
        (json!({ "email": "ann", "password": "Correct-horse-1" }), 400),
        (json!({ "email": "ann@example.com" }), 400),
        (json!({}), 400),
        (json!([1, 2]), 400),
    ] {
        let answer = program.post_json("/api/login", &body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.json()["success"], false, "{body}");
        assert!(answer.json()["error"].is_string(), "{body}");
        assert!(answer.set_cookie("session").is_none());
    }
    assert_eq!(program.open("/api/user").await.status, 401);
    assert_eq!(program.open("/api/user").await.json()["success"], false);
}

#[tokio::test]
async fn malformed_and_large_bodies_are_refused() {
    let app = App::start().await;
    let program = app.browser();
    assert_eq!(program.post("/api/login", "application/json", "{").await.status, 400);
    assert_eq!(program.post("/api/login", "text/plain", "{}").await.status, 415);
    assert_eq!(program.post("/api/login", "application/json", vec![b' '; 100_000]).await.status, 413);
    let unknown = program.post_json("/api/unknown", &json!({})).await;
    assert_eq!((unknown.status, unknown.json()["success"].clone()), (404, json!(false)));
}

#[tokio::test]
async fn json_sign_in_guesses_are_limited() {
    let app = App::start().await;
    let program = app.browser();
    let body = json!({ "email": "ann@example.com", "password": "wrong-password" });
    for _ in 0..10 {
        assert_eq!(program.post_json("/api/login", &body).await.status, 401);
    }
    let refused = program.post_json("/api/login", &body).await;
    assert_eq!((refused.status, refused.json()["success"].clone()), (429, json!(false)));
    assert!(!refused.header("retry-after").is_empty());
}

#[tokio::test]
async fn server_errors_include_the_request_id() {
    let mut app = App::start().await;
    let browser = app.browser_of("Ann").await;
    app.stop_backend().await;
    let body = json!({ "email": "ann@example.com", "password": "Correct-horse-1" });
    for answer in [browser.post_json("/api/login", &body).await, browser.open("/api/user").await] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["requestId"], answer.header("x-request-id"), "{}", answer.body);
    }
    let refused = app.browser().open("/api/user").await;
    assert_eq!((refused.status, refused.json().get("requestId")), (401, None));
}
