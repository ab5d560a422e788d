//! Guest accounts, and saving them as full accounts.

use axum::Json;
use axum::Router;
use axum::routing::{get, patch};
use local_appwrite::AuthMethod;
use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const ANN: [(&str, &str); 4] =
    [("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1"), ("page", "/account")];

async fn guest_of(app: &App) -> Browser {
    let browser = app.browser();
    let answer = browser.post_form("/actions/continue_as_guest", &[("page", "/login")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
    browser
}

async fn id_of(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

async fn add_birthday(browser: &Browser, name: &str) {
    let fields = [("name", name), ("date", "1906-12-09"), ("visibility", "only-me"), ("page", "/birthdays")];
    assert_eq!(browser.post_form("/actions/add_birthday", &fields).await.status, 303);
    let page = browser.open("/birthdays").await;
    assert!(page.status == 200 && page.body.contains(name), "{}", page.body);
}

#[tokio::test]
async fn guest_cannot_save_account_without_sign_up() {
    let app = App::start_without_sign_up().await;
    let guest = guest_of(&app).await;
    assert_eq!(guest.call("/actions/keep_account", &ANN).await.status, 501);
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(app.browser().call("/actions/sign_in", &fields).await.status, 401, "no account has the address");
}

#[tokio::test]
async fn guest_is_signed_in_named_and_warned_about_signing_out() {
    let app = App::start().await;
    assert!(app.browser().open("/login").await.body.contains("Continue as guest"));
    let guest = guest_of(&app).await;
    for path in ["/", "/birthdays", "/account"] {
        let page = guest.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        let name = page.body.split("header-person").nth(1).and_then(|rest| rest.split("</summary>").next());
        assert!(name.is_some_and(|name| name.contains("Guest")), "{path}: {}", page.body);
        assert!(page.body.contains("If you sign out, you'll lose your private birthdays"), "{path}");
        assert!(!page.body.contains("to secure your account"), "{path}: there is no address to confirm");
    }
    let account = guest.open("/account").await;
    assert!(account.body.contains("Save your account") && account.field("email").contains("keep-account-email"));
}

#[tokio::test]
async fn guest_is_redirected_to_the_next_page() {
    let app = App::start().await;
    let answer = app.browser().post_form("/actions/continue_as_guest", &[("next", "/birthdays?x=1")]).await;
    assert_eq!(answer.location(), "/birthdays?x=1");
    let answer = app.browser().post_form("/actions/continue_as_guest", &[("next", "//evil.example")]).await;
    assert_eq!(answer.location(), "/account");
}

#[tokio::test]
async fn continuing_as_guest_twice_keeps_the_first_account() {
    let app = App::start().await;
    let guest = guest_of(&app).await;
    let (id, session) = (id_of(&guest).await, guest.cookie("session"));
    let again = guest.post_form("/actions/continue_as_guest", &[("next", "/birthdays")]).await;
    assert_eq!((again.status, again.location()), (303, "/birthdays"));
    assert_eq!((id_of(&guest).await, guest.cookie("session")), (id, session));
    let ann = app.browser_of("Ann").await;
    let id = id_of(&ann).await;
    ann.post_form("/actions/continue_as_guest", &[]).await;
    assert_eq!(id_of(&ann).await, id, "a member stays a member");
}

#[tokio::test]
async fn guest_who_saves_account_keeps_session_and_data() {
    let app = App::start().await;
    let guest = guest_of(&app).await;
    add_birthday(&guest, "Grace Hopper").await;
    let (id, session) = (id_of(&guest).await, guest.cookie("session"));

    let answer = guest.post_form("/actions/keep_account", &ANN).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
    assert_eq!(guest.cookie("session"), session, "the session goes on");
    let page = guest.open("/account").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Your account is saved."), "{}", page.body);
    assert!(page.body.contains("Ann") && page.body.contains("ann@example.com"));
    assert!(!page.body.contains("You are a guest.") && !page.body.contains("keep-account"), "{}", page.body);
    assert!(guest.open("/birthdays").await.body.contains("Grace Hopper"));

    guest.post_form("/actions/sign_out", &[]).await;
    let elsewhere = app.browser();
    let answer = elsewhere.post_form("/actions/sign_in", &ANN[1..3]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    assert_eq!(id_of(&elsewhere).await, id, "the same account");
    assert!(elsewhere.open("/birthdays").await.body.contains("Grace Hopper"));
}

#[tokio::test]
async fn rows_of_a_guest_are_hidden_from_other_guests() {
    let app = App::start().await;
    let (guest, other) = (guest_of(&app).await, guest_of(&app).await);
    add_birthday(&guest, "Grace Hopper").await;
    assert!(!other.open("/birthdays").await.body.contains("Grace Hopper"));
    assert_ne!(id_of(&guest).await, id_of(&other).await);
}

#[tokio::test]
async fn taken_address_keeps_guest_account_and_form_values() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let guest = guest_of(&app).await;
    assert_eq!(guest.call("/actions/keep_account", &ANN).await.status, 409);
    guest.post_form("/actions/keep_account", &ANN).await;
    let page = guest.open("/account").await;
    assert_eq!(page.status, 409);
    assert!(page.field("email").contains("aria-invalid") && page.field("name").contains("value=\"Ann\""));
    assert!(!page.body.contains("Correct-horse-1"));
    assert!(guest.open("/account").await.body.contains("You are a guest."));
}

#[tokio::test]
async fn every_invalid_field_is_reported() {
    let app = App::start().await;
    let guest = guest_of(&app).await;
    let fields = [("name", " "), ("email", "ann"), ("password", "short12"), ("page", "/account")];
    guest.post_form("/actions/keep_account", &fields).await;
    let page = guest.open("/account").await;
    assert_eq!(page.status, 422);
    for field in ["name", "email", "password"] {
        assert!(page.field(field).contains("aria-invalid=\"true\""), "{field}");
    }
}

#[tokio::test]
async fn refusal_by_appwrite_is_a_field_error() {
    for (kind, fields) in [
        ("user_email_disposable", &["email"][..]),
        ("password_personal_data", &["password"]),
        ("general_argument_invalid", &["name", "email", "password"]),
    ] {
        let user = json!({ "$id": "kay", "name": "", "email": "", "phone": "", "emailVerification": false });
        let routes = Router::new()
            .route("/account", get(move || async move { Json(user) }))
            .route("/account/email", patch(move || async move { refusal(400, kind) }));
        let app = App::start_in_front_of(&appwrite_with(routes).await).await;
        let guest = app.browser();
        guest.plant("session", "something");
        let answer = guest.call("/actions/keep_account", &ANN).await;
        assert_eq!(answer.status, 422, "{kind}: {}", answer.body);
        for field in ["name", "email", "password"] {
            let named = answer.body.contains(&format!("\"field\":\"{field}\""));
            assert_eq!(named, fields.contains(&field), "{kind}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn bad_request_by_appwrite_means_a_taken_address() {
    let user = json!({ "$id": "kay", "name": "", "email": "", "phone": "", "emailVerification": false });
    let routes = Router::new()
        .route("/account", get(move || async move { Json(user) }))
        .route("/account/email", patch(|| async { refusal(400, "general_bad_request") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let guest = app.browser();
    guest.plant("session", "something");
    let answer = guest.call("/actions/keep_account", &ANN).await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "\"EmailTaken\""));
    guest.post_form("/actions/keep_account", &ANN).await;
    let page = guest.open("/account").await;
    assert_eq!(page.status, 409);
    assert!(page.field("email").contains("aria-invalid=\"true\""), "{}", page.field("email"));
    assert!(page.main().contains("An account with this email already exists."), "{}", page.main());
    assert!(page.field("name").contains("value=\"Ann\"") && page.field("email").contains("ann@example.com"));
}

#[tokio::test]
async fn stale_guest_form_does_not_change_a_saved_account() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let fields = [("name", "Mallory"), ("email", "mallory@example.com"), ("password", "Correct-horse-1")];
    let answer = ann.post_form("/actions/keep_account", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    let page = ann.open("/account").await;
    assert!(page.body.contains("ann@example.com") && !page.body.contains("Mallory"), "{}", page.body);
}

#[tokio::test]
async fn saving_an_account_requires_a_session() {
    let app = App::start().await;
    assert_eq!(app.browser().call("/actions/keep_account", &ANN).await.status, 401);
    let answer = app.browser().post_form("/actions/keep_account", &ANN).await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"));
}

#[tokio::test]
async fn guest_is_asked_before_signing_out() {
    let app = App::start().await;
    let guest = guest_of(&app).await;
    let home = guest.open("/").await;
    assert!(
        home.body.contains("href=\"/account/sign-out\"") && !home.body.contains("/actions/sign_out"),
        "{}",
        home.body
    );
    let page = guest.open("/account/sign-out").await;
    assert_eq!(page.status, 200);
    for text in ["lose access to your private birthdays", "/account#keep", "/actions/sign_out", "Go back"] {
        assert!(page.main().contains(text), "{text}: {}", page.main());
    }
    let ann = app.browser_of("Ann").await.open("/").await;
    assert!(ann.body.contains("/actions/sign_out") && !ann.body.contains("/account/sign-out"), "{}", ann.body);
}

#[tokio::test]
async fn guest_cannot_sign_in_again_after_signing_out() {
    let app = App::start().await;
    let guest = guest_of(&app).await;
    let secret = guest.cookie("session").expect("a session");
    guest.post_form("/actions/sign_out", &[]).await;
    guest.plant("session", &secret);
    assert_eq!(guest.open("/account").await.status, 303);
}

#[tokio::test]
async fn disabled_guest_sign_in_is_explained_and_no_longer_offered() {
    let app = App::start_in_front_of_local(&[], |settings| {
        settings.disabled_methods = vec![AuthMethod::Anonymous];
        settings.disable_for_keys = true;
    })
    .await;
    let browser = app.browser();
    assert_eq!(browser.call("/actions/continue_as_guest", &[]).await.status, 501);
    for _ in 0..2 {
        let answer = browser.post_form("/actions/continue_as_guest", &[("page", "/login/guest")]).await;
        assert_eq!((answer.status, answer.location()), (303, "/login/guest"));
        let page = browser.open("/login/guest").await;
        assert_eq!(page.status, 501);
        assert!(page.body.contains("Guest accounts are switched off"), "{}", page.body);
        assert!(!page.body.contains("Continue as guest"));
    }
    let page = browser.open("/login").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("Continue as guest") && !page.body.contains("switched off"), "{}", page.body);
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn guests_are_rate_limited_per_client_address() {
    let app = App::start_with(&[("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "https://localhost")]).await;
    for _ in 0..10 {
        assert_eq!(app.browser().call("/actions/continue_as_guest", &[]).await.status, 200);
    }
    let refused = app.browser().call("/actions/continue_as_guest", &[]).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert!((1..=61).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
}

#[tokio::test]
async fn outage_creates_no_guest_and_keeps_existing_ones() {
    let mut app = App::start().await;
    let (guest, stranger) = (guest_of(&app).await, app.browser());
    app.stop_backend().await;
    assert_eq!(stranger.call("/actions/continue_as_guest", &[]).await.status, 503);
    assert_eq!(guest.call("/actions/continue_as_guest", &[]).await.status, 503);
    assert_eq!(guest.call("/actions/keep_account", &ANN).await.status, 503);
    assert!(guest.cookie("session").is_some() && stranger.cookie("session").is_none());
}

#[tokio::test]
async fn account_is_saved_even_if_setting_the_name_fails() {
    let user = json!({ "$id": "kay", "name": "", "email": "", "phone": "", "emailVerification": false });
    let converted = json!({ "$id": "kay", "name": "", "email": "ann@example.com", "emailVerification": false });
    let routes = Router::new()
        .route("/account", get(move || async move { Json(user) }))
        .route("/account/email", patch(move || async move { Json(converted) }))
        .route("/account/name", patch(|| async { refusal(500, "general_unknown") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let guest = app.browser();
    guest.plant("session", "something");
    let answer = guest.post_form("/actions/keep_account", &ANN).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
}

#[tokio::test]
async fn guests_are_created_only_by_the_form() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = browser.send(browser.request(Method::GET, "/actions/continue_as_guest")).await;
    assert!(answer.status >= 400, "{}", answer.status);
    assert_eq!(browser.cookie("session"), None);
}
