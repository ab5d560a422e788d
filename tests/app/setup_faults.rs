//! Wrong project settings or API key: the log names the fix, and the page says that the site is at fault.

use axum::Router;
use axum::routing::{get, post};
use local_appwrite::{ApiKey, KeyScopes};
use reqwest::Method;
use serde_json::json;

use crate::browser::Answer;
use crate::logs;
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal, refusal_in_words};

const SIGN_IN: [(&str, &str); 3] = [("email", "ann@example.com"), ("password", "Correct-horse-1"), ("page", "/login")];
const SENTENCE: &str = "This site isn't set up correctly. Contact its owner.";

/// The warning in the log for this response's request.
fn warning_about(answer: &Answer) -> String {
    let id = answer.header("x-request-id");
    assert!(!id.is_empty());
    let log = logs::so_far();
    let mut lines = log.lines().filter(|line| line.contains(id) && line.contains(" WARN "));
    lines.next().unwrap_or_else(|| panic!("no warning about {id}")).to_owned()
}

async fn assert_sign_in_is_misconfigured(app: &App, kind: &str, fix: &str) {
    let browser = app.browser();
    let answer = browser.call("/actions/sign_in", &SIGN_IN).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "\"Misconfigured\""));
    let warning = warning_about(&answer);
    assert!(warning.contains(kind) && warning.contains(fix), "{warning}");
    browser.post_form("/actions/sign_in", &SIGN_IN).await;
    let page = browser.open("/login").await;
    assert_eq!(page.status, 500);
    assert!(page.main().contains(SENTENCE), "{}", page.main());
    assert!(page.field("email").contains("ann@example.com"));
}

#[tokio::test]
async fn wrong_key_is_reported_as_a_server_error() {
    let app = App::start_with_key("a-key-of-nobody").await;
    assert_sign_in_is_misconfigured(&app, "kind=\"user_unauthorized\"", "APPWRITE_API_KEY").await;
    let log = logs::so_far();
    assert!(!log.contains("a-key-of-nobody"), "the key is in the log");
}

#[tokio::test]
async fn missing_scope_is_a_logged_server_error() {
    let app = App::start_in_front_of_local(&[], |settings| {
        let scopes = KeyScopes::Only(vec!["users.read".into()]);
        settings.api_keys = vec![ApiKey { secret: "a-narrow-key".into(), scopes }];
    })
    .await;
    assert_sign_in_is_misconfigured(&app, "kind=\"general_unauthorized_scope\"", "sessions.write").await;
}

#[tokio::test]
async fn missing_table_is_reported_as_a_server_error() {
    let app = App::start().await;
    app.ask_backend(Method::DELETE, "/tablesdb/main/tables/birthdays", None, serde_json::Value::Null).await;
    let ann = app.browser_of("Ann").await;
    let page = ann.open("/birthdays").await;
    assert!(page.main().contains(SENTENCE), "{}", page.main());
    let warning = warning_about(&page);
    assert!(warning.contains("kind=\"table_not_found\"") && warning.contains("create-tables"), "{warning}");
    let fields = [("name", "Kevin"), ("date", "2012-02-03"), ("visibility", "everyone")];
    let answer = ann.call("/actions/add_birthday", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "\"Misconfigured\""));
    assert!(warning_about(&answer).contains("table_not_found"));
}

#[tokio::test]
async fn other_setup_errors_are_shown_and_logged() {
    for (status, kind, words, fix) in [
        (404, "project_not_found", "", "APPWRITE_PROJECT_ID"),
        (401, "project_key_expired", "", "APPWRITE_API_KEY"),
        (400, "general_argument_invalid", "Invalid `url` param: Invalid URI. Register your new client", "web platform"),
        (403, "general_api_disabled", "", "project's settings"),
    ] {
        let routes = Router::new()
            .route("/account/recovery", post(move || async move { refusal_in_words(status, kind, words) }));
        let app = App::start_in_front_of(&appwrite_with(routes).await).await;
        let answer = app.browser().call("/actions/ask_recovery", &[("email", "ann@example.com")]).await;
        assert_eq!((answer.status, answer.body.as_str()), (500, "\"Misconfigured\""), "{kind}");
        let warning = warning_about(&answer);
        assert!(warning.contains(kind) && warning.contains(&format!("status={status}")), "{warning}");
        assert!(warning.contains(fix), "{warning}");
    }
}

#[tokio::test]
async fn session_without_a_secret_means_a_wrong_kind_of_key() {
    let session = json!({
        "$id": "one", "userId": "ann", "expire": "2030-01-01T00:00:00.000+00:00", "secret": "", "provider": "email",
    });
    let routes = Router::new().route("/account/sessions/email", post(move || async move { axum::Json(session) }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let answer = app.browser().call("/actions/sign_in", &SIGN_IN).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "\"Misconfigured\""));
    assert!(warning_about(&answer).contains("APPWRITE_API_KEY"));
}

#[tokio::test]
async fn internal_error_is_logged_with_its_cause() {
    let session = json!({
        "$id": "one", "userId": "ann", "expire": "2030-01-01T00:00:00.000+00:00", "secret": "a\nb", "provider": "email",
    });
    let routes = Router::new()
        .route("/account/sessions/email", post(move || async move { axum::Json(session) }))
        .route("/account", get(|| async { axum::Json(json!({ "$id": "ann" })) }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let answer = app.browser().call("/actions/sign_in", &SIGN_IN).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "\"Internal\""));
    let warning = warning_about(&answer);
    assert!(warning.contains("the session cookie cannot be set"), "{warning}");
}

#[tokio::test]
async fn unexpected_refusal_is_logged_with_its_type() {
    let routes = Router::new().route("/account/sessions/email", post(|| async { refusal(409, "user_new_thing") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let answer = app.browser().call("/actions/sign_in", &SIGN_IN).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "\"Internal\""));
    let warning = warning_about(&answer);
    assert!(warning.contains("user_new_thing") && warning.contains("409"), "{warning}");
}
