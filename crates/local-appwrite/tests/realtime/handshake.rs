//! The user of a new socket, and refused handshakes.

use std::time::Duration;

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Backend, ROWS, query, url};
use crate::recorded;

const PROFILES: [Profile; 3] = [Profile::Two, Profile::OneNine, Profile::OneFive];

#[tokio::test]
async fn connection_without_credentials_is_a_guest() {
    let backend = Backend::start(Profile::OneNine).await;
    let (_socket, connected) = backend.connect(&url(&["rows"]), &[("origin", "http://localhost:3000")]).await;
    recorded::assert_same_form(&recorded::frame("guest connected, any row event", "connected"), &connected);
    assert_eq!(connected["channels"], json!(["rows"]));
    assert_eq!(connected["user"], Value::Null);
}

#[tokio::test]
async fn session_header_jwt_header_and_cookies_authenticate() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let jwt = backend.jwt(&kay).await;
    let cookie = format!("other=1; a_session_demo={}", kay.session);
    let legacy = format!("a_session_demo_legacy={}", kay.session);
    let fallback = json!({"a_session_demo": kay.session}).to_string();
    for (scene, header) in [
        ("session header: connected user, create update delete", ("x-appwrite-session", kay.session.as_str())),
        ("jwt header", ("x-appwrite-jwt", jwt.as_str())),
        ("cookie", ("cookie", cookie.as_str())),
        ("cookie", ("cookie", legacy.as_str())),
        ("cookie", ("x-fallback-cookies", fallback.as_str())),
    ] {
        let (_socket, connected) = backend.connect(&url(&[ROWS]), &[header]).await;
        assert_eq!(connected["user"]["$id"], kay.id.as_str(), "{}", header.0);
        recorded::assert_same_form(&recorded::frame(scene, "connected"), &connected);
    }
}

#[tokio::test]
async fn only_profile_2_honors_a_jwt_in_the_url() {
    for (profile, user_id) in [(Profile::Two, true), (Profile::OneNine, false), (Profile::OneFive, false)] {
        let backend = Backend::start(profile).await;
        let kay = backend.person("kay").await;
        let jwt = backend.jwt(&kay).await;
        let (_socket, connected) = backend.connect(&query(&[("channels[]", "documents"), ("jwt", &jwt)]), &[]).await;
        let expected = if user_id { json!(kay.id) } else { Value::Null };
        assert_eq!(connected["user"]["$id"], expected, "{profile:?}");
    }
}

#[tokio::test]
async fn bad_or_ended_jwt_is_refused_with_401() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let kay = backend.person("kay").await;
        let jwt = backend.jwt(&kay).await;
        let channels = url(&["documents"]);
        let syntax = "Failed to verify JWT. JSON failed: Syntax error".to_owned();
        assert_eq!(backend.refusal(&channels, &[("x-appwrite-jwt", "abc.def.ghi")]).await, (401, syntax));
        // Up to 1.8 the lifetime is fixed: 900 s.
        backend.advance(Duration::from_secs(901));
        let expired = "Failed to verify JWT. Invalid token: Expired".to_owned();
        assert_eq!(backend.refusal(&channels, &[("x-appwrite-jwt", &jwt)]).await, (401, expired.clone()));
        if profile == Profile::Two {
            let with_jwt = query(&[("channels[]", "rows"), ("jwt", &jwt)]);
            assert_eq!(backend.refusal(&with_jwt, &[]).await, (401, expired));
        }
    }
}

#[tokio::test]
async fn jwt_with_a_foreign_signature_is_refused() {
    let backend = Backend::start(Profile::Two).await;
    let other = Backend::start(Profile::Two).await;
    let stranger = other.person("kay").await;
    let jwt = other.jwt(&stranger).await;
    let (code, message) = backend.refusal(&query(&[("channels[]", "rows"), ("jwt", &jwt)]), &[]).await;
    assert_eq!(code, 401);
    assert!(message.starts_with("Failed to verify JWT. "), "{message}");
}

#[tokio::test]
async fn jwt_of_deleted_session_silently_connects_a_guest() {
    for profile in [Profile::Two, Profile::OneNine] {
        let backend = Backend::start(profile).await;
        let kay = backend.person("kay").await;
        let jwt = backend.jwt(&kay).await;
        backend.with_session(&kay, Method::DELETE, "/account/sessions/current", Value::Null).await;
        let (_socket, connected) = backend.connect(&url(&[ROWS]), &[("x-appwrite-jwt", &jwt)]).await;
        assert_eq!(connected["user"], Value::Null, "{profile:?}");
    }
}

#[tokio::test]
async fn ended_session_and_newer_jwt_connect_a_guest() {
    for (profile, still_known) in [(Profile::Two, false), (Profile::OneNine, true)] {
        let backend =
            Backend::start_with(profile, |settings| settings.session_duration = Duration::from_secs(30)).await;
        let kay = backend.person("kay").await;
        let jwt = backend.jwt(&kay).await;
        backend.advance(Duration::from_secs(31));
        let (_socket, by_session) = backend.connect(&url(&[ROWS]), &[("x-appwrite-session", &kay.session)]).await;
        assert_eq!(by_session["user"], Value::Null, "{profile:?}");
        let (_socket, by_jwt) = backend.connect(&url(&[ROWS]), &[("x-appwrite-jwt", &jwt)]).await;
        assert_eq!(by_jwt["user"]["$id"] == kay.id.as_str(), still_known, "{profile:?}");
    }
}

#[tokio::test]
async fn jwt_beside_a_live_session_is_refused_with_403() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let jwt = backend.jwt(&kay).await;
    let cookie = format!("a_session_demo={}", kay.session);
    let with_jwt = query(&[("channels[]", "rows"), ("jwt", &jwt)]);
    let (code, message) = backend.refusal(&with_jwt, &[("cookie", &cookie)]).await;
    assert_eq!(code, 403);
    assert!(message.starts_with("JWT and cookie used in the same request."), "{message}");
}

#[tokio::test]
async fn malformed_session_connects_a_guest() {
    let backend = Backend::start(Profile::OneNine).await;
    let (_socket, connected) = backend.connect(&url(&[ROWS]), &[("x-appwrite-session", "garbage")]).await;
    assert_eq!(connected["user"], Value::Null);
}

#[tokio::test]
async fn unknown_project_is_refused_and_default_is_the_console() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let mut refused = backend.open_for("project=nope&channels[]=documents", &[]).await;
        assert_eq!(refused.error().await, (1008, "Missing or unknown project ID".to_owned()));
        refused.assert_dropped().await;

        let kay = backend.person("kay").await;
        let headers = [("x-appwrite-session", kay.session.as_str()), ("origin", "https://evil.example")];
        let mut console = backend.open_for("channels[]=documents", &headers).await;
        assert_eq!(console.frame().await["data"]["user"], Value::Null);
    }
}

#[tokio::test]
async fn page_of_an_unregistered_host_is_refused() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let headers = [("x-appwrite-session", kay.session.as_str()), ("origin", "https://evil.example")];
    let recorded = recorded::frame("foreign origin", "error");
    let (code, message) = backend.refusal(&url(&[ROWS]), &headers).await;
    assert_eq!(json!({"code": code, "message": message}), recorded);
}

#[tokio::test]
async fn connection_without_an_origin_needs_no_platform() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    backend.listen(&kay, &[ROWS]).await;
}

#[tokio::test]
async fn account_channels_of_other_users_are_dropped() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let asked = url(&[ROWS, "account", "account.someone", "rows", "documents"]);
    let (_socket, connected) = backend.connect(&asked, &[("x-appwrite-session", &kay.session)]).await;
    let own = format!("account.{}", kay.id);
    assert_eq!(connected["channels"], json!([ROWS, "account", "rows", "documents", own]));
    assert_eq!(connected["subscriptions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn invalid_query_in_the_url_is_refused() {
    let backend = Backend::start(Profile::OneNine).await;
    let refused = |pairs: &[(&str, &str)]| query(&[&[("channels[]", "rows")], pairs].concat());
    let oops = backend.refusal(&refused(&[("rows[0][]", "oops")]), &[]).await;
    assert_eq!(oops, (1008, "Invalid query: Syntax error".to_owned()));
    let limit = r#"{"method":"limit","values":[1]}"#;
    let (code, message) = backend.refusal(&refused(&[("rows[0][]", limit)]), &[]).await;
    assert_eq!(code, 1008);
    assert!(message.starts_with("Query method 'limit' is not supported in Realtime queries."), "{message}");
}

#[tokio::test]
async fn older_profiles_require_channels_and_name_no_subscriptions() {
    for profile in [Profile::OneFive, Profile::OneSix, Profile::OneEight] {
        let backend = Backend::start(profile).await;
        assert_eq!(backend.refusal("", &[]).await, (1008, "Missing channels".to_owned()));
        let (_socket, connected) = backend.connect(&url(&["documents"]), &[]).await;
        assert_eq!(connected, json!({"channels": ["documents"], "user": null}));
    }
}

#[tokio::test]
async fn plain_http_request_gets_an_http_error() {
    let backend = Backend::start(Profile::Two).await;
    let status = backend.plain_get("/realtime?project=demo").await;
    assert!(status.is_client_error(), "{status}");
}
