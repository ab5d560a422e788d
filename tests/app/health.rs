//! The routes that say whether the process answers and whether it can serve users.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use local_appwrite::{ApiKey, KeyScopes};
use tokio::sync::Notify;

use crate::browser::Answer;
use crate::logs;
use crate::running::App;
use crate::stand_in::appwrite_with;

fn assert_is_private_and_quiet(answer: &Answer, path: &str) {
    assert!(answer.headers.get("set-cookie").is_none() && answer.headers.get("vary").is_none(), "{path}");
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"));
    assert!(!logs::so_far().contains(path), "{path} is in the log");
}

#[tokio::test]
async fn health_check_needs_no_appwrite_and_ignores_cookies() {
    let app = App::start_in_front_of("http://127.0.0.1:9/v1").await;
    let browser = app.browser();
    browser.plant("session", "not a session");
    let answer = browser.open("/healthz").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_is_private_and_quiet(&answer, "/healthz");
}

#[tokio::test]
async fn app_is_ready_while_appwrite_accepts_its_key() {
    let app = App::start().await;
    let answer = app.browser().open("/readyz").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_is_private_and_quiet(&answer, "/readyz");
}

#[tokio::test]
async fn readiness_check_names_the_reason() {
    let narrow = App::start_in_front_of_local(&[], |settings| {
        let scopes = KeyScopes::Only(vec!["users.read".into()]);
        settings.api_keys = vec![ApiKey { secret: "a-narrow-key".into(), scopes }];
    })
    .await;
    let refused = r#"{"reason":"appwrite_refuses_project_or_key","type":"#;
    for (app, body) in [
        (App::start_in_front_of("http://127.0.0.1:9/v1").await, r#"{"reason":"appwrite_unreachable"}"#.to_owned()),
        (App::start_with_key("a-key-of-nobody").await, format!("{refused}\"user_unauthorized\"}}")),
        (narrow, format!("{refused}\"general_unauthorized_scope\"}}")),
    ] {
        let answer = app.browser().open("/readyz").await;
        assert_eq!((answer.status, answer.body), (503, body));
    }
}

#[tokio::test]
async fn readiness_check_can_exclude_appwrite() {
    let app = App::start_in_front_of("http://127.0.0.1:9/v1").await;
    let answer = app.browser().open("/readyz?exclude=appwrite").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(app.browser().open("/readyz?exclude=nothing").await.status, 503);
}

#[tokio::test]
async fn timed_out_probes_share_one_call_to_appwrite() {
    let (calls, arrived) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let hang = {
        let (calls, arrived) = (Arc::clone(&calls), Arc::clone(&arrived));
        move || {
            calls.fetch_add(1, Ordering::SeqCst);
            arrived.notify_one();
            std::future::pending::<()>()
        }
    };
    let app = App::start_in_front_of(&appwrite_with(Router::new().fallback(hang)).await).await;
    let browser = app.browser();
    for _ in 0..3 {
        tokio::select! {
            ready = browser.open("/readyz") => assert_eq!(ready.status, 503),
            () = arrived.notified() => {}
        }
    }
    let ready = browser.open("/readyz").await;
    assert_eq!((ready.status, ready.body.as_str()), (503, r#"{"reason":"appwrite_unreachable"}"#));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
