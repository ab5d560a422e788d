//! New passwords and addresses, and the sessions that they end.

use local_appwrite::Profile;
use serde_json::json;

use crate::client::{As, Backend, PASSWORD};

async fn other_session_after_change(profile: Profile) -> u16 {
    let backend = Backend::of(profile).await;
    let ann = backend.sign_up("Ann").await;
    let other = backend.sign_in(&ann.email).await;
    let change = json!({"password": "New-password-2", "oldPassword": PASSWORD});
    backend.patch(As::Session(&ann.secret), "/account/password", change).await.expect(200);
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    backend.get(As::Session(&other), "/account").await.status.as_u16()
}

#[tokio::test]
async fn new_password_ends_other_sessions_except_on_1_5() {
    assert_eq!(other_session_after_change(Profile::OneNine).await, 401);
    assert_eq!(other_session_after_change(Profile::Two).await, 401);
    assert_eq!(other_session_after_change(Profile::OneFive).await, 200);
}

#[tokio::test]
async fn wrong_old_password_changes_nothing() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let change = json!({"password": "New-password-2", "oldPassword": "not-this-one"});
    let refused = backend.patch(As::Session(&ann.secret), "/account/password", change).await;
    assert_eq!(refused.error(), (401, "user_invalid_credentials".to_owned()));
    backend.sign_in(&ann.email).await;
}

#[tokio::test]
async fn used_address_is_refused() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    for (taken, error) in [(&bob.email, "user_target_already_exists"), (&ann.email, "user_target_already_exists")] {
        let change = json!({"email": taken, "password": PASSWORD});
        let refused = backend.patch(As::Session(&ann.secret), "/account/email", change).await;
        assert_eq!(refused.error(), (409, error.to_owned()));
    }
    let again = json!({"userId": "unique()", "email": "ANN@example.com", "password": PASSWORD});
    assert_eq!(backend.post(As::Key, "/account", again).await.error(), (409, "user_already_exists".to_owned()));
}

#[tokio::test]
async fn key_that_sets_a_password_ends_all_sessions() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let path = format!("/users/{}/password", ann.id);
    backend.patch(As::Key, &path, json!({"password": "New-password-2"})).await.expect(200);
    backend.get(As::Session(&ann.secret), "/account").await.expect(401);
}

#[tokio::test]
async fn eleventh_session_ends_the_first_on_1_5() {
    for (profile, status) in [(Profile::OneFive, 401), (Profile::Two, 200)] {
        let backend = Backend::of(profile).await;
        let ann = backend.sign_up("Ann").await;
        for _ in 0..10 {
            backend.sign_in(&ann.email).await;
        }
        assert_eq!(backend.get(As::Session(&ann.secret), "/account").await.status, status);
    }
}
