//! What ends by itself, measured by a clock that the test moves.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use serde_json::json;

use crate::client::{As, Backend, link_in, parameter};

fn clock() -> Clock {
    Clock::manual("2026-11-21T06:49:17Z".parse::<Timestamp>().expect("a timestamp"))
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over_and_its_jwt_with_it() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |settings| settings.session_duration = Duration::from_secs(120)).await;
    let ann = backend.sign_up("Ann").await;
    clock.advance(Duration::from_secs(119));
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({"duration": 3600})).await.expect(201);
    clock.advance(Duration::from_secs(1));
    backend.get(As::Session(&ann.secret), "/account").await.expect(401);
    backend.get(As::Jwt(jwt["jwt"].as_str().expect("a JWT")), "/account").await.expect(401);
}

#[tokio::test]
async fn before_1_9_7_a_jwt_outlives_the_end_of_its_session() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |settings| {
        settings.profile = Profile::OneNine;
        settings.session_duration = Duration::from_secs(60);
    })
    .await;
    let ann = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({"duration": 3600})).await.expect(201);
    clock.advance(Duration::from_secs(61));
    backend.get(As::Jwt(jwt["jwt"].as_str().expect("a JWT")), "/account").await.expect(200);
}

#[tokio::test]
async fn extending_a_session_begins_its_time_anew() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |settings| settings.session_duration = Duration::from_secs(100)).await;
    let ann = backend.sign_up("Ann").await;
    clock.advance(Duration::from_secs(60));
    backend.patch(As::Session(&ann.secret), "/account/sessions/current", json!({})).await.expect(200);
    clock.advance(Duration::from_secs(60));
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
}

#[tokio::test]
async fn a_jwt_lives_as_long_as_was_asked_and_on_1_5_always_fifteen_minutes() {
    for (profile, path, lifetime) in [(Profile::Two, "/account/jwts", 60), (Profile::OneFive, "/account/jwt", 900)] {
        let clock = clock();
        let backend = Backend::at(clock.clone(), |settings| settings.profile = profile).await;
        let ann = backend.sign_up("Ann").await;
        let jwt = backend.post(As::Session(&ann.secret), path, json!({"duration": 60})).await.expect(201);
        let jwt = jwt["jwt"].as_str().expect("a JWT").to_owned();
        clock.advance(Duration::from_secs(lifetime));
        backend.get(As::Jwt(&jwt), "/account").await.expect(200);
        clock.advance(Duration::from_secs(1));
        assert_eq!(backend.get(As::Jwt(&jwt), "/account").await.error(), (401, "user_jwt_invalid".to_owned()));
    }
}

#[tokio::test]
async fn a_magic_link_is_good_for_an_hour_and_once() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let ask = json!({"userId": "unique()", "email": "kay@example.com", "url": "http://localhost:3000/magic"});
    for (wait, status) in [(3600, 401), (3599, 201)] {
        backend.post(As::Key, "/account/tokens/magic-url", ask.clone()).await.expect(201);
        let link = link_in(backend.message_to("kay@example.com").await["text"].as_str().expect("a text"));
        let redeem = json!({"userId": parameter(&link, "userId"), "secret": parameter(&link, "secret")});
        clock.advance(Duration::from_secs(wait));
        let first = backend.post(As::Key, "/account/sessions/token", redeem.clone()).await;
        assert_eq!(first.status.as_u16(), status, "{}", first.text);
        backend.post(As::Key, "/account/sessions/token", redeem).await.expect(401);
    }
}
