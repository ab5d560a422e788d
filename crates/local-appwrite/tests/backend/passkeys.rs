//! Passkeys, with an authenticator in software: added, used to sign in, and refused.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{AuthMethod, Clock, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    authenticator::{Authenticator, PRESENT_AND_VERIFIED, SYNCED, Says},
    client::{Answer, As, Backend, Person, answer},
};

async fn backend() -> Backend {
    Backend::with(|settings| settings.passkeys = Some("localhost".into())).await
}

async fn with_clock() -> (Backend, Clock) {
    let clock = Clock::manual(Timestamp::now());
    (Backend::at(clock.clone(), |settings| settings.passkeys = Some("localhost".into())).await, clock)
}

async fn begin(backend: &Backend, ann: &Person) -> Value {
    backend.post(As::Session(&ann.secret), "/account/passkeys", json!({"name": "Phone"})).await.expect(201)
}

async fn finish(backend: &Backend, secret: &str, challenge: &Value, credential: Value) -> Answer {
    let path = format!("/account/passkeys/{}/verification", challenge["passkeyId"].as_str().expect("an id"));
    backend.put(As::Session(secret), &path, json!({"credential": credential})).await
}

/// Adds a passkey with these values in the registration.
async fn add(backend: &Backend, ann: &Person, device: &mut Authenticator, says: &Says) -> Value {
    let challenge = begin(backend, ann).await;
    let credential = device.create(&challenge, says);
    finish(backend, &ann.secret, &challenge, credential).await.expect(200)
}

async fn ask(backend: &Backend) -> Value {
    backend.post(As::Key, "/account/tokens/passkey", json!({})).await.expect(201)
}

async fn give(backend: &Backend, challenge: &Value, credential: Value) -> Answer {
    let body = json!({"challengeId": challenge["$id"], "credential": credential});
    backend.put(As::Key, "/account/tokens/passkey", body).await
}

async fn sign_in(backend: &Backend, device: &Authenticator, says: &Says) -> Answer {
    let challenge = ask(backend).await;
    give(backend, &challenge, device.get(&challenge, says)).await
}

fn invalid() -> (u16, String) {
    (401, "user_passkey_invalid".to_owned())
}

fn used_up() -> (u16, String) {
    (401, "user_invalid_token".to_owned())
}

#[tokio::test]
async fn registration_challenge_has_the_options_for_the_browser() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let challenge = begin(&backend, &ann).await;
    let options = &challenge["publicKey"];
    assert_eq!(options["rp"], json!({"id": "localhost", "name": "Demo"}));
    assert_eq!((&options["user"]["name"], &options["user"]["displayName"]), (&json!(ann.email), &json!("Ann")));
    assert_eq!((options["attestation"].as_str(), options["timeout"].as_u64()), (Some("none"), Some(300_000)));
    assert_eq!(options["authenticatorSelection"], json!({"residentKey": "required", "userVerification": "required"}));
    assert_eq!(options["excludeCredentials"], json!([]));
    for text in [&options["challenge"], &options["user"]["id"]] {
        assert_eq!(text.as_str().expect("base64url").len(), 43);
    }
    let created: Timestamp = challenge["$createdAt"].as_str().expect("a date").parse().expect("a date");
    let expire: Timestamp = challenge["expire"].as_str().expect("a date").parse().expect("a date");
    assert_eq!(expire.as_second() - created.as_second(), 300);
}

#[tokio::test]
async fn passkey_signs_in_and_counts_as_two_factors() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    for mut device in [Authenticator::new("phone"), Authenticator::with_rsa("laptop")] {
        let passkey = add(&backend, &ann, &mut device, &Says::default()).await;
        assert_eq!((&passkey["name"], &passkey["accessedAt"]), (&json!("Phone"), &json!("")));
        assert_eq!(passkey.as_object().expect("an object").len(), 5, "{passkey}");

        let token = sign_in(&backend, &device, &Says::default()).await.expect(201);
        assert_eq!(token["userId"], ann.id);
        let redeem = json!({"userId": ann.id, "secret": token["secret"]});
        let session = backend.post(As::Key, "/account/sessions/token", redeem.clone()).await.expect(201);
        assert_eq!(session["provider"], "passkey");
        assert_eq!(session["factors"], json!(["passkey", "userVerification"]));
        assert_ne!(session["mfaUpdatedAt"], "");
        let again = backend.post(As::Key, "/account/sessions/token", redeem).await;
        assert_eq!(again.error(), used_up());

        let path = format!("/account/passkeys/{}", passkey["$id"].as_str().expect("an id"));
        assert_ne!(backend.get(As::Session(&ann.secret), &path).await.expect(200)["accessedAt"], "");
    }
    let challenge = begin(&backend, &ann).await;
    let excluded = challenge["publicKey"]["excludeCredentials"].as_array().expect("a list");
    assert_eq!(excluded.len(), 2);
    assert_eq!(excluded[0]["transports"], json!(["internal"]));
}

#[tokio::test]
async fn guest_gets_a_passkey_secret_that_lasts_a_minute() {
    let (backend, clock) = with_clock().await;
    let ann = backend.sign_up("Ann").await;
    let mut device = Authenticator::new("phone");
    add(&backend, &ann, &mut device, &Says::default()).await;
    let challenge = backend.post(As::Guest, "/account/tokens/passkey", json!({})).await.expect(201);
    let body = json!({"challengeId": challenge["$id"], "credential": device.get(&challenge, &Says::default())});
    let token = backend.put(As::Guest, "/account/tokens/passkey", body).await.expect(201);
    clock.advance(Duration::from_secs(60));
    let late = json!({"userId": ann.id, "secret": token["secret"]});
    assert_eq!(backend.post(As::Guest, "/account/sessions/token", late).await.error(), used_up());
}

#[tokio::test]
async fn invalid_registration_is_refused_and_must_restart() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let good = Says::default();
    let wrong = [
        Says { origin: "http://localhost.evil:3000", ..good.clone() },
        Says { origin: "http://127.0.0.1:3000", ..good.clone() },
        Says { rp_id: "example.com", ..good.clone() },
        Says { flags: 0x01, ..good.clone() },
        Says { flags: 0x04, ..good.clone() },
        Says { flags: 0x10 | PRESENT_AND_VERIFIED, ..good.clone() },
        Says { more: json!({"crossOrigin": true}), ..good.clone() },
        Says { more: json!({"topOrigin": "http://localhost:3000"}), ..good.clone() },
        Says { more: json!({"challenge": "AAAA"}), ..good.clone() },
        Says { more: json!({"type": "webauthn.get"}), ..good.clone() },
    ];
    for says in wrong {
        let other = backend.sign_up(&format!("P{}", says.flags)).await;
        let mut device = Authenticator::new("phone");
        let challenge = begin(&backend, &other).await;
        let credential = device.create(&challenge, &says);
        assert_eq!(finish(&backend, &other.secret, &challenge, credential).await.error(), invalid(), "{}", says.more);
        let right = device.create(&challenge, &good);
        assert_eq!(finish(&backend, &other.secret, &challenge, right).await.error(), used_up());
        backend.delete(As::Key, &format!("/users/{}", other.id)).await.expect(204);
    }
    let challenge = begin(&backend, &ann).await;
    for broken in [json!({}), json!({"id": 1, "rawId": "a", "type": "public-key", "response": {}})] {
        let refused = finish(&backend, &ann.secret, &challenge, broken).await.error();
        assert!([invalid(), used_up()].contains(&refused), "{refused:?}");
    }
    let none = backend.get(As::Session(&ann.secret), "/account/passkeys").await.expect(200);
    assert_eq!(none, json!({"total": 0, "passkeys": []}));
}

#[tokio::test]
async fn registration_belongs_to_its_session() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let other_session = backend.sign_in(&ann.email).await;
    let bob = backend.sign_up("Bob").await;
    let mut device = Authenticator::new("phone");
    let challenge = begin(&backend, &ann).await;
    let credential = device.create(&challenge, &Says::default());
    assert_eq!(finish(&backend, &other_session, &challenge, credential.clone()).await.error(), used_up());
    let foreign = finish(&backend, &bob.secret, &challenge, credential.clone()).await;
    assert_eq!(foreign.error(), (404, "user_passkey_not_found".to_owned()));
    finish(&backend, &ann.secret, &challenge, credential.clone()).await.expect(200);
    let again = finish(&backend, &ann.secret, &challenge, credential).await;
    assert_eq!(again.error(), (404, "user_passkey_not_found".to_owned()));
}

#[tokio::test]
async fn known_credential_and_used_id_are_refused() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let bob = backend.sign_up("Bob").await;
    let mut device = Authenticator::new("phone");
    let passkey = add(&backend, &ann, &mut device, &Says::default()).await;
    let exists = (409, "user_passkey_already_exists".to_owned());
    let challenge = begin(&backend, &bob).await;
    let credential = device.create(&challenge, &Says::default());
    assert_eq!(finish(&backend, &bob.secret, &challenge, credential).await.error(), exists);
    for person in [&ann, &bob] {
        let same = json!({"passkeyId": passkey["$id"]});
        assert_eq!(backend.post(As::Session(&person.secret), "/account/passkeys", same).await.error(), exists);
    }
    let own = json!({"passkeyId": "mine"});
    let first = backend.post(As::Session(&bob.secret), "/account/passkeys", own.clone()).await.expect(201);
    let second = backend.post(As::Session(&bob.secret), "/account/passkeys", own).await.expect(201);
    let mut fresh = Authenticator::new("laptop");
    let old = fresh.create(&first, &Says::default());
    assert_eq!(finish(&backend, &bob.secret, &first, old).await.error(), invalid());
    assert_ne!(first["$id"], second["$id"]);
}

#[tokio::test]
async fn user_has_at_most_ten_passkeys_including_pending_ones() {
    let (backend, clock) = with_clock().await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let start = async || {
        clock.advance(Duration::from_secs(1));
        answer(backend.request(own, Method::POST, "/account/passkeys").json(&json!({}))).await
    };
    for _ in 0..10 {
        start().await.expect(201);
    }
    // The limit of ten calls per hour comes first, so the test waits an hour to reach the limit of ten passkeys.
    assert_eq!(start().await.error(), (429, "general_rate_limit_exceeded".to_owned()));
    clock.advance(Duration::from_secs(3600));
    let secret = backend.sign_in(&ann.email).await;
    let ann = Person { secret, ..ann };
    for index in 0..10 {
        let mut device = Authenticator::new(&format!("device {index}"));
        add(&backend, &ann, &mut device, &Says::default()).await;
    }
    clock.advance(Duration::from_secs(3600));
    let secret = backend.sign_in(&ann.email).await;
    let full = backend.post(As::Session(&secret), "/account/passkeys", json!({})).await;
    assert_eq!(full.error(), (400, "user_passkey_limit_exceeded".to_owned()));
}

#[tokio::test]
async fn invalid_sign_in_is_refused() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let mut device = Authenticator::new("phone");
    add(&backend, &ann, &mut device, &Says::default()).await;
    let good = Says::default();
    for says in [
        Says { origin: "https://localhost.evil", ..good.clone() },
        Says { rp_id: "example.com", ..good.clone() },
        Says { flags: 0x01, ..good.clone() },
        Says { flags: SYNCED | PRESENT_AND_VERIFIED, ..good.clone() },
        Says { more: json!({"crossOrigin": true}), ..good.clone() },
        Says { more: json!({"topOrigin": "http://localhost:3000"}), ..good.clone() },
    ] {
        assert_eq!(sign_in(&backend, &device, &says).await.error(), invalid(), "{}", says.origin);
    }
    let unknown = Authenticator::new("unknown");
    assert_eq!(sign_in(&backend, &unknown, &good).await.error(), invalid());
    let mut forged = Authenticator::new("phone");
    let bob = backend.sign_up("Bob").await;
    forged.create(&begin(&backend, &bob).await, &good);
    assert_eq!(sign_in(&backend, &forged, &good).await.error(), invalid());

    let challenge = ask(&backend).await;
    let mut anonymous = device.get(&challenge, &good);
    anonymous["response"]["userHandle"] = Value::Null;
    assert_eq!(give(&backend, &challenge, anonymous).await.error(), invalid());
    let replay = device.get(&challenge, &good);
    assert_eq!(give(&backend, &challenge, replay).await.error(), used_up());
    let (one, two) = (ask(&backend).await, ask(&backend).await);
    assert_eq!(give(&backend, &two, device.get(&one, &good)).await.error(), invalid());
    sign_in(&backend, &device, &good).await.expect(201);
}

#[tokio::test]
async fn challenge_expires_after_five_minutes() {
    let (backend, clock) = with_clock().await;
    let ann = backend.sign_up("Ann").await;
    let mut device = Authenticator::new("phone");
    add(&backend, &ann, &mut device, &Says::default()).await;
    let challenge = ask(&backend).await;
    let registration = begin(&backend, &ann).await;
    clock.advance(Duration::from_secs(300));
    assert_eq!(give(&backend, &challenge, device.get(&challenge, &Says::default())).await.error(), used_up());
    let credential = Authenticator::new("laptop").create(&registration, &Says::default());
    assert_eq!(finish(&backend, &ann.secret, &registration, credential).await.error(), used_up());
}

#[tokio::test]
async fn only_device_bound_passkeys_need_a_rising_counter() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let mut device = Authenticator::new("key");
    let at = |counter| Says { counter, ..Says::default() };
    add(&backend, &ann, &mut device, &at(5)).await;
    sign_in(&backend, &device, &at(6)).await.expect(201);
    for counter in [6, 5, 0] {
        assert_eq!(sign_in(&backend, &device, &at(counter)).await.error(), invalid(), "{counter}");
    }
    sign_in(&backend, &device, &at(7)).await.expect(201);

    let mut synced = Authenticator::new("cloud");
    let at = |counter| Says { counter, flags: SYNCED | PRESENT_AND_VERIFIED, ..Says::default() };
    add(&backend, &ann, &mut synced, &at(5)).await;
    sign_in(&backend, &synced, &at(3)).await.expect(201);
}

#[tokio::test]
async fn removed_passkey_and_blocked_user_do_not_sign_in() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let (mut phone, mut laptop) = (Authenticator::new("phone"), Authenticator::new("laptop"));
    let passkey = add(&backend, &ann, &mut phone, &Says::default()).await;
    add(&backend, &ann, &mut laptop, &Says::default()).await;
    let path = format!("/account/passkeys/{}", passkey["$id"].as_str().expect("an id"));
    let renamed = backend.patch(As::Session(&ann.secret), &path, json!({"name": "Old phone"})).await.expect(200);
    assert_eq!(renamed["name"], "Old phone");
    backend.delete(As::Session(&ann.secret), &path).await.expect(204);
    assert_eq!(sign_in(&backend, &phone, &Says::default()).await.error(), invalid());
    let gone = backend.get(As::Session(&ann.secret), &path).await;
    assert_eq!(gone.error(), (404, "user_passkey_not_found".to_owned()));

    backend.patch(As::Key, &format!("/users/{}/status", ann.id), json!({"status": false})).await.expect(200);
    let blocked = sign_in(&backend, &laptop, &Says::default()).await;
    assert_eq!(blocked.error(), (403, "user_blocked".to_owned()));
    let forged = sign_in(&backend, &laptop, &Says { flags: 0, ..Says::default() }).await;
    assert_eq!(forged.error(), invalid());
}

#[tokio::test]
async fn key_lists_renames_and_deletes_a_users_passkeys() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    add(&backend, &ann, &mut Authenticator::new("phone"), &Says::default()).await;
    begin(&backend, &ann).await;
    let all = format!("/users/{}/passkeys", ann.id);
    let listed = backend.get(As::Key, &all).await.expect(200);
    assert_eq!(listed["total"], 1);
    let one = format!("{all}/{}", listed["passkeys"][0]["$id"].as_str().expect("an id"));
    assert_eq!(backend.get(As::Key, &one).await.expect(200), listed["passkeys"][0]);
    backend.patch(As::Key, &one, json!({"name": "Lost"})).await.expect(200);
    let query =
        "?queries[]=%7B%22method%22%3A%22equal%22%2C%22attribute%22%3A%22name%22%2C%22values%22%3A%5B%22Lost%22%5D%7D";
    assert_eq!(
        backend.get(As::Session(&ann.secret), &format!("/account/passkeys{query}")).await.expect(200)["total"],
        1
    );
    backend.delete(As::Key, &one).await.expect(204);
    assert_eq!(backend.delete(As::Key, &one).await.error(), (404, "user_passkey_not_found".to_owned()));
    assert_eq!(backend.get(As::Key, "/users/nobody/passkeys").await.error(), (404, "user_not_found".to_owned()));
}

#[tokio::test]
async fn old_session_must_sign_in_again_to_change_passkeys() {
    let (backend, clock) = with_clock().await;
    let ann = backend.sign_up("Ann").await;
    let passkey = add(&backend, &ann, &mut Authenticator::new("phone"), &Says::default()).await;
    clock.advance(Duration::from_secs(600));
    let own = As::Session(&ann.secret);
    let path = format!("/account/passkeys/{}", passkey["$id"].as_str().expect("an id"));
    let too_old = (401, "user_reauthentication_required".to_owned());
    assert_eq!(backend.post(own, "/account/passkeys", json!({})).await.error(), too_old);
    assert_eq!(backend.delete(own, &path).await.error(), too_old);
    backend.patch(own, &path, json!({"name": "Renamed"})).await.expect(200);
    let fresh = backend.sign_in(&ann.email).await;
    backend.delete(As::Session(&fresh), &path).await.expect(204);
}

#[tokio::test]
async fn passkeys_are_off_by_default_and_on_older_servers() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let unsupported = (501, "user_auth_method_unsupported".to_owned());
    assert_eq!(backend.post(own, "/account/passkeys", json!({})).await.error(), unsupported);
    for who in [As::Guest, As::Key] {
        assert_eq!(backend.post(who, "/account/tokens/passkey", json!({})).await.error(), unsupported);
    }
    assert_eq!(backend.get(own, "/account/passkeys").await.expect(200)["total"], 0);
    let old = Backend::of(Profile::OneNine).await;
    for path in ["/account/passkeys", "/account/tokens/passkey"] {
        assert_eq!(old.post(As::Guest, path, json!({})).await.status, 404);
    }
}

#[tokio::test]
async fn key_switches_passkeys_on_and_names_their_domain() {
    let backend = Backend::with(|settings| settings.platforms.push("*.example.com".into())).await;
    let on = backend.patch(As::Key, "/project/auth-methods/passkey", json!({"enabled": true})).await.expect(200);
    assert_eq!(on["authMethods"][7], json!({"$id": "passkey", "enabled": true}));
    let missing = backend.post(As::Guest, "/account/tokens/passkey", json!({})).await;
    assert_eq!(missing.error(), (501, "user_auth_method_unsupported".to_owned()));
    // Pages of localhost have their own relying party.
    let page = backend.request(As::Guest, Method::POST, "/account/tokens/passkey");
    let local = answer(page.header("origin", "http://localhost:3000").json(&json!({}))).await.expect(201);
    assert_eq!(local["publicKey"]["rpId"], "localhost");

    let policy = "/project/policies/passkey";
    for bad in ["com", "127.0.0.1", "https://example.com", "Example.com"] {
        let refused = backend.patch(As::Key, policy, json!({"rpId": bad})).await;
        assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()), "{bad}");
    }
    backend.patch(As::Key, policy, json!({"rpId": "example.com"})).await.expect(200);
    let set = backend.get(As::Key, policy).await.expect(200);
    assert_eq!(set, json!({"$id": "passkey", "rpId": "example.com", "origins": ["https://*.example.com"]}));

    let ann = backend.sign_up("Ann").await;
    let says = Says { origin: "https://app.example.com", rp_id: "example.com", ..Says::default() };
    let mut device = Authenticator::new("phone");
    add(&backend, &ann, &mut device, &says).await;
    let fixed = backend.patch(As::Key, policy, json!({"rpId": "localhost"})).await;
    assert_eq!(fixed.error(), (400, "general_argument_invalid".to_owned()));
    sign_in(&backend, &device, &says).await.expect(201);
    let elsewhere = Says { origin: "https://example.com", ..says };
    assert_eq!(sign_in(&backend, &device, &elsewhere).await.error(), invalid());
}

#[tokio::test]
async fn domain_change_invalidates_open_challenges() {
    let backend = backend().await;
    let challenge = ask(&backend).await;
    backend.patch(As::Key, "/project/policies/passkey", json!({"rpId": "example.com"})).await.expect(200);
    let device = Authenticator::new("phone");
    assert_eq!(give(&backend, &challenge, device.get(&challenge, &Says::default())).await.error(), used_up());
}

#[tokio::test]
async fn disabled_method_lets_a_started_ceremony_finish() {
    let backend = backend().await;
    let ann = backend.sign_up("Ann").await;
    let challenge = begin(&backend, &ann).await;
    backend.patch(As::Key, "/project/auth-methods/passkey", json!({"enabled": false})).await.expect(200);
    let credential = Authenticator::new("phone").create(&challenge, &Says::default());
    finish(&backend, &ann.secret, &challenge, credential).await.expect(200);
    let refused = backend.post(As::Session(&ann.secret), "/account/passkeys", json!({})).await;
    assert_eq!(refused.error(), (501, "user_auth_method_unsupported".to_owned()));
}

#[tokio::test]
async fn key_can_disable_any_method() {
    let backend = Backend::start().await;
    let path = format!("/project/auth-methods/{}", AuthMethod::Anonymous.id());
    backend.patch(As::Key, &path, json!({"enabled": false})).await.expect(200);
    let refused = backend.post(As::Guest, "/account/sessions/anonymous", json!({})).await;
    assert_eq!(refused.error(), (501, "user_auth_method_unsupported".to_owned()));
    backend.patch(As::Key, &path, json!({"enabled": true})).await.expect(200);
    backend.post(As::Guest, "/account/sessions/anonymous", json!({})).await.expect(201);
    let old = backend.request(As::Key, Method::GET, "/project").header("x-appwrite-response-format", "1.9.5");
    assert_eq!(answer(old).await.expect(200)["authMethods"].as_array().expect("a list").len(), 7);
}
