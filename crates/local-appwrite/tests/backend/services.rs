//! Services that the backend does not have.

use local_appwrite::Profile;
use serde_json::json;

use crate::client::{As, Backend};

#[tokio::test]
async fn absent_service_is_disabled_for_keys_too() {
    let backend = Backend::start().await;
    let disabled = (403, "general_service_disabled".to_owned());
    for path in ["/functions", "/sites/s/deployments", "/messaging/topics", "/webhooks", "/documentsdb", "/graphql"] {
        assert_eq!(backend.get(As::Key, path).await.error(), disabled, "{path}");
    }
    let refused = backend.post(As::Key, "/functions/f/executions", json!({})).await;
    assert_eq!(refused.error(), disabled);
    assert_eq!(backend.delete(As::Key, "/functions/f").await.error(), disabled);
}

#[tokio::test]
async fn absent_service_asks_for_its_scope_first() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let unauthorized = (401, "general_unauthorized_scope".to_owned());
    assert_eq!(backend.get(As::Guest, "/functions").await.error(), unauthorized);
    assert_eq!(backend.get(As::Session(&ann.secret), "/messaging/messages").await.error(), unauthorized);
    assert_eq!(backend.get(As::Key, "/projects").await.error(), unauthorized, "no key has the console's scopes");
    let execution = backend.post(As::Guest, "/functions/f/executions", json!({})).await;
    assert_eq!(execution.error(), (403, "general_service_disabled".to_owned()), "guests may execute");
}

#[tokio::test]
async fn unknown_route_is_a_page_as_with_appwrite() {
    let backend = Backend::of(Profile::OneNine).await;
    for path in ["/function", "/accounts", "/"] {
        let unknown = backend.get(As::Key, path).await;
        assert_eq!(unknown.status, 404, "{path}");
        assert!(unknown.text.contains("general_route_not_found"), "{}", unknown.text);
    }
}
