//! Guests who sign in to another account are first told what stays behind.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::oauth2::{ANN, decide, open_own, path_of, start};
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const PAGE: &str = "/account/switch";
const STAYS: &str = "you'll lose access to your private birthdays";
const ANN_SIGNS_IN: [(&str, &str); 2] = [("email", "ann@example.com"), ("password", "Correct-horse-1")];

/// A guest with a birthday, and a browser that still has older forms.
async fn guest_of(app: &App) -> Browser {
    let guest = app.browser();
    start_as_guest(&guest).await;
    guest
}

async fn start_as_guest(browser: &Browser) {
    assert_eq!(browser.post_form("/actions/continue_as_guest", &[]).await.status, 303);
    let fields = [("name", "Grace Hopper"), ("date", "1906-12-09"), ("visibility", "only-me"), ("page", "/birthdays")];
    assert_eq!(browser.post_form("/actions/add_birthday", &fields).await.status, 303);
}

async fn assert_is_asked(guest: &Browser, session: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.body);
    assert_eq!(guest.cookie("session").as_deref(), Some(session), "the guest's session goes on");
    let page = guest.open(PAGE).await;
    assert!(page.status == 200 && page.main().contains(STAYS) && page.main().contains("Go back"), "{}", page.body);
    assert!(guest.open("/birthdays").await.body.contains("Grace Hopper"));
}

#[tokio::test]
async fn guest_is_asked_before_every_switch_of_account() {
    let app = App::start_in_front_of_local(&[], |settings| settings.passkeys = Some("localhost".into())).await;
    app.browser_of("Ann").await;
    let guest = guest_of(&app).await;
    let session = guest.cookie("session").expect("a session");
    let answer = guest.post_form("/actions/sign_in", &ANN_SIGNS_IN).await;
    assert_is_asked(&guest, &session, &answer).await;
    let fields = [("name", "Ben"), ("email", "ben@example.com"), ("password", "Correct-horse-1")];
    let answer = guest.post_form("/actions/sign_up", &fields).await;
    assert_is_asked(&guest, &session, &answer).await;
    let fields = [("proof", "email_code"), ("address", "ann@example.com"), ("page", "/login/code")];
    guest.post_form("/actions/ask_for_proof", &fields).await;
    let code = app.message_to("ann@example.com").await.code();
    let answer = guest.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await;
    assert_is_asked(&guest, &session, &answer).await;
    let answer = guest.post_form("/actions/sign_in_with_provider", &[("provider", "mock")]).await;
    assert_is_asked(&guest, &session, &answer).await;
    let answer = guest.post_form("/actions/open_link", &[("user_id", "kay"), ("secret", &"a".repeat(64))]).await;
    assert_is_asked(&guest, &session, &answer).await;
    let fields = [("id", "challenge"), ("credential", "{}")];
    let answer = guest.post_form("/actions/sign_in_with_passkey", &fields).await;
    assert_is_asked(&guest, &session, &answer).await;
    let script = guest.call("/actions/sign_in", &ANN_SIGNS_IN).await;
    assert_eq!((script.status, script.location()), (200, PAGE), "{}", script.body);
}

#[tokio::test]
async fn guest_created_meanwhile_is_asked_on_provider_return() {
    let app = App::start().await;
    let browser = app.browser();
    let page = start(&browser, "/account").await;
    start_as_guest(&browser).await;
    let session = browser.cookie("session").expect("a session");
    let answer = open_own(&browser, &path_of(&decide(&page, ANN).await)).await;
    assert_is_asked(&browser, &session, &answer).await;
}

#[tokio::test]
async fn link_page_warns_a_guest_and_signs_in() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let guest = guest_of(&app).await;
    let fields = [("proof", "magic_link"), ("address", "ann@example.com"), ("page", "/login/link")];
    app.browser().post_form("/actions/ask_for_proof", &fields).await;
    let path = app.message_to("ann@example.com").await.path();
    let page = guest.open(&path).await;
    assert!(page.main().contains(STAYS) && page.main().contains("Go back"), "{}", page.main());
    let value = |name: &str| {
        let field = page.field(name);
        field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
    };
    let fields = ["user_id", "secret", "address", "leaves_guest"].map(|name| (name, value(name)));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(guest.post_form("/actions/open_link", &fields).await.location(), "/account");
    assert!(guest.open("/account").await.main().contains("ann@example.com"));
}

#[tokio::test]
async fn guest_who_continues_signs_in_and_nothing_is_deleted() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let guest = guest_of(&app).await;
    let page = guest.open("/account").await;
    assert!(page.main().contains(&format!("href=\"{PAGE}\"")), "{}", page.main());
    let answer = guest.post_form("/actions/leave_guest", &[("page", PAGE)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    assert_eq!(guest.cookie("session"), None);
    assert_eq!(guest.post_form("/actions/sign_in", &ANN_SIGNS_IN).await.location(), "/account");
    let rows = app.ask_backend(Method::GET, "/tablesdb/main/tables/birthdays/rows", None, Value::Null).await;
    assert_eq!(rows["total"], 1);
    let users = app.ask_backend(Method::GET, "/users", None, Value::Null).await;
    assert_eq!(users["total"], 2, "the guest's account stays");
}

#[tokio::test]
async fn other_users_switch_accounts_without_a_question() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let ben = app.browser_of("Ben").await;
    assert_eq!(ben.post_form("/actions/sign_in", &ANN_SIGNS_IN).await.location(), "/account");
    assert!(ben.open("/account").await.main().contains("ann@example.com"));
}

#[tokio::test]
async fn outage_does_not_sign_a_guest_out() {
    let session = json!({
        "$id": "s1", "userId": "ann", "secret": "anns-secret", "expire": "2030-01-01T00:00:00.000+00:00", "provider": "email",
    });
    let routes = Router::new()
        .route("/account", get(|| async { refusal(500, "general_unknown") }))
        .route("/account/sessions/email", post(|| async move { (StatusCode::CREATED, Json(session)) }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let guest = app.browser();
    guest.plant("session", "a-guests-secret");
    assert_eq!(guest.call("/actions/sign_in", &ANN_SIGNS_IN).await.status, 503);
    assert_eq!(guest.cookie("session").as_deref(), Some("a-guests-secret"));
}
