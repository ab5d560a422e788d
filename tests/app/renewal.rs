//! Sessions that are extended while they are used, and ended when they are not.

use std::time::Duration;

use axum::routing::get;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use local_appwrite::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const DAY: Duration = Duration::from_secs(86_400);

/// The number of days until the session expires that this response sets; none if it sets none.
fn days_left(answer: &crate::browser::Answer) -> Option<i64> {
    let expires = answer.set_cookie("session")?.expires_datetime().expect("an expiry").unix_timestamp();
    Some((expires - Timestamp::now().as_second() + 43_200) / 86_400)
}

#[tokio::test]
async fn session_in_its_last_third_is_extended_once() {
    let clock = Clock::manual(Timestamp::now() - SignedDuration::from_hours(270 * 24));
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    let ann = app.browser_of("Ann").await;
    clock.advance(270 * DAY);
    let before = ann.cookie("session").expect("a session");
    let page = ann.open("/account").await;
    assert_eq!((page.status, days_left(&page)), (200, Some(365)));
    assert!(page.set_cookie("signed-in").expect("the marker").expires_datetime().is_some());
    assert_eq!(ann.cookie("session"), Some(before.clone()), "the secret stays");
    let known = app.ask_backend(Method::GET, "/account/sessions/current", Some(&before), Value::Null).await;
    let expires: Timestamp = known["expire"].as_str().expect("an expiry").parse().expect("a time");
    assert!(expires > Timestamp::now() + SignedDuration::from_hours(364 * 24), "{expires}");
    let again = ann.open("/account").await;
    assert_eq!((again.status, days_left(&again)), (200, None));
}

#[tokio::test]
async fn session_before_its_last_third_is_not_extended() {
    let clock = Clock::manual(Timestamp::now() - SignedDuration::from_hours(200 * 24));
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    let ann = app.browser_of("Ann").await;
    clock.advance(200 * DAY);
    let page = ann.open("/account").await;
    assert_eq!((page.status, days_left(&page)), (200, None));
}

#[tokio::test]
async fn session_that_cannot_be_extended_stays() {
    let soon = (Timestamp::now() + SignedDuration::from_hours(24)).to_string();
    let session = json!({ "$id": "s", "$createdAt": "2026-01-01T00:00:00.000+00:00", "userId": "kay", "expire": soon });
    let account = json!({ "$id": "kay", "name": "Kay", "email": "kay@example.com", "emailVerification": true });
    let current = get(move || async { Json(session) }).patch(|| async { refusal(429, "general_rate_limit_exceeded") });
    let routes = Router::new()
        .route("/account", get(move || async { Json(account) }))
        .route("/account/sessions/current", current);
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    browser.plant("session", "a2F5");
    browser.plant("signed-in", "1");
    let page = browser.open("/account").await;
    assert_eq!((page.status, days_left(&page)), (200, None));
    assert!(browser.cookie("session").is_some());
}

#[tokio::test]
async fn idle_session_is_deleted_at_appwrite() {
    let app = App::start_with(&[("SESSION_IDLE_LIMIT", "30m")]).await;
    let ann = app.browser_of("Ann").await;
    let secret = ann.cookie("session").expect("a session");
    let page = ann.open("/account").await;
    let used = page.set_cookie("used").expect("the mark of the use");
    assert_eq!((used.http_only(), used.max_age().map(|age| age.whole_minutes())), (Some(true), Some(30)));
    assert_eq!(ann.open("/account").await.status, 200);
    // A real browser would drop the cookie after the limit.
    ann.lose("used");
    let answer = ann.open("/account").await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"));
    assert_eq!(ann.cookie("session"), None);
    ann.plant("session", &secret);
    assert_eq!(ann.call("/actions/current_person", &[]).await.status, 401, "the session has ended");
}

#[tokio::test]
async fn stolen_session_cookie_without_idle_cookie_is_refused() {
    let app = App::start_with(&[("SESSION_IDLE_LIMIT", "30m")]).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let thief = app.browser();
    thief.plant("session", &ann.cookie("session").expect("a session"));
    thief.plant("used", &ben.cookie("used").expect("a mark"));
    assert_eq!(thief.call("/actions/current_person", &[]).await.status, 401);
    assert_eq!(ben.open("/account").await.status, 200);
}

#[tokio::test]
async fn background_requests_of_a_page_do_not_count_as_use() {
    let app = App::start_with(&[("SESSION_IDLE_LIMIT", "30m")]).await;
    let ann = app.browser_of("Ann").await;
    assert!(ann.call("/actions/current_person", &[]).await.set_cookie("used").is_some());
    for action in ["realtime_ticket", "session_owner", "people_present"] {
        let answer = ann.call(&format!("/actions/{action}"), &[("page", "/birthdays")]).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        assert!(answer.set_cookie("used").is_none(), "{action}");
    }
    assert!(ann.post_form("/actions/sign_out", &[]).await.status == 303 && ann.cookie("used").is_none());
}
