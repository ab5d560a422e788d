//! Older and newer servers: the client learns a server's routes once, from its responses.

use std::time::Duration;

use appwrite_client::{AppwriteError, Permission, Role};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    client, session,
    upstream::{Answer, Received, Upstream},
};

/// A server of some version, with the routes that these tests call.
fn server(version: &'static str) -> impl Fn(&Received) -> Answer + Send + Sync + 'static {
    move |request| {
        let old = version.starts_with("1.5");
        let has_tables = !old && !version.starts_with("1.6") && !version.starts_with("1.7");
        match request.path.trim_start_matches("/v1") {
            "/health/version" => Answer::json(200, json!({ "version": version })),
            "/account/jwt" => Answer::json(201, json!({ "jwt": "old" })),
            "/account/jwts" if !old => Answer::json(201, json!({ "jwt": "new" })),
            path if path.starts_with("/users/") && !old => Answer::json(201, json!({ "jwt": "by key" })),
            path if path.starts_with("/tablesdb/") && has_tables => {
                Answer::json(200, json!({ "$id": "kevin", "total": 1, "rows": [{ "$id": "kevin" }] }))
            }
            path if path.starts_with("/databases/") => {
                Answer::json(200, json!({ "$id": "kevin", "total": 1, "documents": [{ "$id": "kevin" }] }))
            }
            _ => Answer::unknown_route(),
        }
    }
}

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

#[tokio::test]
async fn jwt_duration_is_sent_only_to_servers_that_accept_it() {
    for (version, takes) in [("1.8.1", false), ("1.9.0", true), ("1.9.0-RC1", true), ("1.9.6", true), ("2.7.1", true)] {
        let upstream = Upstream::start(server(version)).await;
        let jwt = session(&client(&upstream)).create_jwt(MINUTE).await.expect("a JWT");
        assert_eq!(jwt.expose_secret(), "new");
        assert_eq!(upstream.asked(), ["GET /health/version", "POST /account/jwts"]);
        let sent = upstream.received()[1].json();
        assert_eq!(sent, if takes { json!({ "duration": 60 }) } else { json!({}) }, "{version}");
        assert!(upstream.received()[0].credentials().is_empty(), "the version is public");
    }
}

#[tokio::test]
async fn duration_is_clamped_to_the_limits_of_appwrite() {
    let upstream = Upstream::start(server("1.9.6")).await;
    let ann = session(&client(&upstream));
    for (asked, sent) in [(0, 1), (1, 1), (3600, 3600), (3601, 3600)] {
        ann.create_jwt(Some(Duration::from_secs(asked))).await.expect("a JWT");
        let last = upstream.received().pop().expect("a request");
        assert_eq!(last.json(), json!({ "duration": sent }));
    }
}

#[tokio::test]
async fn version_is_requested_once() {
    let upstream = Upstream::start(server("1.9.6")).await;
    let appwrite = client(&upstream);
    for _ in 0..3 {
        session(&appwrite).create_jwt(MINUTE).await.expect("a JWT");
    }
    let version = appwrite.version().await.expect("an answer").expect("a version");
    assert_eq!(version.to_string(), "1.9.6");
    assert!(version.ignores_jwt_in_realtime_address());
    let probes = upstream.asked().iter().filter(|asked| asked.ends_with("/health/version")).count();
    assert_eq!(probes, 1);
}

#[tokio::test]
async fn local_appwrite_is_recognized_by_its_header() {
    for is_local in [false, true] {
        let answer = Answer::json(200, json!({ "version": "2.7.1" }));
        let answer = if is_local { answer.header("x-local-appwrite", "0.1.0") } else { answer };
        let upstream = Upstream::always(answer).await;
        let appwrite = client(&upstream);
        assert!(!appwrite.is_local_appwrite(), "nobody has asked");
        appwrite.version().await.expect("an answer");
        assert_eq!(appwrite.is_local_appwrite(), is_local);
    }
}

#[tokio::test]
async fn duration_is_sent_to_servers_of_unknown_version() {
    for hidden in [
        Answer::html(404),
        Answer::json(200, json!({ "version": "newest" })),
        Answer::error(401, "general_unauthorized_scope", "no"),
    ] {
        let known = server("1.9.6");
        let upstream = Upstream::start(move |request| match request.path.as_str() {
            "/v1/health/version" => hidden.clone(),
            _ => known(request),
        })
        .await;
        let appwrite = client(&upstream);
        session(&appwrite).create_jwt(MINUTE).await.expect("a JWT");
        assert_eq!(upstream.received()[1].json(), json!({ "duration": 60 }));
        assert_eq!(appwrite.version().await.expect("an answer"), None);
        assert_eq!(upstream.received().len(), 2, "nor is it asked again");
    }
}

#[tokio::test]
async fn failed_version_request_is_retried() {
    let (known, asked) = (server("1.9.6"), std::sync::atomic::AtomicUsize::new(0));
    let upstream = Upstream::start(move |request| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => Answer::html(502),
        _ => known(request),
    })
    .await;
    let appwrite = client(&upstream);
    let error = session(&appwrite).create_jwt(MINUTE).await.expect_err("an outage");
    assert!(matches!(error, AppwriteError::Unexpected { status: 502 }), "{error:?}");
    session(&appwrite).create_jwt(MINUTE).await.expect("a JWT");
    assert_eq!(upstream.asked(), ["GET /health/version", "GET /health/version", "POST /account/jwts"]);
}

#[tokio::test]
async fn old_jwt_route_is_found_and_remembered() {
    let upstream = Upstream::start(server("1.5.7")).await;
    let appwrite = client(&upstream);
    for _ in 0..2 {
        let jwt = session(&appwrite).create_jwt(None).await.expect("a JWT");
        assert_eq!(jwt.expose_secret(), "old");
    }
    assert_eq!(upstream.asked(), ["POST /account/jwts", "POST /account/jwt", "POST /account/jwt"]);
}

#[tokio::test]
async fn unknown_route_is_recognized_by_its_type() {
    let known = server("1.5.7");
    let upstream = Upstream::start(move |request| match request.path.as_str() {
        "/v1/account/jwts" => Answer::error(404, "general_route_not_found", "not here"),
        _ => known(request),
    })
    .await;
    session(&client(&upstream)).create_jwt(None).await.expect("a JWT");
}

#[tokio::test]
async fn missing_jwt_route_is_reported_and_key_creates_the_jwt() {
    let known = server("2.7.1");
    let upstream = Upstream::start(move |request| match request.path.as_str() {
        "/v1/account/jwts" | "/v1/account/jwt" => Answer::unknown_route(),
        _ => known(request),
    })
    .await;
    let appwrite = client(&upstream);
    let error = session(&appwrite).create_jwt(MINUTE).await.expect_err("no route");
    assert!(error.is_unknown_route(), "{error:?}");
    assert!(!error.is_signed_out());
    let jwt = appwrite.admin().create_jwt_for_session("ann", "5f2c", MINUTE).await.expect("a JWT");
    assert_eq!(jwt.expose_secret(), "by key");
    let last = upstream.received().pop().expect("a request");
    assert_eq!(last.path, "/v1/users/ann/jwts");
    assert_eq!(last.json(), json!({ "sessionId": "5f2c", "duration": 60 }));
}

#[tokio::test]
async fn missing_row_does_not_switch_the_route() {
    let upstream = Upstream::always(Answer::error(404, "row_not_found", "not here")).await;
    let error = session(&client(&upstream)).rows("main", "birthdays").get::<Value>("kevin").await.expect_err("gone");
    assert!(error.is_not_found() && !error.is_unknown_route());
    assert_eq!(upstream.received().len(), 1);
}

#[tokio::test]
async fn rows_of_a_server_before_1_8_are_its_documents() {
    let upstream = Upstream::start(server("1.5.7")).await;
    let ann = session(&client(&upstream));
    let rows = ann.rows("main", "birthdays");
    assert_eq!(rows.list::<Value>(&[]).await.expect("rows").rows[0].id, "kevin");
    rows.create::<Value>(None, &json!({ "name": "Kevin" }), Some(&[Permission::read(Role::Any)])).await.expect("a row");
    rows.update::<Value>("kevin", &json!({ "name": "K" }), None).await.expect("a row");
    assert_eq!(
        upstream.asked(),
        [
            "GET /tablesdb/main/tables/birthdays/rows",
            "GET /databases/main/collections/birthdays/documents",
            "POST /databases/main/collections/birthdays/documents",
            "PATCH /databases/main/collections/birthdays/documents/kevin",
        ]
    );
    assert_eq!(
        upstream.received()[2].json(),
        json!({ "documentId": "unique()", "data": { "name": "Kevin" }, "permissions": ["read(\"any\")"] })
    );
}

#[tokio::test]
async fn proxy_404_during_an_outage_is_not_remembered() {
    let (known, asked) = (server("1.9.6"), std::sync::atomic::AtomicUsize::new(0));
    let upstream = Upstream::start(move |request| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 | 1 => Answer::Whole { status: 404, headers: Vec::new(), body: b"404 page not found\n".to_vec() },
        _ => known(request),
    })
    .await;
    let ann = session(&client(&upstream));
    let rows = ann.rows("main", "birthdays");
    rows.list::<Value>(&[]).await.expect_err("away");
    rows.list::<Value>(&[]).await.expect("rows");
    assert_eq!(
        upstream.asked(),
        [
            "GET /tablesdb/main/tables/birthdays/rows",
            "GET /databases/main/collections/birthdays/documents",
            "GET /tablesdb/main/tables/birthdays/rows",
        ]
    );
}
