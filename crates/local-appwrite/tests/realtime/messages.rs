//! Messages from clients over an open socket.

use local_appwrite::Profile;
use serde_json::{Value, json};

use crate::harness::{Backend, ROWS, url};
use crate::recorded;

/// The text that production servers send instead of a reason.
const KEPT_BACK: &str = "Error: Server Error";

#[tokio::test]
async fn socket_without_channels_subscribes_by_message() {
    let scene = "message mode: no channels, subscribe, unsubscribe, ping";
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let (mut socket, connected) = backend.connect("", &[("x-appwrite-session", &kay.session)]).await;
    recorded::assert_same_form(&recorded::frame(scene, "connected"), &connected);
    assert_eq!((&connected["channels"], &connected["subscriptions"]), (&json!([]), &json!([])));

    socket.send(json!({"type": "subscribe", "data": [{"subscriptionId": "mine", "channels": ["rows"]}]})).await;
    assert_eq!(socket.response("subscribe").await, recorded::frame(scene, "response"));
    backend.add_row(&kay, "Msg mode", Value::Null).await;
    let event = socket.event().await;
    assert_eq!(event["subscriptions"], json!(["mine"]));

    socket.send(json!({"type": "unsubscribe", "data": [{"subscriptionId": "mine"}, {"subscriptionId": "no"}]})).await;
    assert_eq!(
        socket.response("unsubscribe").await["subscriptions"],
        json!([{"subscriptionId": "mine", "removed": true}, {"subscriptionId": "no", "removed": false}])
    );
    backend.add_row(&kay, "Unheard", Value::Null).await;
    socket.assert_quiet().await;
}

#[tokio::test]
async fn message_subscription_can_have_queries_and_be_changed() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let (mut socket, _) = backend.connect("", &[("x-appwrite-session", &kay.session)]).await;
    for (name, heard, unheard) in [("Kevin", "Kevin", "Laura"), ("Laura", "Laura", "Kevin")] {
        let query = json!({"method": "equal", "attribute": "name", "values": [name]}).to_string();
        let wish = json!({"subscriptionId": "mine", "channels": [ROWS], "queries": [query]});
        socket.send(json!({"type": "subscribe", "data": [wish]})).await;
        assert_eq!(socket.response("subscribe").await["subscriptions"], json!([wish]));
        backend.add_row(&kay, unheard, Value::Null).await;
        socket.assert_quiet().await;
        backend.add_row(&kay, heard, Value::Null).await;
        assert_eq!(socket.event().await["payload"]["name"], heard);
    }
}

#[tokio::test]
async fn unnamed_subscription_gets_a_name() {
    let backend = Backend::start(Profile::OneNine).await;
    let (mut socket, _) = backend.connect("", &[]).await;
    socket.send(json!({"type": "subscribe", "data": [{"channels": []}]})).await;
    let response = socket.response("subscribe").await;
    recorded::assert_same_form(&recorded::frames("bad messages", "response")[1], &response);
    socket.send(json!({"type": "subscribe", "data": []})).await;
    assert_eq!(socket.response("subscribe").await, recorded::frames("bad messages", "response")[0]);
}

#[tokio::test]
async fn invalid_message_gets_1003_and_keeps_socket() {
    let backend = Backend::start(Profile::OneNine).await;
    let (mut socket, _) = backend.connect("", &[]).await;
    for text in [
        "oops",
        r#"{"type":"nope","data":{}}"#,
        r#"{"type":"subscribe","data":{}}"#,
        r#"{"type":"subscribe","data":[{"channels":["rows"],"queries":["oops"]}]}"#,
        r#"{"type":"unsubscribe","data":[{}]}"#,
        r#"{"type":"authentication"}"#,
    ] {
        socket.send_text(text).await;
        assert_eq!(socket.error().await, (1003, KEPT_BACK.to_owned()), "{text}");
    }
    socket.assert_quiet().await;
}

#[tokio::test]
async fn guest_authenticates_with_a_session() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let (mut socket, _) = backend.connect(&url(&[ROWS, "account.update"]), &[]).await;
    socket.send(json!({"type": "authentication", "data": {"session": kay.session}})).await;
    let response = socket.response("authentication").await;
    recorded::assert_same_form(&recorded::frame("authentication message", "response"), &response);
    assert_eq!(response["user"]["$id"], kay.id.as_str());

    backend.add_row(&kay, "Auth", Value::Null).await;
    assert_eq!(socket.event().await["payload"]["name"], "Auth");
    backend.with_session(&kay, reqwest::Method::PATCH, "/account/name", json!({"name": "Kay2"})).await;
    assert_eq!(socket.event().await["payload"]["name"], "Kay2");
}

#[tokio::test]
async fn malformed_sessions_and_jwts_do_not_authenticate() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let jwt = backend.jwt(&kay).await;
    let (mut socket, _) = backend.connect(&url(&[ROWS]), &[]).await;
    for session in ["x", &jwt] {
        socket.send(json!({"type": "authentication", "data": {"session": session}})).await;
        assert_eq!(socket.error().await, (1003, KEPT_BACK.to_owned()));
    }
    backend.add_row(&kay, "Private", Value::Null).await;
    socket.assert_quiet().await;
}

#[tokio::test]
async fn profile_1_5_refuses_other_messages_with_a_reason() {
    let backend = Backend::start(Profile::OneFive).await;
    let kay = backend.person("kay").await;
    let (mut socket, _) = backend.connect(&url(&["documents"]), &[]).await;
    for kind in ["ping", "subscribe", "unsubscribe", "presence"] {
        socket.send(json!({"type": kind, "data": []})).await;
        assert_eq!(socket.error().await, (1003, "Message type is not valid.".to_owned()), "{kind}");
    }
    socket.send(json!({"type": "authentication", "data": {"session": "x"}})).await;
    assert_eq!(socket.error().await, (1003, "Session is not valid.".to_owned()));
    socket.send(json!({"type": "authentication", "data": {"session": kay.session}})).await;
    assert_eq!(socket.response("authentication").await["user"]["$id"], kay.id.as_str());
}

#[tokio::test]
async fn profiles_1_6_and_1_8_support_ping_and_authentication() {
    for profile in [Profile::OneSix, Profile::OneEight] {
        let backend = Backend::start(profile).await;
        let (mut socket, _) = backend.connect(&url(&["documents"]), &[]).await;
        socket.send(json!({"type": "ping"})).await;
        assert_eq!(socket.frame().await, json!({"type": "pong"}), "{profile:?}");
        for kind in ["subscribe", "unsubscribe", "presence"] {
            socket.send(json!({"type": kind, "data": []})).await;
            assert_eq!(socket.error().await, (1003, "Message type is not valid.".to_owned()), "{profile:?} {kind}");
        }
    }
}
