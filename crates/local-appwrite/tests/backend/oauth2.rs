//! Sign-in by the mock provider: allowed, denied, tampered with, and used twice.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use serde_json::{Value, json};
use url::Url;

use crate::client::{Answer, As, Backend, answer, parameter};

const START: &str =
    "/account/tokens/oauth2/mock?success=http://localhost:3000/ok?nonce=1&failure=http://localhost:3000/no";

/// The state in the consent page's URL.
async fn leave(backend: &Backend) -> (String, String) {
    let away = backend.get(As::Key, START).await;
    assert_eq!(away.status, 301);
    let address = Url::parse(&away.location()).expect("an URL");
    let page = backend.open(address.as_str()).await;
    assert!(page.text.contains("Allow") && page.text.contains("Deny"));
    let consent = format!("{}/oauth2/mock/authorize", backend.origin());
    (consent, parameter(&address, "state"))
}

async fn decide(backend: &Backend, consent: &str, fields: &[(&str, &str)]) -> Url {
    let back = backend.submit(consent, fields).await;
    assert_eq!(back.status, 302, "{}", back.text);
    Url::parse(&back.location()).expect("an URL")
}

/// Follows the callback's redirects to the app's page.
async fn land(backend: &Backend, callback: &Url) -> Answer {
    let answer = backend.open(callback.as_str()).await;
    assert_eq!(answer.status, 301, "{}", answer.text);
    let hop = Url::parse(&answer.location()).expect("an URL");
    assert_eq!(hop.path(), "/v1/account/sessions/oauth2/mock/redirect");
    assert_eq!(parameter(&hop, "project"), "demo");
    for (name, value) in callback.query_pairs() {
        assert_eq!(parameter(&hop, &name), value);
    }
    backend.open(hop.as_str()).await
}

fn why(page: &Url) -> Value {
    serde_json::from_str(&parameter(page, "error")).expect("JSON")
}

#[tokio::test]
async fn user_who_allows_is_signed_in() {
    let backend = Backend::start().await;
    let (consent, state) = leave(&backend).await;
    let fields = [
        ("state", state.as_str()),
        ("decision", "allow"),
        ("email", "mo@example.com"),
        ("name", "Mo"),
        ("verified", "on"),
    ];
    let callback = decide(&backend, &consent, &fields).await;
    let success = land(&backend, &callback).await;
    let page = Url::parse(&success.location()).expect("an URL");
    assert!(page.as_str().starts_with("http://localhost:3000/ok?nonce=1&"), "{page}");
    let redeem = json!({"userId": parameter(&page, "userId"), "secret": parameter(&page, "secret")});
    let session = backend.post(As::Key, "/account/sessions/token", redeem.clone()).await.expect(201);
    assert_eq!(session["provider"], "mock");
    let own = As::Session(session["secret"].as_str().expect("a secret"));
    let account = backend.get(own, "/account").await.expect(200);
    assert_eq!((&account["email"], &account["emailVerification"]), (&json!("mo@example.com"), &json!(true)));
    assert_eq!(backend.get(own, "/account/identities").await.expect(200)["total"], 1);
    backend.post(As::Key, "/account/sessions/token", redeem).await.expect(401);
    let again = Url::parse(&land(&backend, &callback).await.location()).expect("an URL");
    assert_eq!(why(&again)["type"], "user_oauth2_provider_failure", "a code works once");
}

#[tokio::test]
async fn user_who_denies_reaches_the_failure_page() {
    let backend = Backend::start().await;
    let (consent, state) = leave(&backend).await;
    let callback = decide(&backend, &consent, &[("state", &state), ("decision", "deny")]).await;
    let failure = land(&backend, &callback).await;
    let page = Url::parse(&failure.location()).expect("an URL");
    assert_eq!(page.path(), "/no");
    assert_eq!(why(&page)["type"], "user_oauth2_provider_error");
}

/// Starts a sign-in with these pages, decides at the provider, and returns the final URL.
async fn landing(backend: &Backend, flow: &str, pages: &str, decision: &str) -> String {
    let away = backend.get(As::Key, &format!("/account/{flow}/oauth2/mock?{pages}")).await;
    let state = parameter(&Url::parse(&away.location()).expect("an URL"), "state");
    let consent = format!("{}/oauth2/mock/authorize", backend.origin());
    let fields = [("state", state.as_str()), ("decision", decision), ("email", "mo@example.com"), ("verified", "on")];
    let callback = decide(backend, &consent, &fields).await;
    land(backend, &callback).await.location()
}

#[tokio::test]
async fn every_return_url_ends_in_a_fragment() {
    let backend = Backend::start().await;
    let own = "http://localhost:3000";
    for (fragment, expected) in [("", "#"), ("%23", "#"), ("%23there", "#there")] {
        let pages = format!("success={own}/ok?n=1{fragment}&failure={own}/no{fragment}");
        for flow in ["tokens", "sessions"] {
            for (decision, path) in [("allow", "/ok?n=1"), ("deny", "/no?error=%7B%22message%22%3A%22The+Mock+")] {
                let address = landing(&backend, flow, &pages, decision).await;
                assert!(address.starts_with(&format!("{own}{path}")), "{flow} {decision}: {address}");
                assert!(address.ends_with(expected), "{flow} {decision}: {address}");
                assert_eq!(address.matches('#').count(), 1, "{address}");
            }
        }
    }
}

#[tokio::test]
async fn forged_code_is_refused() {
    for (profile, kind, code) in
        [(Profile::Two, "user_oauth2_provider_failure", 424), (Profile::OneNine, "user_oauth2_bad_request", 400)]
    {
        let backend = Backend::of(profile).await;
        let (_, state) = leave(&backend).await;
        let callback = format!("{}/v1/account/sessions/oauth2/callback/mock/demo", backend.origin());
        let guessed =
            Url::parse_with_params(&callback, [("state", state.as_str()), ("code", "guessed")]).expect("an URL");
        let error = why(&Url::parse(&land(&backend, &guessed).await.location()).expect("an URL"));
        assert_eq!((&error["type"], &error["code"]), (&json!(kind), &json!(code)));
    }
}

#[tokio::test]
async fn bad_state_is_an_error_page() {
    let backend = Backend::start().await;
    let redirect = format!("{}/v1/account/sessions/oauth2/mock/redirect?project=demo", backend.origin());
    let evil = r#"{"success":"https://evil.example/","failure":"","token":true}"#;
    let failing = r#"{"success":"http://localhost:3000/","failure":"https://evil.example/","token":true}"#;
    for (state, status, kind) in [
        ("garbage", 500, "general_server_error"),
        ("{}", 400, "project_invalid_success_url"),
        (evil, 400, "project_invalid_success_url"),
        (failing, 400, "project_invalid_failure_url"),
        (r#"{"success":"http://localhost:3000/"}"#, 424, "user_oauth2_provider_error"),
    ] {
        let address = Url::parse_with_params(&redirect, [("state", state)]).expect("an URL");
        let page = backend.open(address.as_str()).await;
        assert_eq!(page.status, status, "{state}: {}", page.text);
        assert!(page.text.contains(kind), "{state}: {}", page.text);
    }
}

#[tokio::test]
async fn provider_may_post_to_the_callback() {
    let backend = Backend::start().await;
    let (_, state) = leave(&backend).await;
    let callback = format!("{}/v1/account/sessions/oauth2/callback/mock/demo", backend.origin());
    let hop = backend.submit(&callback, &[("state", &state), ("error", "access_denied")]).await;
    assert_eq!(hop.status, 301);
    let page = Url::parse(&backend.open(&hop.location()).await.location()).expect("an URL");
    assert_eq!(why(&page)["type"], "user_oauth2_provider_error");
}

/// Returns the URL to which an allowed sign-in redirects a browser with this session.
async fn land_signed_in(backend: &Backend, session: &str, flow: &str, email: &str) -> Url {
    let start = START.replace("tokens", flow);
    let away = Url::parse(&backend.get(As::Guest, &start).await.location()).expect("an URL");
    let consent = format!("{}/oauth2/mock/authorize", backend.origin());
    let state = parameter(&away, "state");
    let fields = [("state", state.as_str()), ("decision", "allow"), ("email", email), ("verified", "on")];
    let hop = backend.open(decide(backend, &consent, &fields).await.as_str()).await.location();
    let request = crate::client::http().get(hop).header("cookie", format!("a_session_demo={session}"));
    Url::parse(&answer(request).await.location()).expect("an URL")
}

#[tokio::test]
async fn signed_in_user_keeps_the_account() {
    let backend = Backend::start().await;
    let guest = backend.post(As::Key, "/account/sessions/anonymous", json!({})).await.expect(201);
    let secret = guest["secret"].as_str().expect("a secret");
    backend.sign_up("Ann").await;
    let taken = land_signed_in(&backend, secret, "sessions", "ann@example.com").await;
    assert_eq!(why(&taken)["type"], "user_already_exists");
    let page = land_signed_in(&backend, secret, "sessions", "mo@example.com").await;
    assert_eq!(page.path(), "/ok");
    let id = guest["userId"].as_str().expect("an id");
    let user = backend.get(As::Key, &format!("/users/{id}")).await.expect(200);
    assert_eq!((&user["email"], &user["emailVerification"]), (&json!("mo@example.com"), &json!(true)));
    let sessions = backend.get(As::Key, &format!("/users/{id}/sessions")).await.expect(200);
    assert_eq!((&sessions["total"], &sessions["sessions"][0]["provider"]), (&json!(1), &json!("mock")));
}

#[tokio::test]
async fn only_verified_addresses_link_accounts() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    for (verified, is_linked) in [(None, false), (Some("on"), true)] {
        let (consent, state) = leave(&backend).await;
        let mut fields = vec![("state", state.as_str()), ("decision", "allow"), ("email", "ann@example.com")];
        fields.extend(verified.map(|on| ("verified", on)));
        let callback = decide(&backend, &consent, &fields).await;
        let page = Url::parse(&land(&backend, &callback).await.location()).expect("an URL");
        if is_linked {
            assert_eq!(parameter(&page, "userId"), ann.id);
        } else {
            assert_eq!(why(&page)["type"], "general_bad_request");
        }
    }
}

#[tokio::test]
async fn secret_of_the_success_page_expires_after_a_minute() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (consent, state) = leave(&backend).await;
    let fields = [("state", state.as_str()), ("decision", "allow"), ("email", "mo@example.com")];
    let callback = decide(&backend, &consent, &fields).await;
    let page = Url::parse(&land(&backend, &callback).await.location()).expect("an URL");
    clock.advance(Duration::from_secs(62));
    let redeem = json!({"userId": parameter(&page, "userId"), "secret": parameter(&page, "secret")});
    backend.post(As::Key, "/account/sessions/token", redeem).await.expect(401);
}

#[tokio::test]
async fn errors_before_the_redirect_are_pages() {
    let backend = Backend::start().await;
    for (path, status) in [
        ("/account/tokens/oauth2/github?success=http://localhost/ok", 412),
        ("/account/tokens/oauth2/mock?success=https://evil.example/ok", 400),
        ("/account/tokens/oauth2/nobody", 400),
    ] {
        let refused = backend.get(As::Key, path).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("content-type").as_str()),
            (status, "text/html; charset=UTF-8")
        );
    }
}

#[tokio::test]
async fn provider_tokens_are_in_direct_sessions_only() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    for (flow, has_tokens) in [("sessions", true), ("tokens", false)] {
        let start =
            format!("/account/{flow}/oauth2/mock?success=http://localhost:3000/ok&failure=http://localhost:3000/no");
        let away = Url::parse(&backend.get(As::Key, &start).await.location()).expect("an URL");
        let state = parameter(&away, "state");
        let consent = format!("{}/oauth2/mock/authorize", backend.origin());
        let fields =
            [("state", state.as_str()), ("decision", "allow"), ("email", "ann@example.com"), ("verified", "on")];
        let callback = decide(&backend, &consent, &fields).await;
        let page = Url::parse(&land(&backend, &callback).await.location()).expect("an URL");
        assert_eq!(page.path(), "/ok");
        if flow == "tokens" {
            let redeem = json!({"userId": parameter(&page, "userId"), "secret": parameter(&page, "secret")});
            backend.post(As::Key, "/account/sessions/token", redeem).await.expect(201);
        }
        let sessions = backend.get(As::Session(&ann.secret), "/account/sessions").await.expect(200);
        let newest = sessions["sessions"].as_array().and_then(|sessions| sessions.last()).expect("a session").clone();
        assert_eq!(newest["provider"], "mock");
        for field in ["providerAccessToken", "providerRefreshToken", "providerAccessTokenExpiry"] {
            assert_eq!(newest[field] != "", has_tokens, "{flow}: {field}");
        }
    }
}
