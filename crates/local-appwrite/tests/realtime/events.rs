//! The events that a socket receives, and those that it does not.

use std::time::Duration;

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Backend, ROWS, Socket, query, text, url};
use crate::recorded;

/// The path of a row over HTTP.
fn row_path(id: &str) -> String {
    format!("/tablesdb/main/tables/birthdays/rows/{id}")
}

async fn expect_row_event(socket: &mut Socket, id: &str, action: &str) -> Value {
    let event = socket.event().await;
    assert_eq!(event["events"][0], format!("{ROWS}.{id}.{action}"));
    event
}

#[tokio::test]
async fn own_rows_send_create_update_and_delete_events() {
    let scene = "session header: connected user, create update delete";
    let recorded = recorded::frames(scene, "event");
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &[ROWS]).await;

    let id = backend.add_row(&kay, "Live", Value::Null).await;
    let created = expect_row_event(&mut socket, &id, "create").await;
    recorded::assert_same_form(&recorded[0], &created);

    backend.with_session(&kay, Method::PATCH, &row_path(&id), json!({"data": {"note": "n"}})).await;
    let updated = expect_row_event(&mut socket, &id, "update").await;
    recorded::assert_same_form(&recorded[1], &updated);
    assert_eq!(updated["payload"]["note"], "n");

    backend.with_session(&kay, Method::DELETE, &row_path(&id), Value::Null).await;
    let deleted = expect_row_event(&mut socket, &id, "delete").await;
    recorded::assert_same_form(&recorded[2], &deleted);
    assert_eq!(deleted["payload"]["name"], "Live");
    socket.assert_quiet().await;
}

#[tokio::test]
async fn row_event_names_and_channels_match_recordings() {
    let recorded = recorded::frame("guest connected, any row event", "event");
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let (mut guest, _) = backend.connect(&url(&["rows"]), &[]).await;
    let id = backend.add_row(&kay, "Pub", json!(["read(\"any\")"])).await;
    let event = guest.event().await;
    recorded::assert_same_form(&recorded, &event);
    let recorded_id = text(&recorded["payload"], "$id");
    for list in ["events", "channels"] {
        let expected = recorded[list].to_string().replace(&recorded_id, &id);
        assert_eq!(event[list].to_string(), expected, "{list}");
    }
}

#[tokio::test]
async fn only_shared_rows_of_others_send_events() {
    let backend = Backend::start(Profile::OneNine).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut lous = backend.listen(&lou, &[ROWS]).await;
    let (mut guests, _) = backend.connect(&url(&[ROWS]), &[]).await;

    backend.add_row(&kay, "Private", Value::Null).await;
    lous.assert_quiet().await;
    guests.assert_quiet().await;

    let shared = backend.add_row(&kay, "Shared", json!(["read(\"users\")"])).await;
    expect_row_event(&mut lous, &shared, "create").await;
    guests.assert_quiet().await;
}

#[tokio::test]
async fn user_who_loses_read_access_gets_no_event() {
    let backend = Backend::start(Profile::OneNine).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let own = |action: &str| format!("{action}(\"user:{}\")", kay.id);
    let id = backend.add_row(&kay, "Shared", json!(["read(\"users\")", own("update")])).await;
    let mut lous = backend.listen(&lou, &[ROWS]).await;
    let body = json!({"permissions": [own("read"), own("update")]});
    backend.with_session(&kay, Method::PATCH, &row_path(&id), body).await;
    lous.assert_quiet().await;
}

#[tokio::test]
async fn action_channel_delivers_that_action_only() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &["rows.create"]).await;
    let id = backend.add_row(&kay, "Live", Value::Null).await;
    expect_row_event(&mut socket, &id, "create").await;
    backend.with_session(&kay, Method::PATCH, &row_path(&id), json!({"data": {"note": "n"}})).await;
    socket.assert_quiet().await;
}

#[tokio::test]
async fn row_events_are_sent_under_each_channel_name() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let id = backend.add_row(&kay, "Live", Value::Null).await;
    let other = backend.add_row(&kay, "Other", Value::Null).await;
    let mut sockets = Vec::new();
    for channel in [
        format!("tablesdb.main.tables.birthdays.rows.{id}"),
        format!("databases.main.tables.birthdays.rows.{id}"),
        format!("databases.main.collections.birthdays.documents.{id}"),
        format!("tablesdb.main.tables.birthdays.rows.{id}.update"),
    ] {
        sockets.push(backend.listen(&kay, &[&channel]).await);
    }
    backend.with_session(&kay, Method::PATCH, &row_path(&other), json!({"data": {"note": "n"}})).await;
    backend.with_session(&kay, Method::PATCH, &row_path(&id), json!({"data": {"note": "n"}})).await;
    for socket in &mut sockets {
        expect_row_event(socket, &id, "update").await;
        socket.assert_quiet().await;
    }
}

#[tokio::test]
async fn queries_in_the_url_filter_rows() {
    let backend = Backend::start(Profile::OneNine).await;
    let kay = backend.person("kay").await;
    let kevin = r#"{"method":"equal","attribute":"name","values":["Kevin"]}"#;
    let laura = r#"{"method":"equal","attribute":"name","values":["Laura"]}"#;
    let key = ROWS.replace('.', "_");
    let pairs = [("channels[]", ROWS), (&format!("{key}[0][]"), kevin), (&format!("{key}[1][]"), laura)];
    let (mut socket, connected) = backend.connect(&query(&pairs), &[("x-appwrite-session", &kay.session)]).await;
    let ids = connected["subscriptions"].as_array().expect("a list").clone();
    assert_eq!(ids.len(), 2);
    for (name, expected) in [("Kevin", Some(&ids[0])), ("Zoe", None), ("Laura", Some(&ids[1]))] {
        backend.add_row(&kay, name, Value::Null).await;
        if let Some(id) = expected {
            assert_eq!(socket.event().await["subscriptions"], json!([id]), "{name}");
        }
        socket.assert_quiet().await;
    }
}

#[tokio::test]
async fn deleted_own_session_sends_event_and_keeps_socket() {
    let recorded = recorded::frame("own session deleted while connected: event, then still receives", "event");
    for profile in [Profile::OneNine, Profile::Two] {
        let backend = Backend::start(profile).await;
        let kay = backend.person("kay").await;
        let jwt = backend.jwt(&kay).await;
        let asked = url(&[ROWS, "account"]);
        let (mut socket, _) = backend.connect(&asked, &[("x-appwrite-jwt", &jwt)]).await;
        backend.with_session(&kay, Method::DELETE, "/account/sessions/current", Value::Null).await;
        let event = socket.event().await;
        assert_eq!(event["events"][0], format!("users.{}.sessions.{}.delete", kay.id, kay.session_id));
        assert_eq!(event["payload"]["$id"], kay.session_id.as_str());
        if profile == Profile::OneNine {
            recorded::assert_same_form(&recorded, &event);
        }

        let again = backend.sign_in("kay").await;
        let created = socket.event().await;
        assert_eq!(created["events"][0], format!("users.{}.sessions.{}.create", kay.id, again.session_id));
        let id = backend.add_row(&again, "After delete", Value::Null).await;
        expect_row_event(&mut socket, &id, "create").await;
    }
}

#[tokio::test]
async fn changes_by_key_send_all_fields_visible_to_keys() {
    let backend = Backend::start(Profile::OneNineNext).await;
    let kay = backend.person("kay").await;
    let mut socket = backend.listen(&kay, &["account"]).await;
    backend.with_key(Method::PATCH, &format!("/users/{}/name", kay.id), json!({"name": "Kay2"})).await;
    let event = socket.event().await;
    assert!(text(&event["payload"], "password").starts_with("$argon2"));
    assert!(text(&event["payload"], "hashOptions").contains("memory_cost"));
    let path = format!("/users/{}/sessions/{}", kay.id, kay.session_id);
    backend.with_key(Method::DELETE, &path, Value::Null).await;
    let event = socket.event().await;
    assert_eq!(event["events"][0], format!("users.{}.sessions.{}.delete", kay.id, kay.session_id));
    assert!(!text(&event["payload"], "secret").is_empty(), "a query that keeps secrets off drops this event");
}

#[tokio::test]
async fn expired_jwt_keeps_the_socket_open() {
    let backend = Backend::start(Profile::Two).await;
    let kay = backend.person("kay").await;
    let jwt = backend.jwt(&kay).await;
    let (mut socket, _) = backend.connect(&query(&[("channels[]", ROWS), ("jwt", &jwt)]), &[]).await;
    backend.advance(Duration::from_secs(3600));
    let id = backend.add_row(&kay, "Live", Value::Null).await;
    expect_row_event(&mut socket, &id, "create").await;
}

#[tokio::test]
async fn account_changes_reach_only_their_owner() {
    let scene = "account events: name, prefs, new session";
    let recorded = recorded::frames(scene, "event");
    let backend = Backend::start(Profile::OneNine).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut own = backend.listen(&kay, &["account"]).await;
    let mut lous = backend.listen(&lou, &["account", &format!("account.{}", kay.id)]).await;
    let (mut guest, _) = backend.connect(&url(&["account"]), &[]).await;

    backend.with_session(&kay, Method::PATCH, "/account/name", json!({"name": "Kay2"})).await;
    backend.with_session(&kay, Method::PATCH, "/account/prefs", json!({"prefs": {"a": 1}})).await;
    backend.sign_in("kay").await;
    for (recorded, part) in recorded.iter().zip(["update.name", "update.prefs", "sessions"]) {
        let event = own.event().await;
        recorded::assert_same_form(recorded, &event);
        let names: Vec<&str> = event["events"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let expected = format!("users.{}.{part}", kay.id);
        assert!(names.iter().any(|name| name.starts_with(&expected)), "{part}: {names:?}");
    }
    for socket in [&mut own, &mut lous, &mut guest] {
        socket.assert_quiet().await;
    }
}

#[tokio::test]
async fn blocked_account_sends_event_and_keeps_socket() {
    let backend = Backend::start(Profile::OneNine).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut socket = backend.listen(&kay, &["account", ROWS]).await;
    backend.with_session(&kay, Method::PATCH, "/account/status", json!({})).await;
    let event = socket.event().await;
    assert_eq!(event["payload"]["status"], false);
    let id = backend.add_row(&lou, "Shared", json!(["read(\"users\")"])).await;
    expect_row_event(&mut socket, &id, "create").await;
}

#[tokio::test]
async fn profile_1_5_sends_document_events() {
    let backend = Backend::start(Profile::OneFive).await;
    let kay = backend.person("kay").await;
    let mut rows = backend.listen(&kay, &["rows"]).await;
    let mut documents = backend.listen(&kay, &["documents"]).await;
    let path = "/databases/main/collections/birthdays/documents";
    let document = json!({"documentId": "unique()", "data": {"name": "Old", "birthday": "2012-02-03"}});
    let document = backend.with_session(&kay, Method::POST, path, document).await;
    let id = text(&document, "$id");

    let event = documents.event().await;
    let name = format!("databases.main.collections.birthdays.documents.{id}");
    assert_eq!(event["events"][0], format!("{name}.create"));
    assert_eq!(event["channels"], json!(["documents", "databases.main.collections.birthdays.documents", name]));
    assert_eq!(event.get("subscriptions"), None);
    assert_eq!(event["payload"]["$collectionId"], "birthdays");
    // The next frame is the response to a message, so no other frame came before it.
    rows.send(json!({"type": "ping"})).await;
    assert_eq!(rows.error().await.0, 1003);
}

#[tokio::test]
async fn profile_1_8_sends_document_and_database_row_events() {
    let backend = Backend::start(Profile::OneEight).await;
    let kay = backend.person("kay").await;
    let mut rows = backend.listen(&kay, &["rows"]).await;
    let path = "/tablesdb/main/tables/birthdays/rows";
    let row = json!({"rowId": "unique()", "data": {"name": "Old", "birthday": "2012-02-03"}});
    let row = backend.with_session(&kay, Method::POST, path, row).await;
    let id = text(&row, "$id");
    let event = rows.event().await;
    let document = format!("databases.main.collections.birthdays.documents.{id}");
    let of_table = format!("databases.main.tables.birthdays.rows.{id}");
    assert_eq!(event["events"][0], format!("{document}.create"));
    assert_eq!(event["events"][1], format!("{of_table}.create"));
    let channels = json!([
        "rows",
        "databases.main.tables.birthdays.rows",
        of_table,
        "documents",
        "databases.main.collections.birthdays.documents",
        document,
    ]);
    assert_eq!(event["channels"], channels);
    assert_eq!(event.get("subscriptions"), None);
    assert_eq!(event["payload"]["$tableId"], "birthdays");
    assert!(!event["events"].to_string().contains("tablesdb"));
}
