//! The calls to Appwrite, counted.

use std::sync::{Arc, Mutex};

use axum::http::{Method, Uri};
use axum::{Json, Router};
use leptos_appwrite::site::Paths;
use leptos_birthdays::site::SITE;
use serde_json::{Value, json};

use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;
use crate::stand_in::appwrite_with;

type Calls = Arc<Mutex<Vec<String>>>;

/// Answers like an Appwrite with one signed-in user, and records the calls.
async fn appwrite(calls: &Calls) -> String {
    let calls = Arc::clone(calls);
    let answer = move |method: Method, uri: Uri| async move {
        calls.lock().expect("the calls").push(format!("{method} {}", uri.path()));
        Json::<Value>(match uri.path() {
            "/health/version" => json!({"version": "2.7.1"}),
            "/account" => json!({"$id": "kay", "name": "Kay", "email": "kay@example.com", "emailVerification": true}),
            "/account/sessions/current" => {
                json!({"$id": "s1", "userId": "kay", "expire": "2099-01-01T00:00:00.000+00:00"})
            }
            "/account/jwts" => json!({"jwt": "header.claims.signature"}),
            "/account/identities" => json!({"total": 1, "identities": [{"$id": "i1", "provider": "github"}]}),
            _ => json!({"total": 0, "rows": [], "presences": [], "passkeys": []}),
        })
    };
    appwrite_with(Router::new().fallback(answer)).await
}

#[tokio::test]
async fn unlinking_asks_for_the_providers_once() {
    let calls = Calls::default();
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths_in_front_of(&appwrite(&calls).await, paths).await;
    let browser = app.browser();
    browser.plant("session", "a2F5");
    let answer = browser.call("/actions/unlink_provider", &[("id", "i1"), ("account", "kay")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "\"NoPassword\""), "it is the only sign-in method");
    let made = calls.lock().expect("the calls").clone();
    assert_eq!(
        made.iter().filter(|call| call.contains("/identities")).collect::<Vec<_>>(),
        ["GET /account/identities"]
    );
}

#[tokio::test]
async fn each_appwrite_call_of_a_live_page_is_counted() {
    let calls = Calls::default();
    let app = App::start_in_front_of(&appwrite(&calls).await).await;
    let browser = app.browser();
    browser.plant("session", "a2F5");
    // A server's first page also probes Realtime.
    browser.open("/birthdays").await;
    browser.call("/actions/realtime_ticket", &[]).await;
    let rows = "GET /tablesdb/main/tables/birthdays/rows";
    for (step, path, expected) in [
        ("the page", None, &["GET /account", rows][..]),
        ("the ticket", Some("realtime_ticket"), &["GET /account/sessions/current", "POST /account/jwts"]),
        ("the others on the page", Some("people_present"), &["GET /presences"]),
        ("the list, after a change or a gap", Some("list_birthdays"), &["GET /account", rows]),
    ] {
        calls.lock().expect("the calls").clear();
        let answer = match path {
            None => browser.open("/birthdays").await,
            Some(action) => browser.call(&format!("/actions/{action}"), &[("page", "/birthdays")]).await,
        };
        assert_eq!(answer.status, 200, "{step}: {}", answer.body);
        let mut made = calls.lock().expect("the calls").clone();
        made.sort();
        assert_eq!(made, expected, "{step}");
    }
}

#[tokio::test]
async fn relayed_connection_reads_the_session_twice() {
    let calls = Calls::default();
    let app = App::start_in_front_of_with(&appwrite(&calls).await, &[("REALTIME", "relay")]).await;
    let browser = app.browser();
    browser.plant("session", "a2F5");
    browser.open("/birthdays").await;
    calls.lock().expect("the calls").clear();
    let ticket = ticket(&browser).await;
    // Once for the page, which needs to know when it ends.
    assert_eq!(*calls.lock().expect("the calls"), ["GET /account/sessions/current"]);
    calls.lock().expect("the calls").clear();
    // This Appwrite has no Realtime.
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &browser, &ticket).await.err(), Some(503));
    let mut made = calls.lock().expect("the calls").clone();
    made.sort();
    assert_eq!(made, ["GET /account/sessions/current", "GET /realtime", "POST /account/jwts"]);
}
