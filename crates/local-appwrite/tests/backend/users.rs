//! Changes to users by an API key: imported hashes, targets, factors.

use local_appwrite::Profile;
use serde_json::{Value, json};

use crate::client::{As, Backend};

/// Imported hashes of the password `appwrite`.
fn imports() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "argon2",
            "argon2",
            json!({"password": "$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI"}),
        ),
        ("md5", "md5", json!({"password": "144fa7eaa4904e8ee120651997f70dcc"})),
        ("phpass", "phpass", json!({"password": "$P$Br387rwferoKN7uwHZqNMu98q3U8RO."})),
        (
            "sha",
            "sha",
            json!({
                "password": "4243da0a694e8a2f727c8060fe0507c8fa01ca68146c76d2c190805b638c20c6bf6ba04e21f11ae138785d0bff63c416e6f87badbffad37f6dee50094cc38c70",
                "passwordVersion": "sha512",
            }),
        ),
        (
            "scrypt",
            "scrypt",
            json!({
                "password": "3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b",
                "passwordSalt": "appwrite", "passwordCpu": 16384, "passwordMemory": 13, "passwordParallel": 2, "passwordLength": 64,
            }),
        ),
        (
            "scrypt-modified",
            "scryptMod",
            json!({
                "password": "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==",
                "passwordSalt": "UxLMreBr6tYyjQ==", "passwordSaltSeparator": "Bw==",
                "passwordSignerKey": "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ==",
            }),
        ),
    ]
}

#[tokio::test]
async fn address_by_key_is_a_target_of_one_user() {
    let backend = Backend::start().await;
    for id in ["ann", "bob"] {
        backend.post(As::Key, "/users", json!({"userId": id})).await.expect(201);
    }
    for (path, field, value) in [("email", "email", "ann@example.com"), ("phone", "number", "+12025550100")] {
        let body = json!({field: value});
        let ann = backend.patch(As::Key, &format!("/users/ann/{path}"), body.clone()).await.expect(200);
        let targets = ann["targets"].as_array().expect("targets");
        assert_eq!(targets.last().expect("a target")["identifier"], value);
        for id in ["ann", "bob"] {
            let again = backend.patch(As::Key, &format!("/users/{id}/{path}"), body.clone()).await;
            assert_eq!(again.error(), (409, "user_target_already_exists".to_owned()), "{id} {path}");
        }
    }
}

#[tokio::test]
async fn change_to_the_same_value_keeps_the_date() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let user = backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    let name = |name: &str| json!({"name": name});
    let same = backend.patch(As::Session(&ann.secret), "/account/name", name("Ann")).await.expect(200);
    let by_key = backend.patch(As::Key, &format!("/users/{}/name", ann.id), name("Ann")).await.expect(200);
    assert_eq!((&same["$updatedAt"], &by_key["$updatedAt"]), (&user["$updatedAt"], &user["$updatedAt"]));
    let other = backend.patch(As::Session(&ann.secret), "/account/name", name("Anna")).await.expect(200);
    assert_ne!(other["$updatedAt"], user["$updatedAt"]);
}

#[tokio::test]
async fn imported_hashes_sign_in_and_are_rehashed() {
    let backend = Backend::start().await;
    for (path, hash, mut user) in imports() {
        let email = format!("{path}@example.com");
        user["userId"] = path.into();
        user["email"] = email.clone().into();
        let made = backend.post(As::Key, &format!("/users/{path}"), user.clone()).await.expect(201);
        assert_eq!((&made["hash"], &made["password"]), (&json!(hash), &user["password"]));
        let wrong = json!({"email": email, "password": "Appwrite"});
        let refused = backend.post(As::Key, "/account/sessions/email", wrong).await;
        assert_eq!(refused.error(), (401, "user_invalid_credentials".to_owned()), "{path}");
        for _ in 0..2 {
            let right = json!({"email": email, "password": "appwrite"});
            backend.post(As::Key, "/account/sessions/email", right).await.expect(201);
            assert_eq!(backend.get(As::Key, &format!("/users/{path}")).await.expect(200)["hash"], "argon2", "{path}");
        }
    }
}

#[tokio::test]
async fn imports_validate_their_parameters_in_order() {
    let backend = Backend::start().await;
    for (path, ..) in imports() {
        let empty = backend.post(As::Key, &format!("/users/{path}"), json!({})).await;
        assert_eq!(empty.body()["message"], "Param \"userId\" is not optional.");
    }
    let unknown = json!({"userId": "u", "email": "u@example.com", "password": "12345678", "passwordVersion": "sha9"});
    let refused = backend.post(As::Key, "/users/sha", unknown).await;
    assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()));
    let garbage = json!({"userId": "u", "email": "u@example.com", "password": "no hash at all"});
    backend.post(As::Key, "/users/bcrypt", garbage).await.expect(201);
    let session = json!({"email": "u@example.com", "password": "no hash at all"});
    let refused = backend.post(As::Key, "/account/sessions/email", session).await;
    assert_eq!(refused.error(), (401, "user_invalid_credentials".to_owned()));
}

#[tokio::test]
async fn targets_are_unique_and_of_their_user() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let of_ann = format!("/users/{}/targets", ann.id);
    let target = json!({"targetId": "t1", "providerType": "sms", "identifier": "+12025550101", "name": "Work"});
    let made = backend.post(As::Key, &of_ann, target.clone()).await.expect(201);
    assert_eq!((&made["$id"], &made["name"], &made["expired"]), (&json!("t1"), &json!("Work"), &json!(false)));
    let taken = (409, "user_target_already_exists".to_owned());
    assert_eq!(backend.post(As::Key, &format!("/users/{}/targets", bob.id), target).await.error(), taken);
    let wrong = json!({"targetId": "t2", "providerType": "email", "identifier": "no address"});
    assert_eq!(backend.post(As::Key, &of_ann, wrong).await.error(), (400, "general_invalid_email".to_owned()));
    let changed = backend.patch(As::Key, &format!("{of_ann}/t1"), json!({"identifier": "+12025550102"})).await;
    assert_eq!(changed.expect(200)["identifier"], "+12025550102");
    let absent = backend.get(As::Key, &format!("/users/{}/targets/t1", bob.id)).await;
    assert_eq!(absent.error(), (404, "user_target_not_found".to_owned()));
    assert_eq!(backend.get(As::Key, &of_ann).await.expect(200)["total"], 2);
    backend.delete(As::Key, &format!("{of_ann}/t1")).await.expect(204);
    assert_eq!(backend.get(As::Key, &of_ann).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn device_becomes_a_push_target_of_its_user() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let push = json!({"targetId": "phone", "identifier": "token-1"});
    let made = backend.post(As::Session(&ann.secret), "/account/targets/push", push).await.expect(201);
    assert_eq!((&made["providerType"], &made["providerId"]), (&json!("push"), &Value::Null));
    let path = "/account/targets/phone/push";
    let foreign = backend.put(As::Session(&bob.secret), path, json!({"identifier": "token-2"})).await;
    assert_eq!(foreign.error(), (404, "user_target_not_found".to_owned()));
    let changed = backend.put(As::Session(&ann.secret), path, json!({"identifier": "token-2"})).await.expect(200);
    assert_eq!(changed["identifier"], "token-2");
    let account = backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    assert_eq!(account["targets"].as_array().map(Vec::len), Some(2));
    backend.delete(As::Session(&ann.secret), path).await.expect(204);
    let refused = backend.post(As::Guest, "/account/targets/push", json!({})).await;
    assert_eq!(refused.error(), (401, "general_unauthorized_scope".to_owned()));
}

#[tokio::test]
async fn key_lists_and_creates_recovery_codes() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let path = format!("/users/{}/mfa/recovery-codes", ann.id);
    let absent = (404, "user_recovery_codes_not_found".to_owned());
    assert_eq!(backend.get(As::Key, &path).await.error(), absent);
    assert_eq!(backend.put(As::Key, &path, json!({})).await.error(), absent);
    let codes = backend.patch(As::Key, &path, json!({})).await.expect(200);
    assert_eq!(backend.get(As::Key, &path).await.expect(200), codes);
    let again = backend.patch(As::Key, &path, json!({})).await;
    assert_eq!(again.error(), (409, "user_recovery_codes_already_exists".to_owned()));
    assert_ne!(backend.put(As::Key, &path, json!({})).await.expect(200), codes);
    let factors = backend.get(As::Key, &format!("/users/{}/mfa/factors", ann.id)).await.expect(200);
    assert_eq!(factors, json!({"totp": false, "phone": false, "email": false, "recoveryCode": true, "custom": false}));
}

#[tokio::test]
async fn key_lists_and_removes_identities() {
    let backend = Backend::start().await;
    assert_eq!(backend.get(As::Key, "/users/identities").await.expect(200), json!({"total": 0, "identities": []}));
    let absent = backend.delete(As::Key, "/users/identities/none").await;
    assert_eq!(absent.error(), (404, "user_identity_not_found".to_owned()));
}

#[tokio::test]
async fn user_logs_exist_on_servers_with_logs() {
    let backend = Backend::of(Profile::OneNine).await;
    let ann = backend.sign_up("Ann").await;
    let logs = backend.get(As::Key, &format!("/users/{}/logs", ann.id)).await.expect(200);
    assert_eq!(logs["logs"][0]["event"], "session.create");
}

#[tokio::test]
async fn push_targets_are_removed_with_their_session() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let other = backend.sign_in(&ann.email).await;
    let register = async |secret: &str, id: &str| {
        let push = json!({"targetId": id, "identifier": format!("token-{id}")});
        backend.post(As::Session(secret), "/account/targets/push", push).await.expect(201);
    };
    register(&ann.secret, "phone").await;
    register(&other, "tablet").await;
    let ids = async || {
        let targets = backend.get(As::Key, &format!("/users/{}/targets", ann.id)).await.expect(200);
        let list = targets["targets"].as_array().expect("targets").clone();
        list.iter().map(|target| target["identifier"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [ann.email.as_str(), "token-phone", "token-tablet"]);
    assert_eq!(backend.delete(As::Session(&ann.secret), "/account/sessions/current").await.status, 204);
    assert_eq!(ids().await, [ann.email.as_str(), "token-tablet"]);
    assert_eq!(backend.delete(As::Session(&other), "/account/sessions").await.status, 204);
    assert_eq!(ids().await, [ann.email.as_str()]);
}

#[tokio::test]
async fn sessions_name_unknown_places_in_the_requested_language() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    for (language, name) in [("de", "Unbekannt"), ("en", "Unknown"), ("xx", "Unknown")] {
        let request = backend.request(As::Session(&ann.secret), reqwest::Method::GET, "/account/sessions/current");
        let session = crate::client::answer(request.header("x-appwrite-locale", language)).await.expect(200);
        assert_eq!(session["countryName"], name);
    }
}

#[tokio::test]
async fn large_preferences_are_refused_everywhere() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let team = json!({"teamId": "t", "name": "T"});
    backend.post(As::Session(&ann.secret), "/teams", team).await.expect(201);
    let large = json!({"prefs": {"text": "x".repeat(70_000)}});
    let own = backend.patch(As::Session(&ann.secret), "/account/prefs", large.clone()).await;
    let user = backend.patch(As::Key, &format!("/users/{}/prefs", ann.id), large.clone()).await;
    let team = backend.put(As::Key, "/teams/t/prefs", large).await;
    for refused in [own, user, team] {
        assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()));
    }
}
