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
async fn apps_have_no_grants() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    backend.post(own, "/teams", json!({"teamId": "family", "name": "Family"})).await.expect(201);
    let consents = backend.get(own, "/account/consents").await.expect(200);
    assert_eq!(consents, json!({"total": 0, "consents": []}));
    let installations = backend.get(own, "/teams/family/installations").await.expect(200);
    assert_eq!(installations, json!({"total": 0, "installations": []}));
    let unknown = backend.get(own, "/teams/none/installations").await;
    assert_eq!(unknown.error(), (404, "team_not_found".to_owned()));
    let guest = backend.get(As::Guest, "/account/consents").await;
    assert_eq!(guest.error(), (401, "general_unauthorized_scope".to_owned()));
    let disabled = (403, "general_service_disabled".to_owned());
    for path in ["/account/consents/c", "/account/consents/c/tokens", "/teams/family/installations/i"] {
        assert_eq!(backend.get(own, path).await.error(), disabled, "{path}");
    }
    let install = backend.post(own, "/teams/family/installations", json!({"appId": "app"})).await;
    assert_eq!(install.error(), disabled);
}

#[tokio::test]
async fn absent_service_checks_its_scope_first() {
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
async fn unknown_route_returns_an_html_page_like_appwrite() {
    let backend = Backend::of(Profile::OneNine).await;
    for path in ["/function", "/accounts", "/"] {
        let unknown = backend.get(As::Key, path).await;
        assert_eq!(unknown.status, 404, "{path}");
        assert!(unknown.text.contains("general_route_not_found"), "{}", unknown.text);
    }
}
