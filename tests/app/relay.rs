//! The relay, and Realtime over each transport with each version of Appwrite.

use std::time::Duration;

use appwrite_realtime::connection::CLOSED_AS_SIGNED_OUT;
use appwrite_realtime::handshake::{Ticket, Transport};
use appwrite_realtime::protocol::{Channel, ServerFrame, SessionEffect};
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::logs;
use crate::network::Network;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

const PROFILES: [Profile; 3] = [Profile::Two, Profile::OneNine, Profile::OneFive];

async fn relayed(profile: Profile) -> App {
    App::start_with_profile(profile, &[("REALTIME", "relay")]).await
}

async fn live(app: &App, browser: &Browser) -> (Socket, Ticket) {
    let ticket = ticket(browser).await;
    let mut socket = Socket::open(app, browser, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
    (socket, ticket)
}

async fn add_birthday(browser: &Browser, name: &str) {
    let fields = [("name", name), ("date", "2001-02-03"), ("visibility", "signed-in")];
    let answer = browser.call("/actions/add_birthday", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Deletes the session at Appwrite; the browser keeps its cookie.
async fn end_session(app: &App, browser: &Browser) {
    let secret = browser.cookie("session").expect("a session");
    app.ask_backend(Method::DELETE, "/account/sessions/current", Some(&secret), Value::Null).await;
}

#[tokio::test]
async fn jwt_support_of_the_server_decides_the_transport() {
    for (profile, is_direct) in
        [(Profile::Two, true), (Profile::OneNineNext, true), (Profile::OneNine, false), (Profile::OneFive, false)]
    {
        let app = App::start_with_profile(profile, &[]).await;
        let browser = app.browser_of("Ann").await;
        let (_, ticket) = live(&app, &browser).await;
        assert_eq!(matches!(ticket.transport, Transport::Direct { .. }), is_direct, "{profile:?}");
    }
}

#[tokio::test]
async fn relay_connects_the_cookie_user_on_every_version() {
    for profile in PROFILES {
        let app = relayed(profile).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        let (mut socket, ticket_of_ann) = live(&app, &ann).await;
        assert_eq!(ticket_of_ann.transport, Transport::Relay { path: "/realtime".into() });
        add_birthday(&ben, "Shared").await;
        let event = socket.next_event().await;
        assert!(Channel::rows("main", "birthdays").carries(&event), "{profile:?}");
        assert_eq!(event.payload()["name"], "Shared");

        // Another user has signed in since the page was opened, so the ticket has another user id.
        let ticket_of_ben = ticket(&ben).await;
        assert_ne!(ticket_of_ben.user_id, ticket_of_ann.user_id);
        let mut socket = Socket::open(&app, &ben, &ticket_of_ann).await;
        assert_eq!(socket.connected_user().await, Some(ticket_of_ben.user_id), "{profile:?}");
    }
}

#[tokio::test]
async fn relay_requires_own_origin_and_valid_session() {
    for profile in PROFILES {
        let app = relayed(profile).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        for origin in [None, Some("null"), Some("https://evil.example"), Some("http://127.0.0.1")] {
            let refused = Socket::open_from(&app, origin, &browser, &ticket).await.err();
            assert_eq!(refused, Some(403), "{profile:?} {origin:?}");
        }
        let own = Some(app.origin.as_str());
        let stranger = app.browser();
        assert_eq!(Socket::open_from(&app, own, &stranger, &ticket).await.err(), Some(401), "{profile:?}");
        let secret = browser.cookie("session").expect("a session");
        stranger.plant("session", &format!("{secret}; session={secret}"));
        assert_eq!(Socket::open_from(&app, own, &stranger, &ticket).await.err(), Some(401), "{profile:?}: two");
        stranger.plant("session", "bm9ib2R5");
        assert_eq!(Socket::open_from(&app, own, &stranger, &ticket).await.err(), Some(401), "{profile:?}: garbage");
        end_session(&app, &browser).await;
        assert_eq!(Socket::open_from(&app, own, &browser, &ticket).await.err(), Some(401), "{profile:?}: ended");
    }
}

#[tokio::test]
async fn direct_connection_authenticates_on_2_only() {
    for profile in PROFILES {
        let app = App::start_with_profile(profile, &[("REALTIME", "direct")]).await;
        let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
        let ticket_of_ann = ticket(&ann).await;
        let known = |ticket: &Ticket| (profile == Profile::Two).then(|| ticket.user_id.clone());
        // The JWT decides who connects, not the cookie.
        let mut socket = Socket::open(&app, &ben, &ticket_of_ann).await;
        assert_eq!(socket.connected_user().await, known(&ticket_of_ann), "{profile:?}");

        assert_eq!(app.browser().call("/actions/realtime_ticket", &[]).await.status, 401);
        let foreign = Some("https://evil.example");
        let mut socket = Socket::open_from(&app, foreign, &ann, &ticket_of_ann).await.expect("a socket");
        assert!(matches!(socket.next().await, ServerFrame::Error(error) if error.code == 1008), "{profile:?}");

        end_session(&app, &ann).await;
        let mut socket = Socket::open(&app, &ann, &ticket_of_ann).await;
        assert_eq!(socket.connected_user().await, None, "{profile:?}");
    }
}

#[tokio::test]
async fn relay_is_off_with_direct_transport() {
    let app = App::start_with(&[("REALTIME", "direct")]).await;
    let browser = app.browser_of("Ann").await;
    let relay = Ticket { transport: Transport::Relay { path: "/realtime".into() }, ..ticket(&browser).await };
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &browser, &relay).await.err(), Some(404));
    let plain = browser.send(browser.request(Method::GET, "/realtime").header("origin", &app.origin)).await;
    assert_eq!(plain.status, 404);
}

#[tokio::test]
async fn secrets_of_other_sessions_are_removed_from_events() {
    for profile in PROFILES {
        let app = relayed(profile).await;
        let browser = app.browser_of("Ann").await;
        let (mut socket, _) = live(&app, &browser).await;
        let elsewhere = app.browser();
        let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
        assert_eq!(elsewhere.post_form("/actions/sign_in", &fields).await.status, 303);
        let secret = elsewhere.cookie("session").expect("a session");
        let text = socket.next_text().await;
        assert!(!text.contains(&secret), "{text}");
        let ServerFrame::Event(event) = ServerFrame::parse(&text).expect("a frame") else { panic!("no event: {text}") };
        assert!(event.name().ends_with(".create") && event.name().contains(".sessions."), "{}", event.name());
        assert_eq!(event.payload()["secret"], "", "{profile:?}");
    }
}

#[tokio::test]
async fn relay_closes_only_when_its_own_session_is_deleted() {
    let app = relayed(Profile::OneNine).await;
    let (here, elsewhere) = (app.browser_of("Ann").await, app.browser());
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(elsewhere.post_form("/actions/sign_in", &fields).await.status, 303);
    let (mut socket, ticket) = live(&app, &here).await;
    let effect = |event: &appwrite_realtime::protocol::Event| {
        event.session_effect(&ticket.user_id, ticket.session_id.as_deref())
    };
    end_session(&app, &elsewhere).await;
    assert_eq!(effect(&socket.next_event().await), Some(SessionEffect::InDoubt));
    socket.say(r#"{"type":"ping"}"#).await;
    assert_eq!(socket.next().await, ServerFrame::Pong);
    end_session(&app, &here).await;
    assert_eq!(effect(&socket.next_event().await), Some(SessionEffect::SessionDeleted));
    assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT);
}

#[tokio::test]
async fn browser_cannot_end_the_session_subscription_of_the_relay() {
    for profile in [Profile::Two, Profile::OneNine] {
        for replaced in [false, true] {
            let app = relayed(profile).await;
            let browser = app.browser_of("Ann").await;
            let mut socket = Socket::open(&app, &browser, &ticket(&browser).await).await;
            let connected: Value = serde_json::from_str(&socket.next_text().await).expect("JSON");
            let named = connected["data"]["subscriptions"].clone();
            let ids = match &named {
                Value::Object(ids) => ids.values().cloned().collect(),
                Value::Array(ids) => ids.clone(),
                _ => Vec::new(),
            };
            let rows = "tablesdb.main.tables.birthdays.rows";
            let entry = |id| match replaced {
                true => json!({"subscriptionId": id, "channels": [rows]}),
                false => json!({"subscriptionId": id}),
            };
            let kind = if replaced { "subscribe" } else { "unsubscribe" };
            let entries: Vec<_> = ids.into_iter().map(entry).collect();
            if !entries.is_empty() {
                socket.say(&json!({"type": kind, "data": entries}).to_string()).await;
            }
            socket.say(r#"{"type":"ping"}"#).await;
            while socket.next().await != ServerFrame::Pong {}
            end_session(&app, &browser).await;
            assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT, "{profile:?}");
            assert_eq!(named, json!([]), "{profile:?}");
        }
    }
}

#[tokio::test]
async fn unrelayed_channel_is_refused_with_its_name() {
    let misspelled = Channel::rows("main", "birthday");
    for profile in PROFILES {
        let app = relayed(profile).await;
        let browser = app.browser_of("Ann").await;
        let ticket = ticket(&browser).await;
        let origin = [("origin", Some(app.origin.as_str()))];
        let channels = [Channel::Account, Channel::rows("main", "birthdays"), misspelled.clone()];
        let mut socket = Socket::open_with(&app, &browser, &ticket, &channels, &origin).await.expect("a socket");
        let name = misspelled.name(ticket.row_naming);
        let ServerFrame::Error(error) = socket.next().await else { panic!("{profile:?}: no error") };
        assert_eq!((error.code, error.message), (1008, format!("channel_not_relayed: {name}")), "{profile:?}");
        assert_eq!(socket.close_code().await, 1008, "{profile:?}");

        let (mut socket, _) = live(&app, &browser).await;
        let subscribe = json!({"type": "subscribe", "data": [{"subscriptionId": "added", "channels": [name]}]});
        socket.say(&subscribe.to_string()).await;
        let ServerFrame::Error(error) = socket.next().await else { panic!("{profile:?}: no error") };
        assert_eq!((error.code, error.message), (1003, format!("channel_not_relayed: {name}")), "{profile:?}");
        add_birthday(&app.browser_of("Ben").await, "Shared").await;
        assert_eq!(socket.next_event().await.payload()["name"], "Shared", "{profile:?}: the others are still relayed");
    }
}

#[tokio::test]
async fn relay_closes_when_session_ends_without_an_event() {
    for profile in PROFILES {
        let network = Network::start().await;
        let app = App::start_checking_sessions(&network, profile, Duration::from_millis(200)).await;
        let browser = app.browser_of("Ann").await;
        let (mut socket, _) = live(&app, &browser).await;
        network.mute_realtime();
        end_session(&app, &browser).await;
        assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT, "{profile:?}");
    }
}

#[tokio::test]
async fn relay_closes_when_session_limit_ends_session() {
    let limit = "session-limit=1".parse().expect("a policy");
    let change = |settings: &mut local_appwrite::Settings| settings.policies.adopt(limit);
    let app = App::start_in_front_of_local(&[("REALTIME", "relay")], change).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, _) = live(&app, &browser).await;
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(app.browser().post_form("/actions/sign_in", &fields).await.status, 303);
    assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT);
}

#[tokio::test]
async fn outage_during_session_check_keeps_relayed_connection() {
    let network = Network::start().await;
    let app = App::start_checking_sessions(&network, Profile::Two, Duration::from_millis(50)).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, _) = live(&app, &browser).await;
    network.refuse_requests();
    let refused = network.refused_requests();
    while network.refused_requests() < refused + 3 {
        tokio::task::yield_now().await;
    }
    socket.say(r#"{"type":"ping"}"#).await;
    assert_eq!(socket.next().await, ServerFrame::Pong);
}

#[tokio::test]
async fn new_session_elsewhere_makes_relay_check_its_own() {
    let network = Network::start().await;
    let app = App::start_over(&network, Profile::OneNine, Clock::system(), &[("REALTIME", "relay")]).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, _) = live(&app, &browser).await;
    network.refuse_requests();
    let body = json!({"email": "ann@example.com", "password": "Correct-horse-1"});
    app.ask_backend(Method::POST, "/account/sessions/email", None, body).await;
    assert!(socket.next_event().await.name().ends_with(".create"));
    while network.refused_requests() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn relay_closes_when_account_is_blocked() {
    let app = relayed(Profile::OneNine).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, ticket) = live(&app, &browser).await;
    let status = format!("/users/{}/status", ticket.user_id);
    app.ask_backend(Method::PATCH, &status, None, json!({"status": false})).await;
    assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT);
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &browser, &ticket).await.err(), Some(403));
}

#[tokio::test]
async fn relay_closes_when_session_expires() {
    let lifetime = Duration::from_secs(10);
    let app = App::start_with_sessions_of(lifetime, &[("REALTIME", "relay")]).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, _) = live(&app, &browser).await;
    assert_eq!(socket.close_code().await, CLOSED_AS_SIGNED_OUT);
}

#[tokio::test]
async fn relay_does_not_forward_authentication() {
    let app = relayed(Profile::OneNine).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let (mut socket, _) = live(&app, &ann).await;
    let session = ben.cookie("session").expect("a session");
    socket.say(&json!({"type": "authentication", "data": {"session": session}}).to_string()).await;
    socket.say(r#"{"type":"ping"}"#).await;
    assert_eq!(socket.next().await, ServerFrame::Pong, "the frame before was not passed on");
}

#[tokio::test]
async fn stopping_server_closes_with_1001_and_refuses_new_connections() {
    let app = relayed(Profile::Two).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, ticket) = live(&app, &browser).await;
    app.relay.close();
    assert_eq!(socket.close_code().await, 1001);
    drop(socket);
    tokio::time::timeout(Duration::from_secs(10), app.relay.closed()).await.expect("all connections closed");
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &browser, &ticket).await.err(), Some(503));
}

#[tokio::test]
async fn stopped_backend_ends_the_connection() {
    let mut app = relayed(Profile::Two).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, ticket) = live(&app, &browser).await;
    app.stop_backend().await;
    assert_eq!(socket.close_code().await, 1001);
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &browser, &ticket).await.err(), Some(503));
}

#[tokio::test]
async fn relayed_connections_are_limited_per_user() {
    let app = relayed(Profile::Two).await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let ticket = ticket(&ann).await;
    let mut sockets = Vec::new();
    for _ in 0..32 {
        sockets.push(Socket::open(&app, &ann, &ticket).await);
    }
    assert_eq!(Socket::open_from(&app, Some(&app.origin), &ann, &ticket).await.err(), Some(429));
    Socket::open(&app, &ben, &ticket).await;
}

#[tokio::test]
async fn log_contains_no_token_of_relayed_connections() {
    let app = relayed(Profile::OneNine).await;
    let browser = app.browser_of("Ann").await;
    let (mut socket, _) = live(&app, &browser).await;
    let elsewhere = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(elsewhere.post_form("/actions/sign_in", &fields).await.status, 303);
    socket.next_event().await;
    let logs = logs::so_far();
    assert!(logs.contains("/realtime"), "the log was kept");
    for browser in [&browser, &elsewhere] {
        let secret = browser.cookie("session").expect("a session");
        assert!(!logs.contains(&secret[secret.len() / 2..]), "a session's secret is in the log");
    }
    // The claims of every JWT start like this.
    assert!(!logs.contains(".eyJ"), "a JWT is in the log");
}

#[tokio::test]
async fn refused_handshakes_include_the_request_id() {
    async fn refused(app: &App, browser: &Browser) {
        let request = browser.request(Method::GET, "/realtime").header("origin", &app.origin);
        let request = request.header("connection", "upgrade").header("upgrade", "websocket");
        let request = request.header("sec-websocket-version", "13");
        let answer = browser.send(request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["requestId"], answer.header("x-request-id"), "{}", answer.body);
    }
    let full = App::start_with_profile(Profile::OneNine, &[("REALTIME", "relay"), ("REALTIME_TOTAL", "1")]).await;
    let browser = full.browser_of("Ann").await;
    let _socket = live(&full, &browser).await;
    refused(&full, &browser).await;

    let mut without_appwrite = relayed(Profile::OneNine).await;
    let browser = without_appwrite.browser_of("Ann").await;
    without_appwrite.stop_backend().await;
    refused(&without_appwrite, &browser).await;

    let stopping = relayed(Profile::OneNine).await;
    stopping.relay.close();
    refused(&stopping, &stopping.browser()).await;
}
