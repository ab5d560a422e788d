//! Realtime tickets, and the connections they open.

use std::time::Duration;

use appwrite_realtime::handshake::Ticket;
use appwrite_realtime::protocol::{Channel, ServerFrame, SessionEffect};
use reqwest::Method;
use reqwest::header::ORIGIN;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::oauth2::sign_in_elsewhere;
use crate::running::App;
use crate::socket::Socket;

/// Requests a ticket for this browser's user.
pub async fn ticket(browser: &Browser) -> Ticket {
    let answer = browser.call("/actions/realtime_ticket", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_value(answer.json()).expect("a ticket")
}

async fn id(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn ticket_connects_the_user_who_requested_it() {
    let app = App::start().await;
    for name in ["Ann", "Ben"] {
        let browser = app.browser_of(name).await;
        let ticket = ticket(&browser).await;
        let id = id(&browser).await;
        assert_eq!(ticket.user_id, id);
        assert_eq!(Socket::open(&app, &browser, &ticket).await.connected_user().await, Some(id));
    }
}

#[tokio::test]
async fn ticket_is_short_lived_and_not_cached() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let answer = browser.call("/actions/realtime_ticket", &[]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let ticket: Ticket = serde_json::from_value(answer.json()).expect("a ticket");
    assert_eq!(ticket.lifetime, 60);
    let year = 365 * 24 * 3600;
    assert!(ticket.session_expires_in.is_some_and(|left| left > year - 60 && left <= year));
}

#[tokio::test]
async fn ticket_contains_the_session_expiry() {
    let app = App::start_with_sessions_of(Duration::from_secs(90), &[]).await;
    let browser = app.browser_of("Ann").await;
    let left = ticket(&browser).await.session_expires_in.expect("an end");
    assert!((60..=90).contains(&left), "{left} s");
}

#[tokio::test]
async fn ticket_requires_a_session_and_our_own_origin() {
    let app = App::start().await;
    for action in ["/actions/realtime_ticket", "/actions/session_owner"] {
        assert_eq!(app.browser().call(action, &[]).await.status, 401, "{action}");
        let browser = app.browser_of(&format!("Ann{}", action.len())).await;
        let request = browser.request(reqwest::Method::POST, action).form(&[("jwt_ignored", "false")]);
        let foreign = request.header(ORIGIN, "https://evil.example").header("sec-fetch-site", "cross-site");
        assert_eq!(browser.send(foreign).await.status, 403, "{action}");
    }
}

#[tokio::test]
async fn blocked_user_gets_no_ticket() {
    for transport in ["direct", "relay"] {
        let app = App::start_with(&[("REALTIME", transport)]).await;
        let browser = app.browser_of("Ann").await;
        let status = format!("/users/{}/status", ticket(&browser).await.user_id);
        app.ask_backend(Method::PATCH, &status, None, json!({"status": false})).await;
        let answer = browser.call("/actions/realtime_ticket", &[]).await;
        assert_eq!(answer.status, 403, "{transport}: {}", answer.body);
        assert!(answer.body.contains("Blocked"), "{transport}: {}", answer.body);
    }
}

#[tokio::test]
async fn row_events_reach_only_users_who_may_read_the_row() {
    let app = App::start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let mut socket = Socket::open(&app, &ben, &ticket(&ben).await).await;
    assert!(socket.connected_user().await.is_some());
    for (name, visibility) in [("Hidden", "only-me"), ("Shared", "signed-in")] {
        let fields = [("name", name), ("date", "2001-02-03"), ("visibility", visibility)];
        let answer = ann.call("/actions/add_birthday", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let event = socket.next_event().await;
    assert!(Channel::rows("main", "birthdays").carries(&event));
    assert!(event.name().ends_with(".create"), "{}", event.name());
    assert_eq!(event.payload()["name"], "Shared");
}

#[tokio::test]
async fn row_made_private_is_deleted_for_its_former_readers() {
    for transport in ["direct", "relay"] {
        let app = App::start_with(&[("REALTIME", transport)]).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        let mut socket = Socket::open(&app, &ben, &ticket(&ben).await).await;
        assert!(socket.connected_user().await.is_some());
        let secret = ann.cookie("session").expect("a session");
        let jwt = app.ask_backend(Method::POST, "/account/jwts", Some(&secret), json!({})).await;
        let jwt = jwt["jwt"].as_str().expect("a JWT").to_owned();
        for by in ["form", "api"] {
            let fields = [("name", by), ("date", "2001-02-03"), ("visibility", "signed-in")];
            assert_eq!(ann.call("/actions/add_birthday", &fields).await.status, 200);
            let event = socket.next_event().await;
            let id = event.payload()["$id"].as_str().expect("the id of a row").to_owned();
            let answer = if by == "form" {
                let fields = [("id", id.as_str()), ("name", "Mine"), ("date", "2001-02-03"), ("visibility", "only-me")];
                ann.call("/actions/update_birthday", &fields).await
            } else {
                let request = ann.request(Method::PATCH, &format!("/api/birthdays/{id}"));
                let change = json!({"name": "Mine", "visibility": "only-me"});
                ann.send(request.bearer_auth(&jwt).json(&change)).await
            };
            assert_eq!(answer.status, 200, "{transport}, {by}: {}", answer.body);
            let event = socket.next_event().await;
            assert!(event.name().ends_with(".delete"), "{}", event.name());
            assert_eq!((&event.payload()["$id"], &event.payload()["name"]), (&json!(id), &json!(by)));
            assert_eq!(answer.json()["id"].as_str().unwrap_or(&id), id, "{transport}, {by}");
        }
        // No private row was sent before this shared one.
        let fields = [("name", "Shared"), ("date", "2001-02-03"), ("visibility", "signed-in")];
        assert_eq!(ann.call("/actions/add_birthday", &fields).await.status, 200);
        assert_eq!(socket.next_event().await.payload()["name"], "Shared");
    }
}

#[tokio::test]
async fn ended_session_sends_an_event_and_gets_no_ticket() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let ticket = ticket(&browser).await;
    let owner = browser.call("/actions/session_owner", &[]).await;
    assert_eq!(owner.json(), ticket.user_id);
    let mut socket = Socket::open(&app, &browser, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
    let secret = browser.cookie("session").expect("a session");
    browser.post_form("/actions/sign_out", &[]).await;
    let standing = socket.next_event().await.session_effect(&ticket.user_id, ticket.session_id.as_deref());
    assert_eq!(standing, Some(SessionEffect::SessionDeleted));
    browser.plant("session", &secret);
    for action in ["/actions/realtime_ticket", "/actions/session_owner"] {
        assert_eq!(browser.call(action, &[]).await.status, 401, "{action}");
    }
}

#[tokio::test]
async fn secret_of_a_new_session_is_not_sent_to_pages() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let ticket = ticket(&browser).await;
    let mut socket = Socket::open(&app, &browser, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));

    let elsewhere = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(elsewhere.post_form("/actions/sign_in", &fields).await.status, 303);
    let secret = elsewhere.cookie("session").expect("a session");
    let other = app.ask_backend(Method::GET, "/account/sessions/current", Some(&secret), Value::Null).await;
    app.ask_backend(Method::PATCH, "/account/name", Some(&secret), json!({"name": "Anna"})).await;
    // The name changes after the session does, so its event arrives after any event of the session.
    loop {
        let text = socket.next_text().await;
        assert!(!text.contains(&secret), "{text}");
        let ServerFrame::Event(event) = ServerFrame::parse(&text).expect("a frame") else { panic!("no event: {text}") };
        assert!(matches!(event.payload().get("secret").and_then(Value::as_str), None | Some("")), "{text}");
        if event.payload()["name"] == "Anna" {
            assert!(Channel::Account.carries(&event));
            break;
        }
    }

    let other = format!("/account/sessions/{}", other["$id"].as_str().expect("an id"));
    app.ask_backend(Method::DELETE, &other, Some(&secret), Value::Null).await;
    let event = socket.next_event().await;
    assert!(Channel::Account.carries(&event));
    assert_eq!(event.session_effect(&ticket.user_id, ticket.session_id.as_deref()), Some(SessionEffect::InDoubt));

    let status = format!("/users/{}/status", ticket.user_id);
    app.ask_backend(Method::PATCH, &status, None, json!({"status": false})).await;
    let event = socket.next_event().await;
    assert_eq!(event.session_effect(&ticket.user_id, ticket.session_id.as_deref()), Some(SessionEffect::Blocked));
}

#[tokio::test]
async fn provider_tokens_are_not_sent_to_pages() {
    for transport in ["direct", "relay"] {
        let app = App::start_with(&[("REALTIME", transport)]).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        let mut socket = Socket::open(&app, &browser, &ticket).await;
        assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));

        sign_in_elsewhere(&app, "ann@example.com").await;
        let secret = browser.cookie("session").expect("a session");
        let ask = async |method, path: &str, body| app.ask_backend(method, path, Some(&secret), body).await;
        let sessions = ask(Method::GET, "/account/sessions", Value::Null).await;
        let sessions = sessions["sessions"].as_array().expect("sessions").clone();
        let other = sessions.iter().find(|one| one["provider"] == "mock").expect("a session by the provider");
        let tokens = ["providerAccessToken", "providerRefreshToken"].map(|name| other[name].as_str().expect(name));
        assert!(tokens.iter().all(|token| !token.is_empty()));
        let path = format!("/account/sessions/{}", other["$id"].as_str().expect("an id"));
        ask(Method::PATCH, &path, json!({})).await;
        ask(Method::DELETE, &path, Value::Null).await;
        ask(Method::PATCH, "/account/name", json!({ "name": "Anna" })).await;
        loop {
            let text = socket.next_text().await;
            assert!(!tokens.iter().any(|token| text.contains(token)), "{transport}: {text}");
            if text.contains("\"name\":\"Anna\"") {
                break;
            }
        }
    }
}
