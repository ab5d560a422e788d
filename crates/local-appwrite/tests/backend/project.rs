//! The project of a request, and requests without one.

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::json;

use crate::client::{As, Backend, PASSWORD, answer, http};

async fn without_project(backend: &Backend, method: Method, path: &str) -> (u16, String) {
    let request = http().request(method, format!("{}/v1{path}", backend.origin()));
    let user = json!({"userId": "unique()", "email": "ann@example.com", "password": PASSWORD});
    let refused = answer(request.json(&user)).await;
    let kind = if refused.text.starts_with('{') { refused.error().1 } else { "page".to_owned() };
    (refused.status.as_u16(), kind)
}

#[tokio::test]
async fn requests_without_a_project_are_refused() {
    for profile in [Profile::Two, Profile::OneNineNext, Profile::OneNine] {
        let backend = Backend::of(profile).await;
        let forbidden = (401, "general_access_forbidden".to_owned());
        let rows = "/tablesdb/main/tables/birthdays/rows";
        for (method, path) in [(Method::POST, "/account"), (Method::GET, rows), (Method::POST, rows)] {
            assert_eq!(without_project(&backend, method, path).await, forbidden, "{profile:?} {path}");
        }
        let start = "/account/tokens/oauth2/mock?success=http://localhost:3000/ok";
        assert_eq!(without_project(&backend, Method::GET, start).await, (412, "page".to_owned()));
        assert_eq!(backend.get(As::Key, "/users").await.expect(200)["total"], 0);
        assert_eq!(without_project(&backend, Method::GET, "/locale").await.0, 200);
    }
}

#[tokio::test]
async fn key_without_its_project_is_refused() {
    let backend = Backend::start().await;
    let request = http().get(format!("{}/v1/users", backend.origin())).header("x-appwrite-key", backend.key());
    assert_eq!(answer(request).await.error(), (403, "project_id_missing".to_owned()));
}

#[tokio::test]
async fn ids_compare_without_case() {
    let backend = Backend::start().await;
    let user = json!({"userId": "Kay", "email": "kay@example.com", "password": PASSWORD});
    backend.post(As::Key, "/account", user).await.expect(201);
    assert_eq!(backend.get(As::Key, "/users/kay").await.expect(200)["$id"], "Kay");
    let twin = json!({"userId": "KAY", "email": "other@example.com", "password": PASSWORD});
    assert_eq!(backend.post(As::Key, "/account", twin).await.error(), (409, "user_already_exists".to_owned()));
    let request = http().get(format!("{}/v1/account", backend.origin())).header("x-appwrite-project", "DEMO");
    assert_eq!(answer(request).await.error(), (401, "general_unauthorized_scope".to_owned()));
}

#[tokio::test]
async fn jwt_cannot_use_current_as_session_id() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({})).await.expect(201);
    let jwt = As::Jwt(jwt["jwt"].as_str().expect("a JWT"));
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let refused = answer(backend.request(jwt, method, "/account/sessions/current")).await;
        assert_eq!(refused.error(), (404, "user_session_not_found".to_owned()));
    }
    let sessions = backend.get(jwt, "/account/sessions").await.expect(200);
    assert_eq!(sessions["sessions"][0]["current"], false);
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
}

#[tokio::test]
async fn errors_are_not_cached() {
    let backend = Backend::start().await;
    let refused = backend.get(As::Guest, "/account").await;
    let cached = ["cache-control", "expires", "pragma"].map(|name| refused.header(name));
    assert_eq!(cached, ["no-cache, no-store, must-revalidate", "0", "no-cache"]);
}
