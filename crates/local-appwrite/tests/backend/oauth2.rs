//! Signing in by the mock provider: allowed, denied, tampered with, taken twice.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::Clock;
use serde_json::{Value, json};
use url::Url;

use crate::client::{As, Backend, parameter};

const START: &str =
    "/account/tokens/oauth2/mock?success=http://localhost:3000/ok?nonce=1&failure=http://localhost:3000/no";

/// The state in the address of the consent page.
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

fn why(page: &Url) -> Value {
    serde_json::from_str(&parameter(page, "error")).expect("JSON")
}

#[tokio::test]
async fn whoever_allows_it_is_signed_in() {
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
    let success = backend.open(callback.as_str()).await;
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
    assert_eq!(backend.open(callback.as_str()).await.status, 400, "the callback works once");
}

#[tokio::test]
async fn whoever_denies_it_arrives_at_the_failure_page() {
    let backend = Backend::start().await;
    let (consent, state) = leave(&backend).await;
    let callback = decide(&backend, &consent, &[("state", &state), ("decision", "deny")]).await;
    let failure = backend.open(callback.as_str()).await;
    let page = Url::parse(&failure.location()).expect("an URL");
    assert_eq!(page.path(), "/no");
    assert_eq!(why(&page)["type"], "user_oauth2_provider_error");
}

/// Where the browser lands when the person decides so, from a start with these pages.
async fn landing(backend: &Backend, flow: &str, pages: &str, decision: &str) -> String {
    let away = backend.get(As::Key, &format!("/account/{flow}/oauth2/mock?{pages}")).await;
    let state = parameter(&Url::parse(&away.location()).expect("an URL"), "state");
    let consent = format!("{}/oauth2/mock/authorize", backend.origin());
    let fields = [("state", state.as_str()), ("decision", decision), ("email", "mo@example.com"), ("verified", "on")];
    let callback = decide(backend, &consent, &fields).await;
    backend.open(callback.as_str()).await.location()
}

#[tokio::test]
async fn every_landing_address_ends_in_a_fragment() {
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
async fn a_made_up_code_or_state_signs_nobody_in() {
    let backend = Backend::start().await;
    let (_, state) = leave(&backend).await;
    let callback = format!("{}/v1/account/sessions/oauth2/callback/mock/demo", backend.origin());
    let guessed = backend.open(&format!("{callback}?state={state}&code=guessed")).await;
    assert_eq!(why(&Url::parse(&guessed.location()).expect("an URL"))["type"], "user_oauth2_bad_request");
    assert_eq!(backend.open(&format!("{callback}?state=guessed&code=guessed")).await.status, 400);
}

#[tokio::test]
async fn a_proven_address_links_and_an_unproven_one_does_not() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    for (verified, is_linked) in [(None, false), (Some("on"), true)] {
        let (consent, state) = leave(&backend).await;
        let mut fields = vec![("state", state.as_str()), ("decision", "allow"), ("email", "ann@example.com")];
        fields.extend(verified.map(|on| ("verified", on)));
        let callback = decide(&backend, &consent, &fields).await;
        let page = Url::parse(&backend.open(callback.as_str()).await.location()).expect("an URL");
        if is_linked {
            assert_eq!(parameter(&page, "userId"), ann.id);
        } else {
            assert_eq!(why(&page)["type"], "user_already_exists");
        }
    }
}

#[tokio::test]
async fn the_secret_of_the_success_page_is_good_for_a_minute() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let (consent, state) = leave(&backend).await;
    let fields = [("state", state.as_str()), ("decision", "allow"), ("email", "mo@example.com")];
    let callback = decide(&backend, &consent, &fields).await;
    let page = Url::parse(&backend.open(callback.as_str()).await.location()).expect("an URL");
    clock.advance(Duration::from_secs(62));
    let redeem = json!({"userId": parameter(&page, "userId"), "secret": parameter(&page, "secret")});
    backend.post(As::Key, "/account/sessions/token", redeem).await.expect(401);
}

#[tokio::test]
async fn what_is_wrong_before_the_redirect_is_a_page() {
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
async fn a_client_s_own_session_shows_the_provider_s_tokens_to_its_person_and_a_token_s_session_has_none() {
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
        let page = Url::parse(&backend.open(callback.as_str()).await.location()).expect("an URL");
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
