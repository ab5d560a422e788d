//! Password reset and verification by code, and sign-in by a provider's ID token (2.3).

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use serde_json::{Value, json};

use crate::client::{As, Backend, PASSWORD};

fn digits_in(message: &Value) -> String {
    let text = message["text"].as_str().expect("text");
    let found = text.split(|letter: char| !letter.is_ascii_digit()).find(|word| word.len() == 6);
    found.unwrap_or_else(|| panic!("no code: {text}")).to_owned()
}

#[tokio::test]
async fn code_sets_a_new_password_and_survives_a_refused_one() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let asked = json!({"email": ann.email, "phrase": true});
    let token = backend.post(As::Guest, "/account/recovery/otp", asked).await.expect(201);
    let message = backend.message_to(&ann.email).await;
    let phrase = token["phrase"].as_str().expect("a phrase");
    assert!(!phrase.is_empty() && message["text"].as_str().expect("text").contains(phrase));
    assert_eq!(token["secret"], "");

    let with = |secret: &str, password: &str| json!({"userId": ann.id, "secret": secret, "password": password});
    let code = digits_in(&message);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = backend.put(As::Guest, "/account/recovery/otp", with(wrong, "New-password-2")).await;
    assert_eq!(refused.error(), (401, "user_invalid_token".to_owned()));
    let short = backend.put(As::Guest, "/account/recovery/otp", with(&code, "short")).await;
    assert_eq!(short.error(), (400, "general_argument_invalid".to_owned()));
    let by_link = backend.put(As::Guest, "/account/recovery", with(&code, "New-password-2")).await;
    assert_eq!(by_link.error(), (401, "user_invalid_token".to_owned()));
    backend.put(As::Guest, "/account/recovery/otp", with(&code, "New-password-2")).await.expect(200);
    let again = backend.put(As::Guest, "/account/recovery/otp", with(&code, "New-password-3")).await;
    assert_eq!(again.error(), (401, "user_invalid_token".to_owned()));
    let old = json!({"email": ann.email, "password": PASSWORD});
    backend.post(As::Key, "/account/sessions/email", old).await.expect(401);
    let new = json!({"email": ann.email, "password": "New-password-2"});
    backend.post(As::Key, "/account/sessions/email", new).await.expect(201);
}

#[tokio::test]
async fn code_verifies_the_address_for_fifteen_minutes() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let path = "/account/verifications/email/otp";
    backend.post(own, path, json!({})).await.expect(201);
    let late = json!({"userId": ann.id, "secret": digits_in(&backend.message_to(&ann.email).await)});
    clock.advance(Duration::from_secs(900));
    assert_eq!(backend.put(As::Guest, path, late).await.error(), (401, "user_invalid_token".to_owned()));
    backend.post(own, path, json!({})).await.expect(201);
    let code = json!({"userId": ann.id, "secret": digits_in(&backend.message_to(&ann.email).await)});
    backend.put(As::Guest, path, code).await.expect(200);
    assert_eq!(backend.get(own, "/account").await.expect(200)["emailVerification"], true);
    let done = backend.post(own, path, json!({})).await;
    assert_eq!(done.error(), (409, "user_email_already_verified".to_owned()));
}

#[tokio::test]
async fn older_servers_have_no_codes_or_id_tokens() {
    let backend = Backend::of(Profile::OneNine).await;
    for path in ["/account/recovery/otp", "/account/sessions/id-token"] {
        let body = json!({"email": "ann@example.com", "provider": "google", "idToken": "x"});
        assert_eq!(backend.post(As::Guest, path, body).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn id_token_of_disabled_or_unknown_provider_is_refused() {
    let backend = Backend::start().await;
    let path = "/account/sessions/id-token";
    let send = async |body: Value| backend.post(As::Guest, path, body).await.error();
    let disabled = (412, "project_provider_disabled".to_owned());
    assert_eq!(send(json!({"provider": "google", "idToken": "x"})).await, disabled);
    assert_eq!(send(json!({"provider": "apple", "idToken": "x", "nonce": "n"})).await, disabled);
    let unsupported = (400, "project_provider_unsupported".to_owned());
    assert_eq!(send(json!({"provider": "github", "idToken": "x"})).await, unsupported);
    let invalid = (400, "general_argument_invalid".to_owned());
    assert_eq!(send(json!({"provider": "google"})).await, invalid);
    assert_eq!(send(json!({"provider": "google", "idToken": "x".repeat(8193)})).await, invalid);
}
