//! The request of each method, and its result for Appwrite's responses (recorded ones where available).

use appwrite_client::{AppwriteError, Factor, NewAccount, Permission, Query, Role, SessionId, Visitor};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    API_KEY, SECRET, client, session,
    upstream::{Answer, Upstream},
};

#[derive(Debug, Serialize, Deserialize)]
struct Birthday {
    name: String,
    note: Option<String>,
}

fn row(id: &str) -> Value {
    json!({
        "name": "Kevin", "birthday": "2012-02-03T00:00:00.000+00:00", "note": null, "$id": id, "$sequence": "1",
        "$createdAt": "2026-11-21T06:51:04.595+00:00", "$updatedAt": "2026-11-21T06:51:05.043+00:00",
        "$permissions": ["read(\"users\")", "update(\"user:ann\")"], "$databaseId": "main", "$tableId": "birthdays",
    })
}

fn session_model(secret: &str) -> Value {
    json!({
        "$id": "6b013ef10bc9e6d35299", "$createdAt": "2026-11-21T06:49:21.060+00:00", "userId": "ann",
        "expire": "2027-11-21T06:49:21.048+00:00", "provider": "email", "providerUid": "ann@example.com",
        "providerAccessToken": "", "ip": "127.0.0.1", "osName": "iOS", "clientName": "Mobile Safari",
        "deviceName": "smartphone", "deviceBrand": "Apple", "countryName": "Unknown", "current": true,
        "factors": ["password"], "secret": secret,
    })
}

#[tokio::test]
async fn sign_up_lets_appwrite_choose_the_user_id() {
    let upstream =
        Upstream::always(Answer::json(201, json!({ "$id": "6b013e", "name": "Ann", "email": "ann@example.com" })))
            .await;
    let admin = client(&upstream).admin();
    let mut account =
        NewAccount { email: "ann@example.com".into(), password: "Correct-horse-1".into(), name: "Ann".into() };
    let user = admin.create_account(&account, &Visitor::default()).await.expect("an account");
    assert_eq!((user.id.as_str(), user.name.as_str(), user.email.as_str()), ("6b013e", "Ann", "ann@example.com"));
    account.name.clear();
    admin.create_account(&account, &Visitor::default()).await.expect("an account");

    let expected =
        json!({ "userId": "unique()", "email": "ann@example.com", "password": "Correct-horse-1", "name": "Ann" });
    assert_eq!(upstream.received()[0].json(), expected);
    assert_eq!(
        upstream.received()[1].json().get("name"),
        None,
        "Appwrite refuses an empty name, but not a missing one"
    );
    assert_eq!(upstream.asked(), ["POST /account", "POST /account"]);
}

#[tokio::test]
async fn sign_in_returns_secret_and_expiry() {
    let upstream = Upstream::always(Answer::json(201, session_model(SECRET))).await;
    let new = client(&upstream)
        .admin()
        .create_email_session("ann@example.com", &"Correct-horse-1".into(), &Visitor::default())
        .await
        .expect("a session");
    assert_eq!(new.secret.expose(), SECRET);
    assert_eq!(new.expire.to_string(), "2027-11-21T06:49:21.048Z");
    assert_eq!((new.session.user_id.as_str(), new.session.os_name.as_str()), ("ann", "iOS"));
    assert_eq!(upstream.received()[0].json(), json!({ "email": "ann@example.com", "password": "Correct-horse-1" }));
}

#[tokio::test]
async fn token_request_returns_the_user_id_but_not_the_secret() {
    let token = json!({
        "$id": "6b013ef8d42757881a5f", "$createdAt": "2026-11-21T06:49:28.869+00:00", "userId": "somebody-known",
        "secret": SECRET, "expire": "2026-11-21T07:49:28.868+00:00", "phrase": "Welcoming owl",
    });
    let upstream = Upstream::always(Answer::json(201, token)).await;
    let admin = client(&upstream).admin();
    let page = Url::parse("https://app.example/login/link/open").expect("an address");
    let link = admin.create_magic_url_token("ann@example.com", &page, &Visitor::default()).await.expect("a token");
    admin.create_email_token("ann@example.com", &Visitor::default()).await.expect("a token");
    admin.create_phone_token("+12025550123", &Visitor::default()).await.expect("a token");

    assert_eq!((link.user_id.as_str(), link.phrase.as_str()), ("somebody-known", "Welcoming owl"));
    assert!(!format!("{link:?}").contains(SECRET), "{link:?}");
    assert_eq!(
        upstream.asked(),
        ["POST /account/tokens/magic-url", "POST /account/tokens/email", "POST /account/tokens/phone"]
    );
    let bodies: Vec<_> = upstream.received().iter().map(super::upstream::Received::json).collect();
    assert_eq!(
        bodies,
        [
            json!({ "userId": "unique()", "email": "ann@example.com", "url": page, "phrase": true }),
            json!({ "userId": "unique()", "email": "ann@example.com", "phrase": true }),
            json!({ "userId": "unique()", "phone": "+12025550123" }),
        ]
    );
}

#[tokio::test]
async fn token_creates_a_session_and_invalid_id_is_not_sent() {
    let upstream = Upstream::always(Answer::json(201, session_model(SECRET))).await;
    let admin = client(&upstream).admin();
    let new = admin.create_token_session("ann", &"123456".into(), &Visitor::default()).await.expect("a session");
    assert_eq!((new.secret.expose(), new.session.user_id.as_str()), (SECRET, "ann"));
    let refused = admin.create_token_session("../users", &"123456".into(), &Visitor::default()).await;
    assert!(matches!(refused, Err(AppwriteError::InvalidId)), "{refused:?}");
    assert_eq!(upstream.asked(), ["POST /account/sessions/token"]);
    assert_eq!(upstream.received()[0].json(), json!({ "userId": "ann", "secret": "123456" }));
}

#[tokio::test]
async fn session_without_a_secret_is_an_error() {
    for withheld in [json!(""), json!(null)] {
        let mut body = session_model("");
        body["secret"] = withheld;
        let upstream = Upstream::always(Answer::json(201, body)).await;
        let result =
            client(&upstream).admin().create_email_session("a@example.com", &"x".into(), &Visitor::default()).await;
        assert!(matches!(result, Err(AppwriteError::SecretWithheld)), "{result:?}");
    }
}

#[tokio::test]
async fn session_expiry_is_parsed_in_both_formats() {
    for (written, read) in [
        (json!("2027-11-21T06:49:20.767+00:00"), Some("2027-11-21T06:49:20.767Z")),
        (json!("2027-11-21 06:49:20.767"), Some("2027-11-21T06:49:20.767Z")),
        (json!("2027-11-21 06:49:20"), Some("2027-11-21T06:49:20Z")),
        (json!(""), None),
        (json!(null), None),
        (json!("never"), None),
    ] {
        let mut body = session_model("");
        body["expire"] = written.clone();
        let upstream = Upstream::always(Answer::json(200, body)).await;
        let current = session(&client(&upstream)).session(SessionId::Current).await.expect("a session");
        assert_eq!(current.expire.map(|moment| moment.to_string()).as_deref(), read, "{written}");
    }
}

#[tokio::test]
async fn user_with_missing_or_unknown_fields_is_parsed() {
    let upstream = Upstream::always(Answer::json(
        200,
        json!({ "$id": "ann", "name": null, "labels": null, "prefs": {}, "passwordPwned": false, "mfa": null }),
    ))
    .await;
    let user = session(&client(&upstream)).account().await.expect("a user");
    assert_eq!((user.id.as_str(), user.name.as_str(), user.mfa, user.status), ("ann", "", false, true));
}

#[tokio::test]
async fn empty_preferences_may_be_a_list_and_become_an_object() {
    for (written, count) in [(json!([]), 0), (json!({}), 0), (json!({ "theme": "dark" }), 1)] {
        let answer = written.clone();
        let upstream = Upstream::start(move |request| match request.method.as_str() {
            "GET" => Answer::json(200, answer.clone()),
            _ => Answer::json(200, json!({ "$id": "ann" })),
        })
        .await;
        let ann = session(&client(&upstream));
        let prefs = ann.prefs().await.expect("preferences");
        assert_eq!(prefs.len(), count, "{written}");
        ann.replace_prefs(&prefs).await.expect("replaced");
        assert_eq!(upstream.asked(), ["GET /account/prefs", "PATCH /account/prefs"]);
    }
}

#[tokio::test]
async fn sessions_are_listed_read_and_ended() {
    let upstream = Upstream::start(|request| match (request.method.as_str(), request.path.as_str()) {
        ("DELETE", _) => Answer::empty(204),
        (_, "/v1/account/sessions") => Answer::json(200, json!({ "total": 1, "sessions": [session_model("")] })),
        _ => Answer::json(200, session_model("")),
    })
    .await;
    let ann = session(&client(&upstream));
    assert!(ann.sessions().await.expect("sessions")[0].current);
    ann.session(SessionId::Current).await.expect("a session");
    ann.session(SessionId::Id("5f")).await.expect("a session");
    ann.delete_session(SessionId::Current).await.expect("ended");
    ann.delete_session(SessionId::Id("5f")).await.expect("ended");
    assert_eq!(
        upstream.asked(),
        [
            "GET /account/sessions",
            "GET /account/sessions/current",
            "GET /account/sessions/5f",
            "DELETE /account/sessions/current",
            "DELETE /account/sessions/5f",
        ]
    );
}

#[tokio::test]
async fn sign_out_succeeds_even_if_session_has_already_ended() {
    for answer in [
        Answer::empty(204),
        Answer::error(401, "general_unauthorized_scope", "missing scopes"),
        Answer::error(404, "user_session_not_found", "gone"),
    ] {
        let upstream = Upstream::always(answer).await;
        session(&client(&upstream)).sign_out().await.expect("signed out");
        assert_eq!(upstream.asked(), ["DELETE /account/sessions/current"]);
    }
    let upstream = Upstream::always(Answer::html(502)).await;
    assert!(session(&client(&upstream)).sign_out().await.expect_err("away").is_outage());
}

#[tokio::test]
async fn rate_limited_sign_out_falls_back_to_the_key() {
    let upstream = Upstream::start(|request| match (request.method.as_str(), request.path.as_str()) {
        ("DELETE", "/v1/account/sessions/current") => Answer::error(429, "general_rate_limit_exceeded", "too often"),
        ("GET", _) => Answer::json(200, session_model("")),
        _ => Answer::empty(204),
    })
    .await;
    session(&client(&upstream)).sign_out().await.expect("signed out");
    assert_eq!(
        upstream.asked(),
        [
            "DELETE /account/sessions/current",
            "GET /account/sessions/current",
            "DELETE /users/ann/sessions/6b013ef10bc9e6d35299",
        ]
    );
}

#[tokio::test]
async fn rate_limited_session_deletion_falls_back_to_the_key() {
    let upstream = Upstream::start(|request| match request.path.as_str() {
        "/v1/account/sessions" => Answer::json(200, json!({ "total": 1, "sessions": [session_model("")] })),
        path if path.starts_with("/v1/users/") => Answer::error(404, "user_session_not_found", "gone"),
        _ => Answer::error(429, "general_rate_limit_exceeded", "too often"),
    })
    .await;
    let session = session(&client(&upstream));
    let listed = session.sessions().await.expect("sessions");
    session.end_session(&listed[0]).await.expect("a session that has ended meanwhile");
    let paths = [
        "GET /account/sessions",
        "DELETE /account/sessions/6b013ef10bc9e6d35299",
        "DELETE /users/ann/sessions/6b013ef10bc9e6d35299",
    ];
    assert_eq!(upstream.asked(), paths);
}

#[tokio::test]
async fn extending_a_session_returns_its_new_expiry() {
    let mut model = session_model("");
    model["expire"] = "2027-11-21 06:49:20.767".into();
    let upstream = Upstream::always(Answer::json(200, model)).await;
    let visitor = Visitor { address: Some([203, 0, 113, 7].into()), ..Visitor::default() };
    let extended = session(&client(&upstream)).extend_session(&visitor).await.expect("a session");
    assert_eq!(extended.expire.map(|at| at.to_string()).as_deref(), Some("2027-11-21T06:49:20.767Z"));
    assert_eq!(upstream.asked(), ["PATCH /account/sessions/current"]);
    assert_eq!(upstream.received()[0].credentials(), [SECRET]);
    assert_eq!(upstream.received()[0].header("x-forwarded-for"), Some("203.0.113.7"));
}

#[tokio::test]
async fn second_factor_is_set_up_with_the_session() {
    let upstream = Upstream::start(|request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v1/account/mfa/authenticators/totp") => {
            Answer::json(200, json!({ "secret": "XP5F", "uri": "otpauth://totp/a?secret=XP5F" }))
        }
        ("GET", "/v1/account/mfa/recovery-codes") => Answer::error(401, "user_challenge_required", "again"),
        (_, "/v1/account/mfa/recovery-codes") => Answer::json(201, json!({ "recoveryCodes": ["82e8a3f497"] })),
        ("PATCH", "/v1/account/mfa") => Answer::json(200, json!({ "$id": "ann", "mfa": true })),
        _ => Answer::empty(204),
    })
    .await;
    let session = session(&client(&upstream));
    let app = session.create_authenticator().await.expect("an app");
    assert_eq!((app.secret.expose_secret(), format!("{app:?}").contains("XP5F")), ("XP5F", false));
    session.confirm_authenticator(&"123456".into()).await.expect("confirmed");
    assert!(session.update_mfa(true).await.expect("an account").mfa);
    assert_eq!(session.create_recovery_codes().await.expect("codes")[0].expose_secret(), "82e8a3f497");
    assert_eq!(session.replace_recovery_codes().await.expect("codes").len(), 1);
    let refusal = session.require_recent_challenge().await.expect_err("a refusal");
    assert!(refusal.is("user_challenge_required") && !refusal.is_signed_out());
    session.delete_authenticator().await.expect("deleted");
    assert_eq!(upstream.received()[1].json(), json!({ "otp": "123456" }));
    assert_eq!(upstream.received()[2].json(), json!({ "mfa": true }));
    assert!(upstream.received().iter().all(|asked| asked.credentials() == [SECRET]));
}

#[tokio::test]
async fn rate_limited_sign_out_before_second_factor_is_an_error() {
    let upstream = Upstream::start(|request| match request.method.as_str() {
        "DELETE" => Answer::error(429, "general_rate_limit_exceeded", "too often"),
        _ => Answer::error(401, "user_more_factors_required", "more"),
    })
    .await;
    let error = session(&client(&upstream)).sign_out().await.expect_err("limited");
    assert!(error.is_rate_limited(), "{error:?}");
}

#[tokio::test]
async fn empty_success_response_is_accepted() {
    // 1.9.6 sends its 204 with `content-type: text/html`.
    let upstream = Upstream::always(Answer::empty(204).header("content-type", "text/html")).await;
    session(&client(&upstream)).delete_session(SessionId::Current).await.expect("ended");
}

#[tokio::test]
async fn rows_are_listed_with_serialized_queries() {
    let upstream = Upstream::always(Answer::json(200, json!({ "total": 6, "rows": [row("a"), row("b")] }))).await;
    let queries = [Query::equal("name", "Kevin & \"K\""), Query::order_desc("name"), Query::limit(2)];
    let list = session(&client(&upstream)).rows("main", "birthdays").list::<Birthday>(&queries).await.expect("rows");
    assert_eq!((list.total, list.rows.len()), (6, 2));
    assert_eq!(list.rows[0].data.name, "Kevin");
    assert_eq!(list.rows[0].permissions, ["read(\"users\")", "update(\"user:ann\")"]);
    assert_eq!(list.rows[0].updated_at.map(|moment| moment.to_string()).as_deref(), Some("2026-11-21T06:51:05.043Z"));

    assert_eq!(upstream.asked(), ["GET /tablesdb/main/tables/birthdays/rows"]);
    assert_eq!(
        upstream.received()[0].queries(),
        [
            json!({ "method": "equal", "attribute": "name", "values": ["Kevin & \"K\""] }),
            json!({ "method": "orderDesc", "attribute": "name" }),
            json!({ "method": "limit", "values": [2] }),
        ]
    );
}

#[tokio::test]
async fn row_is_created_changed_read_and_deleted() {
    let upstream = Upstream::start(|request| match request.method.as_str() {
        "POST" => Answer::json(201, row("kevin")),
        "DELETE" => Answer::empty(204),
        _ => Answer::json(200, row("kevin")),
    })
    .await;
    let ann = session(&client(&upstream));
    let rows = ann.rows("main", "birthdays");
    let kevin = Birthday { name: "Kevin".into(), note: None };
    let permissions = [Permission::read(Role::users()), Permission::update(Role::user("ann"))];
    let created = rows.create::<Birthday>(None, &kevin, Some(&permissions)).await.expect("a row");
    assert_eq!((created.id.as_str(), created.data.name.as_str()), ("kevin", "Kevin"));
    rows.create::<Birthday>(Some("kevin"), &kevin, None).await.expect("a row");
    rows.update::<Birthday>("kevin", &json!({ "note": "hello" }), Some(&[])).await.expect("a row");
    rows.get::<Birthday>("kevin").await.expect("a row");
    rows.delete("kevin").await.expect("deleted");

    let received = upstream.received();
    let data = json!({ "name": "Kevin", "note": null });
    assert_eq!(
        received[0].json(),
        json!({ "rowId": "unique()", "data": data, "permissions": ["read(\"users\")", "update(\"user:ann\")"] })
    );
    assert_eq!(received[1].json(), json!({ "rowId": "kevin", "data": data }), "the default permissions");
    assert_eq!(received[2].json(), json!({ "data": { "note": "hello" }, "permissions": [] }), "nobody but the key");
    assert_eq!(
        upstream.asked(),
        [
            "POST /tablesdb/main/tables/birthdays/rows",
            "POST /tablesdb/main/tables/birthdays/rows",
            "PATCH /tablesdb/main/tables/birthdays/rows/kevin",
            "GET /tablesdb/main/tables/birthdays/rows/kevin",
            "DELETE /tablesdb/main/tables/birthdays/rows/kevin",
        ]
    );
}

#[tokio::test]
async fn permission_cannot_inject_another() {
    let upstream = Upstream::always(Answer::json(201, row("kevin"))).await;
    let ann = session(&client(&upstream));
    for id in ["ann\") read(\"any", "ann/verified", "", "a:b"] {
        let permissions = [Permission::read(Role::user(id))];
        let result = ann.rows("main", "birthdays").create::<Birthday>(None, &json!({}), Some(&permissions)).await;
        assert!(matches!(result, Err(AppwriteError::InvalidId)), "{id}: {result:?}");
    }
    assert!(upstream.received().is_empty());
}

/// A table of `count` rows that pages by cursor as Appwrite does.
fn pages(count: usize) -> impl Fn(&[Value]) -> Answer + Send + Sync + 'static {
    move |queries| {
        let value =
            |method: &str| queries.iter().find(|query| query["method"] == method).map(|query| &query["values"][0]);
        let limit =
            value("limit").and_then(Value::as_u64).map_or(25, |limit| usize::try_from(limit).expect("a small number"));
        let start = match value("cursorAfter").and_then(Value::as_str) {
            Some(id) => id.trim_start_matches('r').parse::<usize>().expect("one of our ids") + 1,
            None => 0,
        };
        let rows: Vec<_> = (start..count).take(limit).map(|number| row(&format!("r{number}"))).collect();
        Answer::json(200, json!({ "total": count, "rows": rows }))
    }
}

#[tokio::test]
async fn all_rows_are_listed_once_in_order_across_pages() {
    for (count, requests) in [(0, 1), (99, 1), (100, 2), (250, 3)] {
        let answer = pages(count);
        let upstream = Upstream::start(move |request| answer(&request.queries())).await;
        let order = [Query::order_asc("name")];
        let all = session(&client(&upstream))
            .rows("main", "birthdays")
            .list_all::<Birthday>(&order, 1000)
            .await
            .expect("rows");
        assert!(all.complete);
        let ids: Vec<_> = all.rows.iter().map(|row| row.id.clone()).collect();
        assert_eq!(ids, (0..count).map(|number| format!("r{number}")).collect::<Vec<_>>());
        assert_eq!(upstream.received().len(), requests);
        for request in upstream.received() {
            assert_eq!(request.queries()[0], json!({ "method": "orderAsc", "attribute": "name" }));
        }
    }
}

#[tokio::test]
async fn list_beyond_the_limit_is_marked_as_truncated() {
    for (cap, complete, requests) in [(250, true, 3), (249, false, 3), (200, false, 3), (120, false, 2)] {
        let answer = pages(250);
        let upstream = Upstream::start(move |request| answer(&request.queries())).await;
        let all =
            session(&client(&upstream)).rows("main", "birthdays").list_all::<Birthday>(&[], cap).await.expect("rows");
        assert_eq!((all.rows.len(), all.complete), (cap, complete), "cap {cap}");
        assert_eq!(upstream.received().len(), requests, "cap {cap}");
    }
}

#[tokio::test]
async fn list_of_exactly_the_limit_is_complete() {
    for (cap, requests) in [(100, 2), (1000, 11)] {
        let answer = pages(cap);
        let upstream = Upstream::start(move |request| answer(&request.queries())).await;
        let all =
            session(&client(&upstream)).rows("main", "birthdays").list_all::<Birthday>(&[], cap).await.expect("rows");
        assert_eq!((all.rows.len(), all.complete), (cap, true), "cap {cap}");
        assert_eq!(upstream.received().len(), requests, "cap {cap}");
    }
}

#[tokio::test]
async fn listing_stops_when_a_page_repeats() {
    let answer = pages(100);
    let upstream = Upstream::start(move |_| answer(&[json!({ "method": "limit", "values": [100] })])).await;
    let all =
        session(&client(&upstream)).rows("main", "birthdays").list_all::<Birthday>(&[], 10_000).await.expect("rows");
    assert_eq!(all.rows.len(), 100);
    assert_eq!(upstream.received().len(), 2);
}

#[tokio::test]
async fn listing_restarts_when_its_cursor_row_is_deleted() {
    let (whole, asked) = (pages(150), std::sync::atomic::AtomicUsize::new(0));
    let upstream = Upstream::start(move |request| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        1 => Answer::error(400, "general_cursor_not_found", "Cursor row not found"),
        _ => whole(&request.queries()),
    })
    .await;
    let all =
        session(&client(&upstream)).rows("main", "birthdays").list_all::<Birthday>(&[], 1000).await.expect("rows");
    assert_eq!((all.rows.len(), all.complete), (150, true));
    assert_eq!(upstream.received().len(), 4);
}

#[tokio::test]
async fn refusals_are_classified_by_type() {
    struct Case {
        status: u16,
        kind: &'static str,
        signed_out: bool,
        more_factors: bool,
        blocked: bool,
    }
    let case = |status, kind| Case { status, kind, signed_out: false, more_factors: false, blocked: false };
    for expected in [
        Case { signed_out: true, ..case(401, "general_unauthorized_scope") },
        Case { signed_out: true, ..case(401, "user_jwt_invalid") },
        Case { more_factors: true, ..case(401, "user_more_factors_required") },
        Case { blocked: true, ..case(403, "user_blocked") },
        case(401, "user_unauthorized"),
        case(401, "user_invalid_credentials"),
        case(404, "row_not_found"),
        case(500, "general_unknown"),
        case(503, "general_smtp_disabled"),
    ] {
        let upstream = Upstream::always(Answer::error(expected.status, expected.kind, "no")).await;
        let error = session(&client(&upstream)).account().await.expect_err("refused");
        assert!(error.is(expected.kind), "{error:?}");
        assert_eq!(error.is_signed_out(), expected.signed_out, "{error:?}");
        assert_eq!(error.needs_more_factors(), expected.more_factors, "{error:?}");
        assert_eq!(error.is_blocked(), expected.blocked, "{error:?}");
        assert_eq!(error.is_outage(), expected.status == 500, "{error:?}");
    }
}

#[tokio::test]
async fn only_a_missing_current_session_means_signed_out() {
    let upstream = Upstream::always(Answer::error(404, "user_session_not_found", "gone")).await;
    let ann = session(&client(&upstream));
    assert!(ann.session(SessionId::Current).await.expect_err("gone").is_signed_out());
    assert!(ann.delete_session(SessionId::Current).await.expect_err("gone").is_signed_out());
    assert!(ann.create_jwt(None).await.expect_err("gone").is_signed_out());
    assert!(!ann.session(SessionId::Id("5f")).await.expect_err("gone").is_signed_out());
    assert!(!ann.delete_session(SessionId::Id("5f")).await.expect_err("gone").is_signed_out());
}

#[tokio::test]
async fn missing_key_scope_does_not_mean_signed_out() {
    let upstream = Upstream::always(Answer::error(401, "general_unauthorized_scope", "missing scopes")).await;
    let appwrite = client(&upstream);
    let error = appwrite.admin().delete_session("ann", "5f").await.expect_err("refused");
    assert!(error.lacks_scope() && !error.is_signed_out());
    let error = session(&appwrite).account().await.expect_err("refused");
    assert!(!error.lacks_scope() && error.is_signed_out());
}

#[tokio::test]
async fn rate_limit_has_a_retry_time() {
    let limited =
        Answer::error(429, "general_rate_limit_exceeded", "too often").header("x-ratelimit-reset", "1795244400");
    let error = session(&client(&Upstream::always(limited).await)).account().await.expect_err("limited");
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_at().map(|moment| moment.to_string()).as_deref(), Some("2026-11-21T07:00:00Z"));

    // Other errors of a limited route carry the header as well.
    let refused = Answer::error(401, "user_invalid_credentials", "no").header("x-ratelimit-reset", "1795244400");
    let error = session(&client(&Upstream::always(refused).await)).account().await.expect_err("refused");
    assert_eq!(error.retry_at(), None);

    for nonsense in ["soon", "-99999999999999999999", "9999999999999999"] {
        let limited = Answer::error(429, "general_rate_limit_exceeded", "no").header("x-ratelimit-reset", nonsense);
        let error = session(&client(&Upstream::always(limited).await)).account().await.expect_err("limited");
        assert!(error.is_rate_limited() && error.retry_at().is_none(), "{nonsense}");
    }
}

#[tokio::test]
async fn oauth2_url_is_requested_by_key_and_not_followed() {
    let upstream =
        Upstream::start(|_| Answer::empty(301).header("location", "https://provider.example/authorize?state=%7B%7D"))
            .await;
    let elsewhere = Upstream::always(Answer::error(500, "general_unknown", "not here")).await;
    let url = |text: &str| url::Url::parse(text).expect("an address");
    let (success, failure) = (url("https://app.example/yes?state=a%26b"), url("https://app.example/no?state=a%26b"));
    let page = client(&elsewhere)
        .admin()
        .create_oauth2_token("github", &success, &failure, &upstream.endpoint())
        .await
        .expect("the provider's page");
    assert_eq!(page.as_str(), "https://provider.example/authorize?state=%7B%7D");
    assert!(elsewhere.received().is_empty());
    let [asked] = &upstream.received()[..] else { panic!("one call") };
    let query: Vec<_> = url::form_urlencoded::parse(asked.query.as_bytes()).into_owned().collect();
    assert_eq!(query, [("success".into(), success.to_string()), ("failure".into(), failure.to_string())]);
    assert_eq!(asked.credentials(), [API_KEY]);
}

#[tokio::test]
async fn oauth2_refusals_are_classified_by_status() {
    let address = url::Url::parse("https://app.example/").expect("an address");
    for (answer, is_disabled, is_refused_redirect) in [
        (Answer::html(412), true, false),
        (Answer::error(412, "project_provider_disabled", "x"), true, false),
        (Answer::html(400), false, true),
        (Answer::html(500), false, false),
        (Answer::empty(301), false, false),
        (Answer::json(200, json!({})).header("location", "https://provider.example"), false, false),
        (Answer::empty(301).header("location", "/relative"), false, false),
    ] {
        let upstream = Upstream::always(answer).await;
        let (admin, endpoint) = (client(&upstream).admin(), upstream.endpoint());
        let asked = admin.create_oauth2_token("mock", &address, &address, &endpoint).await;
        let error = asked.expect_err("a refusal");
        assert_eq!((error.is_provider_disabled(), error.is_refused_redirect()), (is_disabled, is_refused_redirect));
    }
}

#[tokio::test]
async fn second_factor_is_challenged_and_verified_with_the_session() {
    let upstream = Upstream::start(|received| match received.path.rsplit('/').next() {
        Some("factors") => Answer::json(200, json!({ "totp": true, "phone": false, "recoveryCode": true, "new": 1 })),
        _ if received.method == "POST" => Answer::json(201, json!({ "$id": "c1", "userId": "ann", "expire": "x" })),
        _ => Answer::empty(204),
    })
    .await;
    let session = session(&client(&upstream));
    let factors = session.factors().await.expect("factors");
    assert!(factors.totp && factors.recovery_code && !factors.phone && !factors.email);
    let challenge = session.create_challenge(Factor::RecoveryCode).await.expect("a challenge");
    assert_eq!((challenge.id.as_str(), challenge.user_id.as_str()), ("c1", "ann"));
    session.answer_challenge(&challenge.id, &"123456".into()).await.expect("an empty answer, as before 1.6.1");
    let received = upstream.received();
    assert_eq!(received[1].json(), json!({ "factor": "recoveryCode" }));
    assert_eq!(received[2].json(), json!({ "challengeId": "c1", "otp": "123456" }));
    assert!(received.iter().all(|asked| asked.credentials() == [SECRET]));
    let paths = ["GET /account/mfa/factors", "POST /account/mfa/challenges", "PUT /account/mfa/challenges"];
    assert_eq!(upstream.asked(), paths);
}

#[tokio::test]
async fn wrong_code_is_an_error_of_its_own_type() {
    let upstream = Upstream::always(Answer::error(401, "user_invalid_token", "Invalid token passed.")).await;
    let error = session(&client(&upstream)).answer_challenge("c1", &"000000".into()).await.expect_err("a refusal");
    assert!(error.is("user_invalid_token") && !error.is_signed_out());
}

#[tokio::test]
async fn passkey_requests_use_the_credential_that_appwrite_accepts() {
    let upstream = Upstream::start(|received| match (received.method.as_str(), received.path.as_str()) {
        ("PUT", "/v1/account/tokens/passkey") => Answer::json(201, json!({ "userId": "ann", "secret": "once" })),
        ("POST", _) => Answer::json(201, json!({ "$id": "c1", "passkeyId": "p1", "publicKey": { "challenge": "x" } })),
        ("GET", _) => Answer::json(200, json!({ "total": 1, "passkeys": [{ "$id": "p1", "accessedAt": "" }] })),
        ("DELETE", _) => Answer::empty(204),
        _ => Answer::json(200, json!({ "$id": "p1", "name": "Phone", "accessedAt": "2026-11-21T06:49:21.060+00:00" })),
    })
    .await;
    let (appwrite, visitor, credential) = (client(&upstream), Visitor::default(), json!({ "id": "x" }));
    let challenge = appwrite.admin().create_passkey_challenge(&visitor).await.expect("a challenge");
    appwrite.guest().create_passkey_challenge().await.expect("a challenge");
    let proof = appwrite.admin().answer_passkey_challenge(&challenge.id, &credential, &visitor).await;
    let (user_id, secret) = proof.expect("a proof");
    assert_eq!((user_id.as_str(), secret.expose_secret()), ("ann", "once"));
    let session = session(&appwrite);
    let new = session.create_passkey("Phone").await.expect("a challenge");
    assert_eq!((new.passkey_id.as_str(), &new.public_key), ("p1", &json!({ "challenge": "x" })));
    assert!(session.confirm_passkey("p1", &credential).await.expect("a passkey").accessed_at.is_some());
    assert!(session.passkeys().await.expect("passkeys")[0].accessed_at.is_none());
    session.rename_passkey("p1", "Laptop").await.expect("a passkey");
    session.delete_passkey("p1").await.expect("no passkey");
    assert!(session.delete_passkey("../p1").await.is_err(), "nothing is sent");

    let sent = upstream.received();
    let by: Vec<_> = sent.iter().map(|sent| sent.credentials()).collect();
    assert_eq!(by[..3], [vec![API_KEY], vec![], vec![API_KEY]]);
    assert!(by[3..].iter().all(|by| *by == [SECRET]));
    assert_eq!(sent[2].json(), json!({ "challengeId": "c1", "credential": { "id": "x" } }));
    assert_eq!(sent[4].json(), json!({ "credential": { "id": "x" } }));
    let asked = [
        "POST /account/tokens/passkey",
        "POST /account/tokens/passkey",
        "PUT /account/tokens/passkey",
        "POST /account/passkeys",
        "PUT /account/passkeys/p1/verification",
        "GET /account/passkeys",
        "PATCH /account/passkeys/p1",
        "DELETE /account/passkeys/p1",
    ];
    assert_eq!(upstream.asked(), asked);
}
