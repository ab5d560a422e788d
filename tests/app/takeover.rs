//! Somebody signs up with another's address and never confirms it. Then the address's owner comes in.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::oauth2::{ANN, Decision, decide, depart, open_own, path_of};
use crate::running::App;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

/// The sign-in methods that prove the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Link,
    Code,
    Provider,
    Recovery,
}

const WAYS: [Way; 4] = [Way::Link, Way::Code, Way::Provider, Way::Recovery];

/// Comes in with a new browser, and returns it with the page after.
async fn come_in(app: &App, way: Way) -> (Browser, String) {
    let owner = app.browser();
    let ask = async |proof: &str| {
        let fields = [("proof", proof), ("address", EMAIL), ("page", "/login")];
        assert_eq!(owner.post_form("/actions/ask_for_proof", &fields).await.status, 303);
        app.message_to(EMAIL).await
    };
    let secrets = |path: &str| {
        let query = path.split_once('?').expect("a query").1;
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let part = |name: &str| pairs.iter().find(|(found, _)| found == name).expect("a part").1.clone();
        (part("userId"), part("secret"))
    };
    let answer = match way {
        Way::Link => {
            let (user_id, secret) = secrets(&ask("magic_link").await.path());
            owner.post_form("/actions/open_link", &[("user_id", &user_id), ("secret", &secret)]).await
        }
        Way::Code => {
            let code = ask("email_code").await.code();
            owner.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await
        }
        Way::Provider => {
            let page = depart(&owner, "/account").await;
            open_own(&owner, &path_of(&decide(&page, ANN).await)).await
        }
        Way::Recovery => {
            owner.post_form("/actions/ask_recovery", &[("email", EMAIL), ("page", "/recovery")]).await;
            let (user_id, secret) = secrets(&app.message_to(EMAIL).await.path());
            let fields = [("user_id", user_id.as_str()), ("secret", &secret), ("password", "Brand-new-horse-2")];
            owner.post_form("/actions/set_new_password", &fields).await
        }
    };
    assert_eq!(answer.status, 303, "{way:?}: {}", answer.body);
    let page = owner.open(answer.location()).await;
    assert_eq!(page.status, 200, "{way:?}");
    (owner, page.main().to_owned())
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
async fn first_proof_shuts_out_who_was_there_first() {
    for way in WAYS {
        let app = App::start().await;
        let stranger = app.browser_of("Ann").await;
        assert!(is_signed_in(&stranger).await && password_signs_in(&app).await, "{way:?}");
        let (owner, page) = come_in(&app, way).await;
        assert!(!is_signed_in(&stranger).await, "{way:?}: the stranger's session goes on");
        assert!(!password_signs_in(&app).await, "{way:?}: the stranger's password signs in");
        if way != Way::Recovery {
            assert!(is_signed_in(&owner).await, "{way:?}");
            assert!(page.contains("we removed the password, phone number, passkeys"), "{way:?}: {page}");
        }
    }
}

#[tokio::test]
async fn recovery_ends_all_sessions_although_its_box_is_clear() {
    let app = App::start_with_profile(local_appwrite::Profile::OneFive, &[]).await;
    let stranger = app.browser_of("Ann").await;
    let (_, page) = come_in(&app, Way::Recovery).await;
    assert!(!is_signed_in(&stranger).await);
    assert!(page.contains("Password changed. For your security, we removed the phone number"), "{page}");
}

#[tokio::test]
async fn provider_of_older_server_shuts_out_who_was_there_first() {
    let app = App::start_with_profile(local_appwrite::Profile::OneEight, &[]).await;
    let stranger = app.browser_of("Ann").await;
    let (owner, page) = come_in(&app, Way::Provider).await;
    assert!(!is_signed_in(&stranger).await && !password_signs_in(&app).await && is_signed_in(&owner).await);
    assert!(page.contains("we removed the password"), "{page}");
    let session = owner.cookie("session").expect("a session");
    let identities = app.ask_backend(Method::GET, "/account/identities", Some(&session), Value::Null).await;
    assert_eq!(identities["total"], 1, "the provider stays linked");
}

#[tokio::test]
async fn provider_that_is_linked_already_leaves_a_new_password() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    app.browser_of("Ann").await;
    let (owner, page) = come_in(&app, Way::Provider).await;
    assert!(page.contains("we removed the password"), "{page}");
    let id = owner.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let password = json!({ "password": PASSWORD });
    app.ask_backend(Method::PATCH, &format!("/users/{id}/password"), None, password).await;
    clock.advance(Duration::from_secs(61));
    let (again, page) = come_in(&app, Way::Provider).await;
    assert!(!page.contains("we removed"), "{page}");
    assert!(is_signed_in(&again).await && password_signs_in(&app).await);
}

#[tokio::test]
async fn later_proofs_leave_the_account_as_it_is() {
    for way in [Way::Link, Way::Code, Way::Provider] {
        let app = App::start().await;
        app.browser_of("Ann").await;
        let (owner, _) = come_in(&app, way).await;
        let (again, page) = come_in(&app, way).await;
        assert!(is_signed_in(&owner).await && is_signed_in(&again).await, "{way:?}");
        assert!(!page.contains("we removed"), "{way:?}: {page}");
    }
}

#[tokio::test]
async fn confirmed_account_keeps_its_password_and_sessions() {
    for way in [Way::Link, Way::Code, Way::Provider] {
        let app = App::start().await;
        let ann = app.browser_of("Ann").await;
        app.confirm_email_of(&ann).await;
        let (_, page) = come_in(&app, way).await;
        assert!(!page.contains("we removed"), "{way:?}: {page}");
        assert!(is_signed_in(&ann).await && password_signs_in(&app).await, "{way:?}");
    }
}

#[tokio::test]
async fn new_account_is_told_nothing() {
    for way in [Way::Link, Way::Code, Way::Provider] {
        let app = App::start().await;
        let (_, page) = come_in(&app, way).await;
        assert!(!page.contains("we removed") && !page.contains("someone else"), "{way:?}: {page}");
    }
}

#[tokio::test]
async fn phone_number_and_provider_from_before_sign_in_no_more() {
    let app = App::start().await;
    let stranger = app.browser();
    let page = depart(&stranger, "/account").await;
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

    let (owner, _) = come_in(&app, Way::Link).await;
    let session = owner.cookie("session").expect("a session");
    let account = app.ask_backend(Method::GET, "/account", Some(&session), Value::Null).await;
    assert_eq!((&account["phone"], &account["emailVerification"]), (&json!(""), &json!(true)));
    let identities = app.ask_backend(Method::GET, "/account/identities", Some(&session), Value::Null).await;
    assert_eq!(identities["total"], 0);
    assert!(!password_signs_in(&app).await && !is_signed_in(&stranger).await);
}

#[tokio::test]
async fn key_without_users_write_ends_sessions_and_asks_for_a_password() {
    for way in [Way::Link, Way::Code, Way::Provider] {
        let app = App::start_in_front_of_local(&[], with_key("narrow=sessions.write,users.read")).await;
        let stranger = app.browser_of("Ann").await;
        let (owner, page) = come_in(&app, way).await;
        assert!(!is_signed_in(&stranger).await && is_signed_in(&owner).await, "{way:?}");
        assert!(page.contains("set a new one now") && page.contains("Change your password"), "{way:?}: {page}");
    }
}

#[tokio::test]
async fn key_without_users_read_asks_unless_the_browser_is_known() {
    let app = App::start_in_front_of_local(&[], with_key("narrow=sessions.write")).await;
    app.browser_of("Ann").await;
    let (_, page) = come_in(&app, Way::Link).await;
    assert!(page.contains("set a new one now"), "{page}");
    let ann = app.browser();
    ann.post_form("/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    ann.post_form("/actions/sign_out", &[]).await;
    let fields = [("proof", "email_code"), ("address", EMAIL), ("page", "/login")];
    ann.post_form("/actions/ask_for_proof", &fields).await;
    let code = app.message_to(EMAIL).await.code();
    let answer = ann.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await;
    assert_eq!(answer.location(), "/account");
    assert!(!ann.open("/account").await.main().contains("set a new one now"));
}
