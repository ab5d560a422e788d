//! The project's policies: set at the start or by an API key, and the values that they refuse.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Policies, Profile};
use serde_json::{Value, json};

use crate::client::{As, Backend, PASSWORD, link_in, parameter};

async fn sign_up(backend: &Backend, name: &str, password: &str) -> (u16, Value) {
    let email = format!("{}@example.com", name.to_lowercase());
    let user = json!({"userId": "unique()", "email": email, "password": password, "name": name});
    let answer = backend.post(As::Guest, "/account", user).await;
    (answer.status.as_u16(), answer.body())
}

async fn switch(backend: &Backend, policy: &str, body: Value) {
    backend.patch(As::Key, &format!("/project/policies/{policy}"), body).await.expect(200);
}

#[tokio::test]
async fn personal_data_in_a_password_is_refused() {
    let backend = Backend::start().await;
    switch(&backend, "password-personal-data", json!({"enabled": true})).await;
    for password in ["my-ANNABEL-secret", "annabel@example.com"] {
        let (status, body) = sign_up(&backend, "Annabel", password).await;
        assert_eq!((status, &body["type"]), (400, &json!("password_personal_data")), "{password}");
    }
    let ann = backend.sign_up("Annabel").await;
    let change = json!({"password": format!("x-{}-x", ann.id), "oldPassword": PASSWORD});
    let refused = backend.patch(As::Session(&ann.secret), "/account/password", change).await;
    assert_eq!(refused.error(), (400, "password_personal_data".to_owned()));
    switch(&backend, "password-personal-data", json!({"enabled": false})).await;
    assert_eq!(sign_up(&backend, "Bertram", "bertram-secret").await.0, 201);
}

#[tokio::test]
async fn former_password_is_refused_on_every_route() {
    let backend = Backend::with(|settings| settings.policies.history = 2).await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let again = json!({"password": PASSWORD, "oldPassword": PASSWORD});
    let refused = backend.patch(own, "/account/password", again).await;
    assert_eq!(refused.error(), (400, "password_recently_used".to_owned()));

    let ask = json!({"email": ann.email, "url": "http://localhost:3000/recover"});
    backend.post(As::Guest, "/account/recovery", ask).await.expect(201);
    let mail = backend.message_to(&ann.email).await;
    let link = link_in(mail["text"].as_str().expect("text"));
    let recover =
        |password: &str| json!({"userId": ann.id, "secret": parameter(&link, "secret"), "password": password});
    let refused = backend.put(As::Guest, "/account/recovery", recover(PASSWORD)).await;
    assert_eq!(refused.error(), (400, "password_recently_used".to_owned()));
    backend.put(As::Guest, "/account/recovery", recover("New-password-2")).await.expect(200);

    let path = format!("/users/{}/password", ann.id);
    let refused = backend.patch(As::Key, &path, json!({"password": "New-password-2"})).await;
    assert_eq!(refused.error(), (400, "password_recently_used".to_owned()));
    backend.patch(As::Key, &path, json!({"password": "New-password-3"})).await.expect(200);
    backend.patch(As::Key, &path, json!({"password": PASSWORD})).await.expect(200);
}

#[tokio::test]
async fn common_and_weak_passwords_are_refused_as_bad_arguments() {
    let backend = Backend::start().await;
    switch(&backend, "password-dictionary", json!({"enabled": true})).await;
    let (status, body) = sign_up(&backend, "Ann", "password123").await;
    assert_eq!((status, &body["type"]), (400, &json!("general_argument_invalid")));
    assert_eq!(
        body["message"],
        "Invalid `password` param: Password must be between 8 and 265 characters long, and should not be one of the commonly used password."
    );
    let strength = backend
        .patch(As::Key, "/project/policies/password-strength", json!({"min": 10, "number": true}))
        .await
        .expect(200);
    assert_eq!(strength["min"], 10);
    let (status, body) = sign_up(&backend, "Ann", "no-number-here").await;
    assert_eq!((status, &body["type"]), (400, &json!("general_argument_invalid")));
    assert_eq!(
        body["message"],
        "Invalid `password` param: Password must be between 10 and 256 characters long, include a number."
    );
    assert_eq!(sign_up(&backend, "Ann", "with-number-1").await.0, 201);
}

#[tokio::test]
async fn deny_lists_extend_the_refused_passwords() {
    let backend = Backend::start().await;
    switch(&backend, "password-dictionary", json!({"enabled": true, "denyList": ["Winter-2026"]})).await;
    switch(&backend, "password-personal-data", json!({"enabled": true, "denyList": ["acme"]})).await;
    switch(&backend, "password-personal-data", json!({"enabled": true})).await;
    for (password, status) in [("Winter-2026", 400), ("my-ACME-secret", 400), ("winter-2026", 201)] {
        assert_eq!(sign_up(&backend, "Ann", password).await.0, status, "{password}");
    }
    let policy = backend.get(As::Key, "/project/policies/password-dictionary").await.expect(200);
    assert_eq!(policy["denyList"], json!(["Winter-2026"]));
}

#[tokio::test]
async fn session_limit_ends_the_oldest() {
    let backend = Backend::start().await;
    switch(&backend, "session-limit", json!({"total": 2})).await;
    let ann = backend.sign_up("Ann").await;
    let second = backend.sign_in(&ann.email).await;
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    let third = backend.sign_in(&ann.email).await;
    backend.get(As::Session(&ann.secret), "/account").await.expect(401);
    for secret in [second, third] {
        backend.get(As::Session(&secret), "/account").await.expect(200);
    }
}

#[tokio::test]
async fn expired_password_creates_no_session() {
    let clock = Clock::manual(Timestamp::now());
    let age = Duration::from_secs(3600);
    let backend = Backend::at(clock.clone(), |settings| {
        settings.policies = Policies { rotation: Some(age), ..Policies::default() };
    })
    .await;
    let ann = backend.sign_up("Ann").await;
    clock.advance(age);
    let sign_in = |password: &str| json!({"email": ann.email, "password": password});
    let refused = backend.post(As::Key, "/account/sessions/email", sign_in(PASSWORD)).await;
    assert_eq!(refused.error(), (412, "user_password_reset_required".to_owned()));
    let wrong = backend.post(As::Key, "/account/sessions/email", sign_in("not-this-one")).await;
    assert_eq!(wrong.error(), (401, "user_invalid_credentials".to_owned()));
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    let change = json!({"password": "New-password-2", "oldPassword": PASSWORD});
    backend.patch(As::Session(&ann.secret), "/account/password", change).await.expect(200);
    backend.post(As::Key, "/account/sessions/email", sign_in("New-password-2")).await.expect(201);
}

#[tokio::test]
async fn only_keys_can_change_policies() {
    let backend = Backend::of(Profile::OneNineNext).await;
    let guest = backend.patch(As::Guest, "/project/policies/password-history", json!({"total": 2})).await;
    assert_eq!(guest.error(), (401, "general_unauthorized_scope".to_owned()));
    switch(&backend, "password-history", json!({"total": 2})).await;
    let policy = backend.get(As::Key, "/project/policies/password-history").await.expect(200);
    assert_eq!(policy, json!({"$id": "password-history", "total": 2}));
    switch(&backend, "password-history", json!({"total": null})).await;
    assert_eq!(backend.get(As::Key, "/project/policies/password-history").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn breached_password_is_refused_if_the_policy_says_so() {
    let backend = Backend::start().await;
    let (status, user) = sign_up(&backend, "Ann", "password123").await;
    assert_eq!((status, &user["passwordPwned"]), (201, &Value::Null));
    let sign_in = json!({"email": "ann@example.com", "password": "password123"});
    switch(&backend, "password-pwned", json!({"enabled": true})).await;
    backend.post(As::Key, "/account/sessions/email", sign_in.clone()).await.expect(201);
    let path = format!("/users/{}", user["$id"].as_str().expect("an id"));
    assert_eq!(backend.get(As::Key, &path).await.expect(200)["passwordPwned"], true);

    switch(&backend, "password-pwned", json!({"sessions": true, "users": true})).await;
    let policy = backend.get(As::Key, "/project/policies/password-pwned").await.expect(200);
    assert_eq!(policy, json!({"$id": "password-pwned", "enabled": true, "sessions": true, "users": true}));
    let refused = backend.post(As::Key, "/account/sessions/email", sign_in).await;
    assert_eq!(refused.error(), (412, "user_password_reset_required".to_owned()));
    let wrong = json!({"email": "ann@example.com", "password": "not-this-one"});
    backend.post(As::Key, "/account/sessions/email", wrong).await.expect(401);
    let (status, body) = sign_up(&backend, "Bob", "password123").await;
    assert_eq!((status, &body["type"]), (400, &json!("password_pwned")));
    let fresh = json!({"password": PASSWORD});
    let changed = backend.patch(As::Key, &format!("{path}/password"), fresh).await.expect(200);
    assert_eq!(changed["passwordPwned"], false);
    backend.sign_in("ann@example.com").await;
}

#[tokio::test]
async fn recovery_clears_a_forced_password_change() {
    let clock = Clock::manual(Timestamp::now());
    let age = Duration::from_secs(3600);
    let backend = Backend::at(clock.clone(), |settings| settings.policies.rotation = Some(age)).await;
    let ann = backend.sign_up("Ann").await;
    clock.advance(age);
    backend.post(As::Guest, "/account/recovery/otp", json!({"email": ann.email})).await.expect(201);
    let mail = backend.message_to(&ann.email).await;
    let text = mail["text"].as_str().expect("text");
    let code = text.split(|letter: char| !letter.is_ascii_digit()).find(|word| word.len() == 6).expect("a code");
    let change = json!({"userId": ann.id, "secret": code, "password": PASSWORD});
    backend.put(As::Guest, "/account/recovery/otp", change).await.expect(200);
    backend.sign_in(&ann.email).await;
}
