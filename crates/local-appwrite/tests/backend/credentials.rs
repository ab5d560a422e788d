//! Credentials: each one's user and access.

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::json;

use crate::client::{As, Backend, PASSWORD, answer};

fn refused(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

#[tokio::test]
async fn secret_is_returned_to_keys_only() {
    let backend = Backend::start().await;
    backend.sign_up("Ann").await;
    let session = json!({"email": "ann@example.com", "password": PASSWORD});
    let made = backend.post(As::Guest, "/account/sessions/email", session).await;
    assert_eq!(made.body()["secret"], "");
    let cookies = made.headers.get_all("set-cookie").iter().count();
    assert_eq!((made.status.as_u16(), cookies), (201, 2));
    let cookie = made.header("set-cookie");
    let cookie = cookie.split(';').next().expect("a cookie");
    let account = backend.request(As::Guest, Method::GET, "/account").header("cookie", cookie);
    assert_eq!(answer(account).await.expect(200)["email"], "ann@example.com");
}

#[tokio::test]
async fn jwt_with_a_session_is_refused_and_alone_authenticates() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({"duration": 60})).await.expect(201);
    let jwt = jwt["jwt"].as_str().expect("a JWT");
    assert_eq!(backend.get(As::Jwt(jwt), "/account").await.expect(200)["$id"], ann.id.as_str());
    let both = backend.request(As::Session(&ann.secret), Method::GET, "/account").header("x-appwrite-jwt", jwt);
    assert_eq!(answer(both).await.error(), refused(403, "user_jwt_and_cookie_set"));
}

#[tokio::test]
async fn jwt_ends_with_its_session() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({})).await.expect(201);
    backend.delete(As::Session(&ann.secret), "/account/sessions/current").await.expect(204);
    let jwt = jwt["jwt"].as_str().expect("a JWT");
    assert_eq!(backend.get(As::Jwt(jwt), "/account").await.error(), refused(401, "general_unauthorized_scope"));
}

#[tokio::test]
async fn jwt_cannot_create_a_jwt() {
    for (profile, error) in [
        (Profile::Two, refused(403, "user_jwt_creation_denied")),
        (Profile::OneNine, refused(404, "user_session_not_found")),
    ] {
        let backend = Backend::of(profile).await;
        let ann = backend.sign_up("Ann").await;
        let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({})).await.expect(201);
        let jwt = jwt["jwt"].as_str().expect("a JWT");
        assert_eq!(backend.post(As::Jwt(jwt), "/account/jwts", json!({})).await.error(), error);
    }
}

#[tokio::test]
async fn key_is_limited_to_its_scopes() {
    let backend =
        Backend::with(|settings| settings.api_keys = vec!["little=sessions.write".parse().expect("a key")]).await;
    let user = json!({"userId": "ann", "email": "ann@example.com", "password": PASSWORD});
    backend.post(As::Key, "/account", user).await.expect(201);
    let refused_users = backend.get(As::Key, "/users").await;
    assert_eq!(refused_users.error(), refused(401, "general_unauthorized_scope"));
    assert_eq!(
        refused_users.body()["message"],
        "app.demo@service.127.0.0.1 (role: applications) missing scopes ([\"users.read\"])"
    );
    let unknown = backend.request(As::Guest, Method::GET, "/users").header("x-appwrite-key", "standard_bad");
    assert_eq!(answer(unknown).await.error(), refused(401, "user_unauthorized"));
}

#[tokio::test]
async fn key_with_a_session_is_refused_up_to_1_8() {
    let backend = Backend::of(Profile::OneFive).await;
    let ann = backend.sign_up("Ann").await;
    let both = backend.request(As::Key, Method::GET, "/users").header("x-appwrite-session", &ann.secret);
    assert_eq!(answer(both).await.error(), refused(403, "user_api_key_and_session_set"));
}

#[tokio::test]
async fn foreign_origin_is_refused_and_not_echoed() {
    let backend = Backend::start().await;
    let foreign = backend.request(As::Guest, Method::GET, "/locale").header("origin", "https://evil.example");
    let foreign = answer(foreign).await;
    assert_eq!(foreign.error(), refused(403, "general_unknown_origin"));
    assert!(foreign.headers.get("access-control-allow-origin").is_none());
    let own = backend.request(As::Guest, Method::GET, "/locale").header("origin", "http://localhost:3000");
    assert_eq!(answer(own).await.header("access-control-allow-origin"), "http://localhost:3000");
}

#[tokio::test]
async fn blocked_user_is_refused_everywhere() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    backend.patch(As::Session(&ann.secret), "/account/status", json!({})).await.expect(200);
    assert_eq!(backend.get(As::Session(&ann.secret), "/account").await.error(), refused(403, "user_blocked"));
    let again = json!({"email": ann.email, "password": PASSWORD});
    let again = backend.post(As::Key, "/account/sessions/email", again).await;
    assert_eq!(again.error(), refused(403, "user_blocked"));
}

#[tokio::test]
async fn oversized_body_is_refused() {
    let backend = Backend::start().await;
    let body = json!({"userId": "unique()", "email": "a@example.com", "password": "x".repeat(9_000_000)});
    assert_eq!(backend.post(As::Guest, "/account", body).await.status, 413);
}

#[tokio::test]
async fn key_created_jwt_for_unknown_session_is_unbound() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let path = format!("/users/{}/jwts", ann.id);
    let jwt = backend.post(As::Key, &path, json!({"sessionId": "unknown"})).await.expect(201);
    backend.delete(As::Session(&ann.secret), "/account/sessions/current").await.expect(204);
    backend.get(As::Jwt(jwt["jwt"].as_str().expect("a JWT")), "/account").await.expect(200);
}
