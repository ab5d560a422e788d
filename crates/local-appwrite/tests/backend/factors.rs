//! The second factor at sign-in, by each kind of code.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::client::{As, Backend, Person};

fn code(secret: &str, now: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    let totp = Builder::new().with_secret(secret).build().expect("an app");
    totp.generate(now.as_second().unsigned_abs()).to_string()
}

/// A user with an authenticator app and recovery codes, and with the second factor switched on.
async fn protected(backend: &Backend, clock: &Clock) -> (Person, String, Value) {
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let app = backend.post(own, "/account/mfa/authenticators/totp", json!({})).await.expect(200);
    let secret = app["secret"].as_str().expect("a secret").to_owned();
    let otp = code(&secret, clock.now());
    backend.put(own, "/account/mfa/authenticators/totp", json!({"otp": otp})).await.expect(200);
    let codes = backend.post(own, "/account/mfa/recovery-codes", json!({})).await.expect(201);
    backend.patch(own, "/account/mfa", json!({"mfa": true})).await.expect(200);
    backend.get(own, "/account").await.expect(200);
    (ann, secret, codes["recoveryCodes"].clone())
}

#[tokio::test]
async fn routes_are_refused_before_the_second_factor() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (ann, app, _) = protected(&backend, &clock).await;
    let secret = backend.sign_in(&ann.email).await;
    let fresh = As::Session(&secret);
    for path in ["/account", "/account/sessions", "/tablesdb/main/tables/birthdays/rows"] {
        assert_eq!(backend.get(fresh, path).await.error(), (401, "user_more_factors_required".to_owned()), "{path}");
    }
    let jwt = backend.post(fresh, "/account/jwts", json!({})).await;
    assert_eq!(jwt.error(), (401, "user_more_factors_required".to_owned()));
    let factors = backend.get(fresh, "/account/mfa/factors").await.expect(200);
    assert_eq!(factors, json!({"totp": true, "phone": false, "email": false, "recoveryCode": true, "custom": false}));

    let challenge = backend.post(fresh, "/account/mfa/challenges", json!({"factor": "totp"})).await.expect(201);
    let answer = |otp: String| json!({"challengeId": challenge["$id"], "otp": otp});
    backend.put(fresh, "/account/mfa/challenges", answer("000000".into())).await.expect(401);
    let session = backend.put(fresh, "/account/mfa/challenges", answer(code(&app, clock.now()))).await.expect(200);
    assert_eq!(session["factors"], json!(["password", "totp"]));
    backend.get(fresh, "/account").await.expect(200);
}

#[tokio::test]
async fn recovery_code_works_once() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (ann, _, codes) = protected(&backend, &clock).await;
    for status in [200, 401] {
        let secret = backend.sign_in(&ann.email).await;
        let fresh = As::Session(&secret);
        let challenge =
            backend.post(fresh, "/account/mfa/challenges", json!({"factor": "recoveryCode"})).await.expect(201);
        let given = json!({"challengeId": challenge["$id"], "otp": codes[0]});
        backend.put(fresh, "/account/mfa/challenges", given).await.expect(status);
    }
}

#[tokio::test]
async fn factor_counts_as_recent_for_half_an_hour() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (ann, app, _) = protected(&backend, &clock).await;
    let secret = backend.sign_in(&ann.email).await;
    let fresh = As::Session(&secret);
    let challenge = backend.post(fresh, "/account/mfa/challenges", json!({"factor": "totp"})).await.expect(201);
    let given = json!({"challengeId": challenge["$id"], "otp": code(&app, clock.now())});
    backend.put(fresh, "/account/mfa/challenges", given).await.expect(200);
    clock.advance(Duration::from_secs(1799));
    backend.get(fresh, "/account/mfa/recovery-codes").await.expect(200);
    clock.advance(Duration::from_secs(1));
    let late = backend.delete(fresh, "/account/mfa/authenticators/totp").await;
    assert_eq!(late.error(), (401, "user_challenge_required".to_owned()));
}

#[tokio::test]
async fn code_of_a_custom_factor_is_read_by_key() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (ann, _, _) = protected(&backend, &clock).await;
    let secret = backend.sign_in(&ann.email).await;
    let fresh = As::Session(&secret);
    let path = "/account/mfa/challenges";
    let start = async || backend.post(fresh, path, json!({"factor": "custom"})).await;
    let off = (501, "user_auth_method_unsupported".to_owned());
    assert_eq!(start().await.error(), off);
    backend.patch(As::Key, "/project/policies/mfa-factors", json!({"custom": true, "phone": false})).await.expect(200);
    let policy = backend.get(As::Key, "/project/policies/mfa-factors").await.expect(200);
    assert_eq!(policy, json!({"$id": "mfa-factors", "totp": true, "email": true, "phone": false, "custom": true}));
    assert_eq!(backend.get(fresh, "/account/mfa/factors").await.expect(200)["custom"], true);
    let challenge = start().await.expect(201);
    assert_eq!(challenge["code"], Value::Null, "the user's browser must not learn it");

    let id = challenge["$id"].as_str().expect("an id");
    let by_key = format!("/users/{}/mfa/challenges/{id}", ann.id);
    let read = backend.get(As::Key, &by_key).await.expect(200);
    assert_eq!(read["code"].as_str().map(str::len), Some(6));
    let other = backend.post(fresh, path, json!({"factor": "totp"})).await.expect(201);
    let of_app = format!("/users/{}/mfa/challenges/{}", ann.id, other["$id"].as_str().expect("an id"));
    assert_eq!(backend.get(As::Key, &of_app).await.error(), (401, "user_invalid_token".to_owned()));

    let wrong = json!({"challengeId": id, "otp": "x"});
    assert_eq!(backend.put(fresh, path, wrong).await.error(), (401, "user_invalid_token".to_owned()));
    let right = json!({"challengeId": id, "otp": read["code"]});
    let done = backend.put(fresh, path, right).await.expect(200);
    assert_eq!(done["factors"], json!(["password", "custom"]));
    backend.get(fresh, "/account").await.expect(200);
}

#[tokio::test]
async fn key_deletes_an_authenticator_once() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (ann, _, _) = protected(&backend, &clock).await;
    let path = format!("/users/{}/mfa/authenticators/totp", ann.id);
    backend.delete(As::Key, &path).await.expect(204);
    let again = backend.delete(As::Key, &path).await;
    assert_eq!(again.error(), (404, "user_authenticator_not_found".to_owned()));
}

#[tokio::test]
async fn challenge_response_is_empty_on_1_5() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |settings| settings.profile = Profile::OneFive).await;
    let (ann, app, _) = protected(&backend, &clock).await;
    let secret = backend.sign_in(&ann.email).await;
    let fresh = As::Session(&secret);
    let challenge = backend.post(fresh, "/account/mfa/challenge", json!({"factor": "totp"})).await.expect(201);
    let given = json!({"challengeId": challenge["$id"], "otp": code(&app, clock.now())});
    backend.put(fresh, "/account/mfa/challenge", given).await.expect(204);
}

#[tokio::test]
async fn user_without_factors_needs_none() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    backend.patch(As::Session(&ann.secret), "/account/mfa", json!({"mfa": true})).await.expect(200);
    let secret = backend.sign_in(&ann.email).await;
    backend.get(As::Session(&secret), "/account").await.expect(200);
}
