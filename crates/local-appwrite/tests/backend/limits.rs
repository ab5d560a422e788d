//! Rate limits: their keys, their headers, and their reset.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::Clock;
use reqwest::Method;
use serde_json::json;

use crate::client::{As, Backend, PASSWORD, answer};

/// A clock that stands still, so that no window ends during a test.
fn clock() -> Clock {
    Clock::manual("2026-11-21T06:49:17Z".parse::<Timestamp>().expect("a timestamp"))
}

fn wrong() -> serde_json::Value {
    json!({"email": "ann@example.com", "password": "wrong-password"})
}

#[tokio::test]
async fn eleventh_guess_is_refused_until_the_next_hour() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |_| {}).await;
    backend.sign_up("Ann").await;
    for left in (0..10).rev() {
        let guess = backend.post(As::Guest, "/account/sessions/email", wrong()).await;
        assert_eq!(guess.status, 401);
        assert_eq!(guess.header("x-ratelimit-remaining"), left.to_string());
        assert_eq!(guess.header("x-ratelimit-reset"), "1795244400");
    }
    let refused = backend.post(As::Guest, "/account/sessions/email", wrong()).await;
    assert_eq!(refused.error(), (429, "general_rate_limit_exceeded".to_owned()));
    clock.advance(Duration::from_secs(11 * 60));
    backend.post(As::Guest, "/account/sessions/email", wrong()).await.expect(401);
}

#[tokio::test]
async fn success_clears_the_count_of_guesses() {
    let backend = Backend::at(clock(), |_| {}).await;
    backend.sign_up("Ann").await;
    for _ in 0..9 {
        backend.post(As::Guest, "/account/sessions/email", wrong()).await.expect(401);
    }
    let right = json!({"email": "ann@example.com", "password": PASSWORD});
    backend.post(As::Guest, "/account/sessions/email", right).await.expect(201);
    let guess = backend.post(As::Guest, "/account/sessions/email", wrong()).await;
    assert_eq!(guess.header("x-ratelimit-remaining"), "9");
}

#[tokio::test]
async fn key_requests_are_never_rate_limited() {
    let backend = Backend::at(clock(), |_| {}).await;
    backend.sign_up("Ann").await;
    for _ in 0..12 {
        let guess = backend.post(As::Key, "/account/sessions/email", wrong()).await;
        assert_eq!((guess.status.as_u16(), guess.header("x-ratelimit-remaining").as_str()), (401, "9"));
    }
}

#[tokio::test]
async fn addresses_behind_a_proxy_are_counted_separately() {
    let backend = Backend::at(clock(), |_| {}).await;
    for (address, left) in [("203.0.113.1", "49"), ("203.0.113.1", "48"), ("203.0.113.2", "49")] {
        let guest = backend
            .request(As::Guest, Method::POST, "/account/sessions/anonymous")
            .header("x-forwarded-for", format!("{address}, 10.0.0.1"));
        assert_eq!(answer(guest).await.header("x-ratelimit-remaining"), left);
    }
}
