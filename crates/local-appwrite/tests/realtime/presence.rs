//! Presences over sockets and HTTP.

use std::time::Duration;

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Backend, text, url};
use crate::recorded;

/// `queries[]={"method":"limit","values":[1]}`
const LIMIT_1: &str = "queries[]=%7B%22method%22%3A%22limit%22%2C%22values%22%3A%5B1%5D%7D";

#[tokio::test]
async fn presence_event_matches_the_recording() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &["presences"]).await;
    let message = json!({"presenceId": "unique()", "status": "online", "metadata": {"page": "birthdays"}});
    socket.send(json!({"type": "presence", "data": message})).await;
    recorded::assert_same_form(&recorded::frame("presence", "response"), &socket.response("presence").await);
    let event = socket.event().await;
    let recorded = recorded::frame("presence", "event");
    recorded::assert_same_form(&recorded, &event);
    let (recorded_id, id) = (text(&recorded["payload"], "$id"), text(&event["payload"], "$id"));
    for list in ["events", "channels"] {
        assert_eq!(event[list].to_string(), recorded[list].to_string().replace(&recorded_id, &id));
    }
}

#[tokio::test]
async fn presence_ends_with_its_socket_and_readers_get_event() {
    let backend = Backend::start(Profile::Two).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut lous = backend.listen(&lou, &["presences"]).await;
    let mut kays = backend.listen(&kay, &[]).await;
    let (mut guests, _) = backend.connect(&url(&["presences"]), &[]).await;
    let message = json!({"status": "online", "permissions": ["read(\"users\")"]});
    kays.send(json!({"type": "presence", "data": message})).await;
    let id = text(&kays.response("presence").await["presence"], "$id");
    assert_eq!(lous.event().await["events"][0], format!("presences.{id}.upsert"));

    let listed = backend.with_session(&lou, Method::GET, "/presences", Value::Null).await;
    assert_eq!((&listed["total"], &listed["presences"][0]["$id"]), (&json!(1), &json!(id)));

    kays.close().await;
    let event = lous.event().await;
    assert_eq!(event["events"][0], format!("presences.{id}.delete"));
    assert_eq!(event["payload"]["userId"], kay.id.as_str());
    guests.assert_quiet().await;
    let listed = backend.with_session(&lou, Method::GET, "/presences", Value::Null).await;
    assert_eq!(listed, json!({"total": 0, "presences": []}));
}

#[tokio::test]
async fn presence_list_is_limited_to_readable_ones() {
    let backend = Backend::start(Profile::Two).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut sockets = Vec::new();
    for (person, permissions) in [(&kay, json!(["read(\"users\")"])), (&lou, Value::Null)] {
        let mut socket = backend.listen(person, &[]).await;
        socket.send(json!({"type": "presence", "data": {"status": "online", "permissions": permissions}})).await;
        socket.response("presence").await;
        sockets.push(socket);
    }
    for (person, expected) in [(&kay, vec![&kay.id]), (&lou, vec![&kay.id, &lou.id])] {
        let listed = backend.with_session(person, Method::GET, "/presences", Value::Null).await;
        let ids: Vec<String> =
            listed["presences"].as_array().into_iter().flatten().map(|presence| text(presence, "userId")).collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), expected);
    }
    let first = backend.with_session(&lou, Method::GET, &format!("/presences?{LIMIT_1}"), Value::Null).await;
    assert_eq!((&first["total"], first["presences"].as_array().map(Vec::len)), (&json!(2), Some(1)));
}

#[tokio::test]
async fn presence_list_is_filtered_by_status_and_time() {
    let backend = Backend::start(Profile::OneNine).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut sockets = Vec::new();
    for (person, status) in [(&kay, "reading"), (&lou, "writing")] {
        let mut socket = backend.listen(person, &[]).await;
        let message = json!({"status": status, "permissions": ["read(\"users\")"]});
        socket.send(json!({"type": "presence", "data": message})).await;
        socket.response("presence").await;
        sockets.push(socket);
    }
    let found = async |queries: &[Value]| {
        let pairs = queries.iter().map(|query| ("queries[]", query.to_string()));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let listed = backend.with_session(&kay, Method::GET, &format!("/presences?{query}"), Value::Null).await;
        let presences = listed["presences"].as_array().cloned().unwrap_or_default();
        presences.iter().map(|presence| text(presence, "status")).collect::<Vec<_>>()
    };
    let equal = |status: &str| json!({"method": "equal", "attribute": "status", "values": [status]});
    assert_eq!(found(&[equal("writing")]).await, ["writing"]);
    assert!(found(&[equal("sleeping")]).await.is_empty());
    let since = |date: &str| json!({"method": "greaterThan", "attribute": "$updatedAt", "values": [date]});
    assert_eq!(found(&[since("2000-01-01T00:00:00Z")]).await.len(), 2);
    assert!(found(&[since("2999-01-01T00:00:00Z")]).await.is_empty());
    assert_eq!(found(&[json!({"method": "orderDesc", "attribute": "status"})]).await, ["writing", "reading"]);
}

#[tokio::test]
async fn second_presence_message_updates_the_first() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &[]).await;
    let mut ids = Vec::new();
    for status in ["online", "away"] {
        socket.send(json!({"type": "presence", "data": {"status": status}})).await;
        let presence = socket.response("presence").await["presence"].clone();
        assert_eq!(presence["status"], status);
        ids.push(presence["$id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn guests_have_no_presence_and_foreign_roles_are_refused() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let (mut guest, _) = backend.connect("", &[]).await;
    guest.send(json!({"type": "presence", "data": {"status": "online"}})).await;
    assert_eq!(guest.error().await, (401, "User must be authorized".to_owned()));

    let mut socket = backend.listen(&kay, &[]).await;
    let message = json!({"status": "online", "permissions": ["read(\"team:others\")"]});
    socket.send(json!({"type": "presence", "data": message})).await;
    assert_eq!(socket.error().await.0, 401);
    socket.assert_quiet().await;
}

#[tokio::test]
async fn presence_outside_a_project_closes_the_socket() {
    let backend = Backend::start(Profile::Two).await;
    let mut socket = backend.open_for("", &[]).await;
    assert_eq!(socket.frame().await["data"]["user"], Value::Null);
    socket.send(json!({"type": "presence", "data": {"status": "online"}})).await;
    assert_eq!(socket.error().await, (1008, "Error: Server Error".to_owned()));
    socket.assert_dropped().await;
}

#[tokio::test]
async fn presence_over_http_sends_events_without_a_socket() {
    let backend = Backend::start(Profile::Two).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut socket = backend.listen(&lou, &["presences"]).await;
    let online = json!({"status": "online", "permissions": ["read(\"users\")", "update(\"any\")"]});
    let put = backend.with_session(&kay, Method::PUT, "/presences/desk", online).await;
    assert_eq!((&put["source"], &put["userId"]), (&json!("rest"), &json!(kay.id)));
    assert_eq!(socket.event().await["events"][0], "presences.desk.upsert");
    let away = json!({"status": "away", "metadata": {"page": "home"}});
    backend.with_session(&lou, Method::PATCH, "/presences/desk", away).await;
    let changed = socket.event().await;
    assert_eq!(
        (&changed["events"][0], &changed["payload"]["status"]),
        (&json!("presences.desk.update"), &json!("away"))
    );
    let again = backend.with_session(&kay, Method::PUT, "/presences/phone", json!({"status": "back"})).await;
    assert_eq!(again["$id"], "desk", "a person has one presence");
    backend.with_key(Method::DELETE, "/presences/desk", Value::Null).await;
    assert_eq!(backend.with_key(Method::GET, "/presences", Value::Null).await["total"], 0);

    let by_key = json!({"userId": kay.id, "status": "busy"});
    backend.with_key(Method::PUT, "/presences/desk", by_key).await;
    assert_eq!(backend.with_session(&kay, Method::GET, "/presences/desk", Value::Null).await["status"], "busy");
    backend.advance(Duration::from_secs(15 * 60 + 1));
    assert_eq!(backend.with_key(Method::GET, "/presences", Value::Null).await["total"], 0, "it expired");
    socket.assert_quiet().await;
}
