//! Leaving: the file with the user's data, and the deletion of the account.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{self, get};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use leptos_appwrite::site::Paths;
use leptos_appwrite::tables::{Column, Kind, Table};
use leptos_birthdays::site::SITE;
use leptos_birthdays::tables::TABLES;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::oauth2::{Decision, decide, open_own, path_of, start};
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const DATA: &str = "/account/data";
const DELETE: &str = "/account/delete";
const PASSWORD: &str = "Correct-horse-1";

const TWO: &[Table] = &[TABLES[0], Table::of_users("notes", "Notes", &[Column::required("text", Kind::Text(500))])];

async fn add_birthday(browser: &Browser, name: &str, visibility: &str) {
    let fields = [("name", name), ("date", "1906-12-09"), ("visibility", visibility), ("page", "/birthdays")];
    assert_eq!(browser.post_form("/actions/add_birthday", &fields).await.status, 303);
}

/// The id of the browser's user.
async fn id_of(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

async fn delete(browser: &Browser, address: &str, password: &str) -> Answer {
    let id = id_of(browser).await;
    let fields = [("account", id.as_str()), ("address", address), ("password", password), ("page", DELETE)];
    browser.post_form("/actions/delete_account", &fields).await
}

/// Ann with rows in both tables, and her session's secret. Ben has a row too.
async fn ann_with_rows(app: &App) -> (Browser, String) {
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    add_birthday(&ann, "Grace Hopper", "only-me").await;
    add_birthday(&ann, "Ada Lovelace", "everyone").await;
    add_birthday(&ben, "Alan Turing", "everyone").await;
    let session = ann.cookie("session").expect("a session");
    let note = json!({ "rowId": "n1", "data": { "text": "Buy tea" } });
    app.ask_backend(Method::POST, "/tablesdb/main/tables/notes/rows", Some(&session), note).await;
    (ann, session)
}

async fn names_of_users(app: &App) -> Vec<String> {
    let users = app.ask_backend(Method::GET, "/users", None, Value::Null).await;
    let users = users["users"].as_array().expect("users").iter();
    users.map(|user| user["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn data_export_has_everything_of_the_user_without_secrets() {
    let app = App::start_with_tables(TWO, Profile::Two, &[]).await;
    let (ann, session) = ann_with_rows(&app).await;
    app.ask_backend(Method::PATCH, "/account/prefs", Some(&session), json!({ "prefs": { "theme": "dark" } })).await;

    let page = ann.open(DATA).await;
    assert!(page.status == 200 && page.main().contains("Download your data"), "{}", page.body);
    let file = ann.post_form(DATA, &[]).await;
    assert_eq!(file.status, 200, "{}", file.body);
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"account-data.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let data = file.json();
    assert_eq!(
        (&data["account"]["email"], &data["account"]["prefs"]),
        (&json!("ann@example.com"), &json!({ "theme": "dark" }))
    );
    assert_eq!(data["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!((&data["identities"], &data["passkeys"]), (&json!([]), &json!([])));
    let birthdays = data["tables"]["birthdays"].as_array().expect("rows");
    let mut names: Vec<_> = birthdays.iter().map(|row| row["columns"]["name"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ada Lovelace", "Grace Hopper"]);
    assert_eq!(data["tables"]["notes"][0]["columns"], json!({ "text": "Buy tea" }));
    let piece = &session[session.len() / 2..session.len() - 4];
    for secret in [piece, PASSWORD, "argon", "secret", "hash", "AccessToken", "RefreshToken"] {
        assert!(!file.body.contains(secret), "{secret} is in the file");
    }
}

#[tokio::test]
async fn data_export_of_an_older_server_omits_passkeys() {
    let app = App::start_with_profile(Profile::OneFive, &[]).await;
    let ann = app.browser_of("Ann").await;
    add_birthday(&ann, "Grace Hopper", "only-me").await;
    let data = ann.post_form(DATA, &[]).await.json();
    assert_eq!(data["tables"]["birthdays"][0]["columns"]["name"], "Grace Hopper");
    assert!(data.get("passkeys").is_none(), "{data}");
}

#[tokio::test]
async fn account_deletion_requires_a_session_and_its_pages() {
    let app = App::start().await;
    let stranger = app.browser();
    let answer = stranger.post_form(DATA, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount%2Fdata"));
    assert_eq!(stranger.call("/actions/delete_account", &[]).await.status, 401);
    let app = App::start_with_paths(Paths { leaving: None, ..SITE.paths }).await;
    let ann = app.browser_of("Ann").await;
    assert_eq!(ann.call("/actions/delete_account", &[]).await.status, 501);
    assert!(!ann.post_form(DATA, &[]).await.body.contains("ann@example.com"));
}

#[tokio::test]
async fn account_is_deleted_with_the_rows_of_all_tables() {
    let app = App::start_with_tables(TWO, Profile::Two, &[]).await;
    let (ann, _) = ann_with_rows(&app).await;
    let elsewhere = app.browser();
    elsewhere.post_form("/actions/sign_in", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;

    let page = ann.open(DELETE).await;
    assert!(page.main().contains("ann@example.com") && page.main().contains("You can't undo this."), "{}", page.main());
    let answer = delete(&ann, " Ann@example.com", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/goodbye"), "{}", answer.body);
    assert_eq!(ann.cookie("session"), None);
    let page = ann.open("/goodbye").await;
    assert!(page.status == 200 && page.main().contains("Goodbye"), "{}", page.body);

    assert_eq!(names_of_users(&app).await, ["Ben"]);
    for (table, left) in [("birthdays", 1), ("notes", 0)] {
        let path = format!("/tablesdb/main/tables/{table}/rows");
        let rows = app.ask_backend(Method::GET, &path, None, Value::Null).await;
        assert_eq!(rows["total"], left, "{table}: {rows}");
    }
    assert_eq!(elsewhere.open("/account").await.status, 303);
    let again = app.browser().call("/actions/sign_in", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 401);
}

#[tokio::test]
async fn account_deletion_requires_the_right_address_and_password() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    add_birthday(&ann, "Grace Hopper", "only-me").await;
    for (address, password, field, sentence) in [
        ("", PASSWORD, "address", "Your email is required."),
        ("ben@example.com", PASSWORD, "address", "That&#x27;s not the email or phone number of this account."),
        ("ann@example.com", "", "password", "Password is required."),
        ("ann@example.com", "Wrong-horse-1", "password", "That&#x27;s not your password."),
        ("ann@example.com", "short", "password", "That&#x27;s not your password."),
    ] {
        let answer = delete(&ann, address, password).await;
        assert_eq!((answer.status, answer.location()), (303, DELETE));
        let page = ann.open(DELETE).await;
        assert_eq!(page.status, 422, "{address} {password}");
        assert!(page.field(field).contains("aria-invalid=\"true\""), "{}", page.main());
        let sentence = sentence.replace("&#x27;", "'");
        assert!(page.main().replace("&#x27;", "'").contains(&sentence), "{sentence}: {}", page.main());
    }
    let other = app.browser_of("Ben").await;
    let former = id_of(&other).await;
    let fields = [("account", former.as_str()), ("address", "ann@example.com"), ("password", PASSWORD)];
    assert_eq!(ann.call("/actions/delete_account", &fields).await.status, 409, "the form of another user");
    assert!(ann.open("/birthdays").await.body.contains("Grace Hopper"));
    let sessions = ann.call("/actions/list_devices", &[]).await.json();
    assert_eq!(sessions.as_array().map(Vec::len), Some(1), "no session is left from proving the password");
}

#[tokio::test]
async fn account_without_a_password_is_deleted_after_a_code() {
    let app = App::start().await;
    let ann = app.browser();
    let fields = [("proof", "email_code"), ("address", "ann@example.com"), ("page", "/login/code")];
    ann.post_form("/actions/ask_for_proof", &fields).await;
    let code = app.message_to("ann@example.com").await.code();
    assert_eq!(ann.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await.status, 303);

    let answer = delete(&ann, "ann@example.com", "").await;
    let verify = "/account/security/verify?next=%2Faccount%2Fdelete";
    assert_eq!((answer.status, answer.location()), (303, verify));
    assert_eq!(ann.open(verify).await.status, 200);
    let next = [("factor", "email"), ("next", DELETE), ("page", verify)];
    ann.post_form("/actions/ask_to_verify", &next).await;
    let code = app.message_to("ann@example.com").await.code();
    let answer = ann.post_form("/actions/verify_again", &[&next[..], &[("code", &code)]].concat()).await;
    assert_eq!((answer.status, answer.location()), (303, DELETE), "{}", answer.body);
    let answer = delete(&ann, "ann@example.com", "").await;
    assert_eq!((answer.status, answer.location()), (303, "/goodbye"));
    assert!(names_of_users(&app).await.is_empty());
}

#[tokio::test]
async fn guest_is_deleted_without_an_address() {
    let app = App::start().await;
    let guest = app.browser();
    guest.post_form("/actions/continue_as_guest", &[]).await;
    add_birthday(&guest, "Grace Hopper", "everyone").await;
    let page = guest.open(DELETE).await;
    assert!(!page.main().contains("To confirm, type"), "{}", page.main());
    assert_eq!(delete(&guest, "", "").await.location(), "/goodbye");
    assert!(!app.browser().open("/birthdays").await.body.contains("Grace Hopper"));
}

#[tokio::test]
async fn account_deletion_requires_the_key_scope() {
    let key = |settings: &mut local_appwrite::Settings| {
        settings.api_keys = vec!["narrow=sessions.write".parse().expect("a key")];
    };
    let app = App::start_in_front_of_local(&[], key).await;
    let ann = app.browser_of("Ann").await;
    add_birthday(&ann, "Grace Hopper", "only-me").await;
    assert_eq!(delete(&ann, "ann@example.com", PASSWORD).await.location(), DELETE);
    let page = ann.open(DELETE).await;
    assert!(page.status == 500 && page.main().contains("Contact its owner."), "{}", page.body);
    assert!(ann.open("/birthdays").await.body.contains("Grace Hopper"));
}

/// Adds as many rows as Appwrite lets a user delete in a minute, and five more.
async fn add_many(app: &App, browser: &Browser) {
    let session = browser.cookie("session").expect("a session");
    for at in 0..65 {
        let data = json!({ "name": format!("Grace {at}"), "birthday": "1906-12-09T00:00:00.000+00:00" });
        let row = json!({ "rowId": format!("r{at}"), "data": data });
        app.ask_backend(Method::POST, "/tablesdb/main/tables/birthdays/rows", Some(&session), row).await;
    }
}

#[tokio::test]
async fn interrupted_deletion_reports_the_rest_and_can_resume() {
    let clock = Clock::manual(Timestamp::now());
    let key = |settings: &mut local_appwrite::Settings| {
        settings.api_keys = vec!["narrow=sessions.write,users.write".parse().expect("a key")];
    };
    let app = App::start_at(clock.clone(), &[], key).await;
    let ann = app.browser_of("Ann").await;
    add_many(&app, &ann).await;
    assert_eq!(delete(&ann, "ann@example.com", PASSWORD).await.location(), DELETE);
    let page = ann.open(DELETE).await;
    let left = "5 entries and your account remain. Try again in a minute.";
    assert!(page.status == 503 && page.main().contains(left), "{}", page.body);
    assert!(page.field("address").contains("value=\"ann@example.com\""), "{}", page.main());
    clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(delete(&ann, "ann@example.com", PASSWORD).await.location(), "/goodbye");
    let again = app.browser().call("/actions/sign_in", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 401);
}

#[tokio::test]
async fn key_that_writes_rows_deletes_many_at_once() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    add_many(&app, &ann).await;
    assert_eq!(delete(&ann, "ann@example.com", PASSWORD).await.location(), "/goodbye");
    let rows = app.ask_backend(Method::GET, "/tablesdb/main/tables/birthdays/rows", None, Value::Null).await;
    assert_eq!(rows["total"], 0);
}

#[tokio::test]
async fn account_that_survived_is_deleted_on_retry() {
    let tries = Arc::new(AtomicUsize::new(0));
    let delete_user = move || async move {
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => refusal(500, "general_unknown"),
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    };
    let routes = Router::new()
        .route("/account", get(|| async { Json(json!({ "$id": "kay" })) }))
        .route("/account/mfa/factors", get(|| async { Json(json!({ "totp": false })) }))
        .route("/tablesdb/main/tables/birthdays/rows", get(|| async { Json(json!({ "total": 0, "rows": [] })) }))
        .route("/users/identities/{id}", routing::delete(|| async { refusal(404, "user_identity_not_found") }))
        .route("/users/kay", routing::delete(delete_user));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let kay = app.browser();
    kay.plant("session", "a-secret");
    let fields = [("account", "kay"), ("page", DELETE)];
    assert_eq!(kay.post_form("/actions/delete_account", &fields).await.location(), DELETE);
    let page = kay.open(DELETE).await;
    let left = "We deleted your entries, but not your account.";
    assert!(page.status == 503 && page.main().replace("&#x27;", "'").contains(left), "{}", page.body);
    assert_eq!(kay.post_form("/actions/delete_account", &fields).await.location(), "/goodbye");
    assert_eq!(kay.cookie("session"), None);
}

#[tokio::test]
async fn data_export_is_refused_for_others_and_rate_limited() {
    let app = App::start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let answer = ann.post_form(DATA, &[("account", &id_of(&ben).await)]).await;
    assert_eq!((answer.status, answer.location()), (303, DATA));
    assert!(ann.open(DATA).await.body.contains("signed in with a different account"));
    let own = id_of(&ann).await;
    for _ in 0..5 {
        assert_eq!(ann.post_form(DATA, &[("account", &own)]).await.status, 200);
    }
    assert_eq!(ann.post_form(DATA, &[("account", &own)]).await.location(), DATA);
    assert_eq!(ann.open(DATA).await.status, 429);
    assert_eq!(ben.post_form(DATA, &[]).await.status, 200);
}

#[tokio::test]
async fn account_is_deleted_with_a_session_limit_of_one() {
    let limit = "session-limit=1".parse().expect("a policy");
    let app = App::start_in_front_of_local(&[], |settings| settings.policies.adopt(limit)).await;
    let ann = app.browser_of("Ann").await;
    add_birthday(&ann, "Grace Hopper", "only-me").await;
    assert_eq!(delete(&ann, "ann@example.com", "Wrong-horse-1").await.location(), DELETE);
    assert_eq!(ann.open("/api/user").await.status, 200, "a wrong password ends no session");
    let answer = delete(&ann, "ann@example.com", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/goodbye"), "{}", answer.body);
    assert!(names_of_users(&app).await.is_empty());
    let rows = app.ask_backend(Method::GET, "/tablesdb/main/tables/birthdays/rows", None, Value::Null).await;
    assert_eq!(rows["total"], 0);
}

#[tokio::test]
async fn account_without_password_and_factor_needs_a_recent_sign_in() {
    let clock = Clock::manual(Timestamp::now() - SignedDuration::from_mins(11));
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    let ann = app.browser();
    let sign_in = async || {
        let page = start(&ann, "/account").await;
        let unproven = Decision::Allow { email: "ann@example.com", is_verified: false };
        open_own(&ann, &path_of(&decide(&page, unproven).await)).await
    };
    sign_in().await;
    let answer = delete(&ann, "ann@example.com", "").await;
    assert_eq!((answer.status, answer.location()), (303, "/account/verify?next=%2Faccount%2Fdelete"));
    assert!(ann.open(answer.location()).await.main().contains("Sign out"));
    clock.advance(std::time::Duration::from_secs(11 * 60));
    sign_in().await;
    assert_eq!(delete(&ann, "ann@example.com", "").await.location(), "/goodbye");
    assert!(names_of_users(&app).await.is_empty());
}

/// An Appwrite that accepts this password, and whose project no longer allows the account's address.
async fn appwrite_with_policy(refused_as: &'static str) -> String {
    let email = move |Json(body): Json<Value>| async move {
        match body["password"] == PASSWORD {
            true => refusal(400, refused_as),
            false => refusal(401, "user_invalid_credentials"),
        }
    };
    let account =
        json!({ "$id": "kay", "email": "kay@example.com", "passwordUpdate": "2026-01-01T00:00:00.000+00:00" });
    let routes = Router::new()
        .route("/account", get(|| async { Json(account) }))
        .route("/account/email", routing::patch(email))
        .route("/tablesdb/main/tables/birthdays/rows", get(|| async { Json(json!({ "total": 0, "rows": [] })) }))
        .route("/users/identities/{id}", routing::delete(|| async { refusal(404, "user_identity_not_found") }))
        .route(
            "/users/kay",
            get(|| async { Json(json!({ "password": "a-hash" })) }).delete(|| async { StatusCode::NO_CONTENT }),
        );
    appwrite_with(routes).await
}

#[tokio::test]
async fn account_with_a_disallowed_address_is_deleted_by_password() {
    for refused_as in [
        "user_email_disposable",
        "user_email_free",
        "user_email_not_canonical",
        "user_email_not_corporate",
        "general_invalid_email",
        "password_personal_data",
    ] {
        let app = App::start_in_front_of(&appwrite_with_policy(refused_as).await).await;
        let kay = app.browser();
        kay.plant("session", "a-secret");
        let delete = async |password: &str| {
            let fields = [("account", "kay"), ("address", "kay@example.com"), ("password", password), ("page", DELETE)];
            kay.post_form("/actions/delete_account", &fields).await.location().to_owned()
        };
        assert_eq!(delete("Wrong-horse-1").await, DELETE, "{refused_as}");
        let page = kay.open(DELETE).await;
        assert!(page.field("password").contains("aria-invalid=\"true\""), "{refused_as}: {}", page.main());
        assert_eq!(delete(PASSWORD).await, "/goodbye", "{refused_as}: {}", kay.open(DELETE).await.main());
    }
}
