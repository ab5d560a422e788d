//! Expiry of sessions, tokens and other objects, with a clock that the test moves.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use serde_json::json;

use crate::client::{As, Backend, link_in, parameter};

fn clock() -> Clock {
    Clock::manual("2026-11-21T06:49:17Z".parse::<Timestamp>().expect("a timestamp"))
}

#[tokio::test]
async fn expired_session_ends_together_with_its_jwt() {
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
async fn jwt_outlives_its_session_before_1_9_7() {
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
async fn extending_a_session_restarts_its_lifetime() {
    let clock = clock();
    let backend = Backend::at(clock.clone(), |settings| settings.session_duration = Duration::from_secs(100)).await;
    let ann = backend.sign_up("Ann").await;
    clock.advance(Duration::from_secs(60));
    backend.patch(As::Session(&ann.secret), "/account/sessions/current", json!({})).await.expect(200);
    clock.advance(Duration::from_secs(60));
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);
}

#[tokio::test]
async fn jwt_lifetime_is_chosen_except_on_1_5() {
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
async fn magic_link_works_once_within_an_hour() {
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
