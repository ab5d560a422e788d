//! An attacker signs up with a user's address and never confirms it. Then the user signs in with that address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::{Json, Router, routing};
use jiff::Timestamp;
use local_appwrite::{Clock, Profile, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::network::Network;
use crate::oauth2::{ANN, Decision, decide, open_own, path_of, start};
use crate::running::App;
use crate::second_factor::code_of;
use crate::stand_in::appwrite_with;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

/// The sign-in methods that prove the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProofBy {
    Link,
    Code,
    Provider,
    Recovery,
}

const PROOFS: [ProofBy; 4] = [ProofBy::Link, ProofBy::Code, ProofBy::Provider, ProofBy::Recovery];

/// Proves the address in a new browser. Returns the browser and the page that follows.
async fn prove(app: &App, by: ProofBy) -> (Browser, String) {
    let (owner, location) = send_proof(app, by).await;
    let page = owner.open(&location).await;
    assert_eq!(page.status, 200, "{by:?}");
    (owner, page.main().to_owned())
}

/// Proves the address in a new browser. Returns the browser and the URL of the page that follows.
async fn send_proof(app: &App, by: ProofBy) -> (Browser, String) {
    let owner = app.browser();
    let (action, fields) = match by {
        ProofBy::Link | ProofBy::Code | ProofBy::Recovery => ask(app, &owner, by).await,
        ProofBy::Provider => {
            let page = start(&owner, "/account").await;
            let answer = open_own(&owner, &path_of(&decide(&page, ANN).await)).await;
            assert_eq!(answer.status, 303, "{}", answer.body);
            let location = answer.location().to_owned();
            return (owner, location);
        }
    };
    let answer = post(&owner, action, &fields).await;
    assert_eq!(answer.status, 303, "{by:?}: {}", answer.body);
    let location = answer.location().to_owned();
    (owner, location)
}

type Fields = Vec<(String, String)>;

/// Requests a link or a code for the address. Returns the form that sends it back.
async fn ask(app: &App, browser: &Browser, by: ProofBy) -> (&'static str, Fields) {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (action, fields) = match by {
        ProofBy::Recovery => ("/actions/ask_recovery", vec![("email", EMAIL)]),
        ProofBy::Link => ("/actions/ask_for_proof", vec![("proof", "magic_link"), ("address", EMAIL)]),
        _ => ("/actions/ask_for_proof", vec![("proof", "email_code"), ("address", EMAIL)]),
    };
    assert_eq!(browser.post_form(action, &fields).await.status, 303);
    let message = app.message_to(EMAIL).await;
    if by == ProofBy::Code {
        return ("/actions/enter_code", vec![field("proof", "email_code"), field("code", &message.code())]);
    }
    let path = message.path();
    let query = path.split_once('?').expect("a query").1;
    let parts = url::form_urlencoded::parse(query.as_bytes());
    let mut fields: Fields = parts.map(|(name, value)| field(&name.replace("userId", "user_id"), &value)).collect();
    fields.push(field("password", "Brand-new-horse-2"));
    (if by == ProofBy::Recovery { "/actions/set_new_password" } else { "/actions/open_link" }, fields)
}

async fn post(browser: &Browser, action: &str, fields: &Fields) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post_form(action, &fields).await
}

async fn password_signs_in(app: &App) -> bool {
    app.browser().call("/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD)]).await.status == 200
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.open("/api/user").await.status == 200
}

fn with_key(key: &'static str) -> impl FnOnce(&mut Settings) {
    move |settings| settings.api_keys = vec![key.parse().expect("a key")]
}

#[tokio::test]
async fn first_verification_locks_out_the_first_registrant() {
    for by in PROOFS {
        let app = App::start().await;
        let stranger = app.browser_of("Ann").await;
        assert!(is_signed_in(&stranger).await && password_signs_in(&app).await, "{by:?}");
        let (owner, page) = prove(&app, by).await;
        assert!(!is_signed_in(&stranger).await, "{by:?}: the stranger's session goes on");
        assert!(!password_signs_in(&app).await, "{by:?}: the stranger's password signs in");
        if by != ProofBy::Recovery {
            assert!(is_signed_in(&owner).await, "{by:?}");
            assert!(page.contains("we removed the password, phone number, passkeys"), "{by:?}: {page}");
        }
    }
}

#[tokio::test]
async fn first_recovery_ends_all_sessions_even_if_unchecked() {
    let app = App::start_with_profile(local_appwrite::Profile::OneFive, &[]).await;
    let stranger = app.browser_of("Ann").await;
    let (_, page) = prove(&app, ProofBy::Recovery).await;
    assert!(!is_signed_in(&stranger).await);
    assert!(page.contains("Password changed. For your security, we removed the phone number"), "{page}");
}

#[tokio::test]
async fn provider_on_older_server_locks_out_the_first_registrant() {
    let app = App::start_with_profile(local_appwrite::Profile::OneEight, &[]).await;
    let stranger = app.browser_of("Ann").await;
    let (owner, page) = prove(&app, ProofBy::Provider).await;
    assert!(!is_signed_in(&stranger).await && !password_signs_in(&app).await && is_signed_in(&owner).await);
    assert!(page.contains("we removed the password"), "{page}");
    let session = owner.cookie("session").expect("a session");
    let identities = app.ask_backend(Method::GET, "/account/identities", Some(&session), Value::Null).await;
    assert_eq!(identities["total"], 1, "the provider stays linked");
}

#[tokio::test]
async fn already_linked_provider_keeps_a_new_password() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    app.browser_of("Ann").await;
    let (owner, page) = prove(&app, ProofBy::Provider).await;
    assert!(page.contains("we removed the password"), "{page}");
    let id = owner.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let password = json!({ "password": PASSWORD });
    app.ask_backend(Method::PATCH, &format!("/users/{id}/password"), None, password).await;
    clock.advance(Duration::from_secs(61));
    let (again, page) = prove(&app, ProofBy::Provider).await;
    assert!(!page.contains("we removed"), "{page}");
    assert!(is_signed_in(&again).await && password_signs_in(&app).await);
}

#[tokio::test]
async fn later_verifications_do_not_change_the_account() {
    for by in [ProofBy::Link, ProofBy::Code, ProofBy::Provider] {
        let app = App::start().await;
        app.browser_of("Ann").await;
        let (owner, _) = prove(&app, by).await;
        let (again, page) = prove(&app, by).await;
        assert!(is_signed_in(&owner).await && is_signed_in(&again).await, "{by:?}");
        assert!(!page.contains("we removed"), "{by:?}: {page}");
    }
}

#[tokio::test]
async fn confirmed_account_keeps_its_password_and_sessions() {
    for by in [ProofBy::Link, ProofBy::Code, ProofBy::Provider] {
        let app = App::start().await;
        let ann = app.browser_of("Ann").await;
        app.confirm_email_of(&ann).await;
        let (_, page) = prove(&app, by).await;
        assert!(!page.contains("we removed"), "{by:?}: {page}");
        assert!(is_signed_in(&ann).await && password_signs_in(&app).await, "{by:?}");
    }
}

#[tokio::test]
async fn new_account_gets_no_takeover_warning() {
    for by in [ProofBy::Link, ProofBy::Code, ProofBy::Provider] {
        let app = App::start().await;
        let (_, page) = prove(&app, by).await;
        assert!(!page.contains("we removed") && !page.contains("someone else"), "{by:?}: {page}");
    }
}

#[tokio::test]
async fn earlier_phone_number_and_provider_no_longer_sign_in() {
    let app = App::start().await;
    let stranger = app.browser();
    let page = start(&stranger, "/account").await;
    let unproven = Decision::Allow { email: EMAIL, is_verified: false };
    open_own(&stranger, &path_of(&decide(&page, unproven).await)).await;
    let session = stranger.cookie("session").expect("a session");
    let password = json!({ "password": PASSWORD });
    app.ask_backend(Method::PATCH, "/account/password", Some(&session), password).await;
    let stranger = app.browser();
    stranger.post_form("/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    let session = stranger.cookie("session").expect("a session");
    let phone = json!({ "phone": "+442079460018", "password": PASSWORD });
    app.ask_backend(Method::PATCH, "/account/phone", Some(&session), phone).await;

    let (owner, _) = prove(&app, ProofBy::Link).await;
    let session = owner.cookie("session").expect("a session");
    let account = app.ask_backend(Method::GET, "/account", Some(&session), Value::Null).await;
    assert_eq!((&account["phone"], &account["emailVerification"]), (&json!(""), &json!(true)));
    let identities = app.ask_backend(Method::GET, "/account/identities", Some(&session), Value::Null).await;
    assert_eq!(identities["total"], 0);
    assert!(!password_signs_in(&app).await && !is_signed_in(&stranger).await);
}

/// Sets up a second factor as the browser's user.
async fn set_up_second_factor(app: &App, browser: &Browser) {
    let session = browser.cookie("session").expect("a session");
    let ask = async |method, path, body| app.ask_backend(method, path, Some(&session), body).await;
    let authenticator = ask(Method::POST, "/account/mfa/authenticators/totp", json!({})).await;
    let otp = code_of(authenticator["secret"].as_str().expect("a secret"));
    ask(Method::PUT, "/account/mfa/authenticators/totp", json!({ "otp": otp })).await;
    ask(Method::POST, "/account/mfa/recovery-codes", json!({})).await;
    assert_eq!(ask(Method::PATCH, "/account/mfa", json!({ "mfa": true })).await["mfa"], true);
}

#[tokio::test]
async fn strangers_second_factor_does_not_lock_out_the_owner() {
    for by in PROOFS {
        let app = App::start().await;
        let stranger = app.browser_of("Ann").await;
        let id = stranger.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        set_up_second_factor(&app, &stranger).await;
        let codes = format!("/users/{id}/mfa/recovery-codes");
        let strangers = app.ask_backend(Method::GET, &codes, None, Value::Null).await;
        let (owner, page) = prove(&app, by).await;
        assert!(page.contains("two-step verification"), "{by:?}: {page}");
        if by == ProofBy::Recovery {
            let fields = [("email", EMAIL), ("password", "Brand-new-horse-2")];
            assert_eq!(owner.post_form("/actions/sign_in", &fields).await.location(), "/account");
        }
        assert!(is_signed_in(&owner).await, "{by:?}: the owner owes the stranger's factor");
        let factors = app.ask_backend(Method::GET, &format!("/users/{id}/mfa/factors"), None, Value::Null).await;
        assert_eq!(factors["totp"], false, "{by:?}");
        let left = app.ask_backend(Method::GET, &codes, None, Value::Null).await;
        assert_ne!(left["recoveryCodes"], strangers["recoveryCodes"], "{by:?}");
    }
}

#[tokio::test]
async fn confirmed_account_still_requires_its_second_factor() {
    for by in [ProofBy::Link, ProofBy::Code] {
        let app = App::start().await;
        let ann = app.browser_of("Ann").await;
        app.confirm_email_of(&ann).await;
        set_up_second_factor(&app, &ann).await;
        let (again, page) = send_proof(&app, by).await;
        assert_eq!(again.open(&page).await.location(), "/login/factor?next=%2Faccount", "{by:?}");
        assert!(!is_signed_in(&again).await, "{by:?}");
    }
}

#[tokio::test]
async fn confirming_a_strangers_sign_up_has_no_effect() {
    let app = App::start().await;
    let stranger = app.browser_of("Ann").await;
    stranger.post_form("/actions/send_verification", &[("page", "/account")]).await;
    let link = app.message_to(EMAIL).await.path();
    let query: Vec<_> =
        url::form_urlencoded::parse(link.split_once('?').expect("a query").1.as_bytes()).into_owned().collect();
    let part = |name: &str| query.iter().find(|(found, _)| found == name).expect("a part").1.clone();
    let (user_id, secret) = (part("userId"), part("secret"));
    let fields = [("user_id", user_id.as_str()), ("secret", &secret)];
    assert_eq!(app.browser().call("/actions/confirm_email", &fields).await.status, 401);
    // The second factor was removed too, so a later proof still counts as the first one.
    let (owner, page) = prove(&app, ProofBy::Link).await;
    assert!(page.contains("we removed the password") && is_signed_in(&owner).await, "{page}");
    assert!(!is_signed_in(&stranger).await && !password_signs_in(&app).await);
}

#[tokio::test]
async fn without_users_write_sessions_end_and_password_is_requested() {
    for by in [ProofBy::Link, ProofBy::Code, ProofBy::Provider] {
        let app = App::start_in_front_of_local(&[], with_key("narrow=sessions.write,users.read")).await;
        let stranger = app.browser_of("Ann").await;
        let (owner, page) = prove(&app, by).await;
        assert!(!is_signed_in(&stranger).await && is_signed_in(&owner).await, "{by:?}");
        assert!(page.contains("set a new password now") && page.contains("Forgot your password?"), "{by:?}: {page}");
    }
}

#[tokio::test]
async fn without_users_read_only_known_browsers_skip_the_question() {
    let app = App::start_in_front_of_local(&[], with_key("narrow=sessions.write")).await;
    app.browser_of("Ann").await;
    let (_, page) = prove(&app, ProofBy::Link).await;
    assert!(page.contains("set a new password now"), "{page}");
    let ann = app.browser();
    ann.post_form("/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    ann.post_form("/actions/sign_out", &[]).await;
    let fields = [("proof", "email_code"), ("address", EMAIL), ("page", "/login")];
    ann.post_form("/actions/ask_for_proof", &fields).await;
    let code = app.message_to(EMAIL).await.code();
    let answer = ann.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await;
    assert_eq!(answer.location(), "/account");
    assert!(!ann.open("/account").await.main().contains("set a new password now"));
}

async fn over(network: &Network) -> App {
    App::start_over(network, Profile::Two, Clock::manual(Timestamp::now()), &[]).await
}

#[tokio::test]
async fn interrupted_removal_resumes_at_the_next_verification() {
    for cut in ["PATCH /v1/users/", "DELETE /v1/users/", "GET /v1/users/identities"] {
        let network = Network::start().await;
        let app = over(&network).await;
        let stranger = app.browser_of("Ann").await;
        network.cut(Some(cut));
        let (_, page) = prove(&app, ProofBy::Link).await;
        assert!(page.contains("request a reset link") && page.contains("Forgot your password?"), "{cut}: {page}");
        network.cut(None);
        let (owner, page) = prove(&app, ProofBy::Code).await;
        assert!(page.contains("we removed the password") || cut == "GET /v1/users/identities", "{cut}: {page}");
        assert!(!password_signs_in(&app).await && !is_signed_in(&stranger).await, "{cut}");
        assert!(is_signed_in(&owner).await, "{cut}");
        let (_, page) = prove(&app, ProofBy::Link).await;
        assert!(!page.contains("we removed"), "{cut}: {page}");
    }
}

#[tokio::test]
async fn interrupted_removal_in_recovery_is_reported_and_resumed() {
    let network = Network::start().await;
    let app = over(&network).await;
    let stranger = app.browser_of("Ann").await;
    set_up_second_factor(&app, &stranger).await;
    network.cut(Some("DELETE /v1/users/"));
    let (_, page) = prove(&app, ProofBy::Recovery).await;
    assert!(page.contains("couldn't remove everything"), "{page}");
    network.cut(None);
    let (_, page) = prove(&app, ProofBy::Recovery).await;
    assert!(page.contains("For your security, we removed"), "{page}");
}

#[tokio::test]
async fn labels_of_the_operator_are_kept() {
    let network = Network::start().await;
    let app = over(&network).await;
    let stranger = app.browser_of("Ann").await;
    let id = stranger.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    app.ask_backend(Method::PUT, &format!("/users/{id}/labels"), None, json!({ "labels": ["vip"] })).await;
    let labels =
        async || app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await["labels"].clone();
    network.cut(Some("PATCH /v1/users/"));
    prove(&app, ProofBy::Link).await;
    assert_eq!(labels().await, json!(["vip", "unsecured"]));
    network.cut(None);
    prove(&app, ProofBy::Link).await;
    assert_eq!(labels().await, json!(["vip"]));
}

#[tokio::test]
async fn concurrent_first_verifications_remove_the_stranger() {
    let app = App::start().await;
    let stranger = app.browser_of("Ann").await;
    set_up_second_factor(&app, &stranger).await;
    tokio::join!(send_proof(&app, ProofBy::Recovery), send_proof(&app, ProofBy::Provider));
    assert!(!password_signs_in(&app).await && !is_signed_in(&stranger).await);
}

#[tokio::test]
async fn link_after_provider_is_first_verification_unless_confirmed() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let (owner, page) = prove(&app, ProofBy::Provider).await;
    assert!(page.contains("we removed the password"), "{page}");
    let identities = async || {
        let session = owner.cookie("session").expect("a session");
        app.ask_backend(Method::GET, "/account/identities", Some(&session), Value::Null).await["total"].clone()
    };
    app.confirm_email_of(&owner).await;
    let (_, page) = prove(&app, ProofBy::Link).await;
    assert!(!page.contains("we removed"), "{page}");
    assert_eq!(identities().await, 1, "the provider stays linked");
}

const NUMBER: &str = "+442079460018";

/// Signs in by a text message. Returns the browser, and the response to the code.
async fn prove_number(app: &App) -> (Browser, Answer) {
    let owner = app.browser();
    let fields = [("proof", "phone_code"), ("address", NUMBER), ("page", "/login/phone")];
    assert_eq!(owner.post_form("/actions/ask_for_proof", &fields).await.status, 303);
    let code = app.message_to(NUMBER).await.code();
    let fields = [("proof", "phone_code"), ("code", code.as_str()), ("page", "/login/phone/enter")];
    let answer = owner.call("/actions/enter_code", &fields).await;
    (owner, answer)
}

async fn with_number(app: &App) -> (Browser, String) {
    let stranger = app.browser_of("Ann").await;
    let id = stranger.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    app.ask_backend(Method::PATCH, &format!("/users/{id}/phone"), None, json!({ "number": NUMBER })).await;
    (stranger, id)
}

#[tokio::test]
async fn number_owner_does_not_enter_another_users_account() {
    let app = App::start().await;
    let (stranger, id) = with_number(&app).await;
    app.confirm_email_of(&stranger).await;
    let (owner, answer) = prove_number(&app).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "\"NumberNotConfirmed\""));
    assert!(!is_signed_in(&owner).await && is_signed_in(&stranger).await);
    assert_eq!(app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await["phone"], "");
    let (owner, answer) = prove_number(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_ne!(owner.open("/api/user").await.json()["user"]["id"], id.as_str(), "an account of their own");
}

#[tokio::test]
async fn verified_number_locks_out_the_first_registrant() {
    let app = App::start().await;
    let (stranger, id) = with_number(&app).await;
    let (owner, answer) = prove_number(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!password_signs_in(&app).await && !is_signed_in(&stranger).await && is_signed_in(&owner).await);
    let account = app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await;
    assert_eq!((&account["phone"], &account["phoneVerification"]), (&json!(NUMBER), &json!(true)));
}

#[tokio::test]
async fn confirmed_number_signs_in_to_its_account() {
    let app = App::start().await;
    let (ann, id) = with_number(&app).await;
    app.confirm_email_of(&ann).await;
    let confirmed = json!({ "phoneVerification": true });
    app.ask_backend(Method::PATCH, &format!("/users/{id}/verification/phone"), None, confirmed).await;
    let (again, answer) = prove_number(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(again.open("/api/user").await.json()["user"]["id"], id.as_str());
    assert!(is_signed_in(&ann).await && password_signs_in(&app).await);
}

#[tokio::test]
async fn link_sent_to_a_former_address_verifies_nothing() {
    for by in [ProofBy::Link, ProofBy::Code, ProofBy::Recovery] {
        let app = App::start().await;
        let stranger = app.browser_of("Ann").await;
        let id = stranger.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let elsewhere = app.browser();
        let (action, fields) = ask(&app, &elsewhere, by).await;
        let change = async |email: &str| {
            let fields = [("account", id.as_str()), ("email", email), ("password", PASSWORD)];
            assert_eq!(stranger.call("/actions/change_email", &fields).await.status, 200, "{email}");
        };
        change("victim@example.com").await;
        post(&elsewhere, action, &fields).await;
        let account = app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await;
        assert_eq!(account["emailVerification"], false, "{by:?}: the link went to another address");
        assert!(!is_signed_in(&elsewhere).await && is_signed_in(&stranger).await, "{by:?}");
        change(EMAIL).await;
        let answer = post(&elsewhere, action, &fields).await;
        let account = app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await;
        assert_eq!(account["emailVerification"], true, "{by:?}: the link went to this address: {}", answer.body);
    }
}

#[tokio::test]
async fn code_sent_to_a_former_number_confirms_nothing() {
    let app = App::start().await;
    let (_, id) = with_number(&app).await;
    let owner = app.browser();
    owner.post_form("/actions/ask_for_proof", &[("proof", "phone_code"), ("address", NUMBER)]).await;
    let code = app.message_to(NUMBER).await.code();
    let other = json!({ "number": "+12025550123" });
    app.ask_backend(Method::PATCH, &format!("/users/{id}/phone"), None, other).await;
    let answer = owner.call("/actions/enter_code", &[("proof", "phone_code"), ("code", &code)]).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let account = app.ask_backend(Method::GET, &format!("/users/{id}"), None, Value::Null).await;
    assert_eq!(account["phoneVerification"], false);
    assert!(!is_signed_in(&owner).await);
}

/// The address changes between the app's check and the proof.
#[tokio::test]
async fn address_that_changes_during_verification_is_not_confirmed() {
    let (reads, undone) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let account = move || async move {
        let email = if reads.fetch_add(1, Ordering::SeqCst) == 0 { EMAIL } else { "victim@example.com" };
        Json(json!({ "$id": "kay", "email": email }))
    };
    let session = || async {
        (
            StatusCode::CREATED,
            Json(
                json!({ "$id": "s1", "userId": "kay", "secret": "a-secret", "expire": "2099-01-01T00:00:00.000+00:00", "provider": "token" }),
            ),
        )
    };
    let undo = |step: usize| {
        let undone = undone.clone();
        move || async move {
            undone.fetch_add(step, Ordering::SeqCst);
            Json(json!({ "$id": "kay" }))
        }
    };
    let token = json!({ "$id": "t1", "userId": "kay", "expire": "2099-01-01T00:00:00.000+00:00", "phrase": "" });
    let routes = Router::new()
        .route("/account/tokens/email", routing::post(|| async { (StatusCode::CREATED, Json(token)) }))
        .route("/users/kay", routing::get(account))
        .route("/account/sessions/token", routing::post(session))
        .route("/users/kay/verification", routing::patch(undo(1)))
        .route("/account/sessions/current", routing::delete(undo(10)));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    let asked = browser.call("/actions/ask_for_proof", &[("proof", "email_code"), ("address", EMAIL)]).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let answer = browser.call("/actions/enter_code", &[("proof", "email_code"), ("code", "123456")]).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(undone.load(Ordering::SeqCst), 11, "the session ends, and the address is not confirmed");
    assert_eq!(browser.cookie("session"), None);
}
