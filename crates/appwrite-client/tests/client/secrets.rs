//! Secrets travel in one header of one request, and nowhere else.

use std::{
    cell::RefCell,
    io::{self, Write},
    net::IpAddr,
    sync::Once,
};

use appwrite_client::{AppwriteError, NewAccount, SessionId, SessionSecret, Visitor};
use serde_json::{Value, json};

use crate::{
    API_KEY, SECRET, client, session,
    upstream::{Answer, Upstream},
};

#[tokio::test]
async fn each_client_sends_only_its_own_credential() {
    let upstream = Upstream::always(Answer::json(200, json!({ "$id": "x", "rows": [] }))).await;
    let appwrite = client(&upstream);
    appwrite.jwt("a.b.c".into()).account().await.expect("an account");
    session(&appwrite).account().await.expect("an account");
    appwrite.admin().delete_session("ann", "5f2c").await.expect("done");
    appwrite.guest().rows("main", "birthdays").list::<Value>(&[]).await.expect("rows");

    let received = upstream.received();
    let credentials: Vec<_> = received.iter().map(|request| request.credentials()).collect();
    assert_eq!(credentials, [vec!["a.b.c"], vec![SECRET], vec![API_KEY], vec![]]);
    assert_eq!(received[0].header("x-appwrite-jwt"), Some("a.b.c"));
    assert_eq!(received[1].header("x-appwrite-session"), Some(SECRET));
    assert_eq!(received[2].header("x-appwrite-key"), Some(API_KEY));
    assert!(received.iter().all(|request| request.header("x-appwrite-project") == Some("demo")));
}

#[tokio::test]
async fn secret_that_no_header_can_carry_is_not_sent() {
    let upstream = Upstream::always(Answer::json(200, json!({ "$id": "ann" }))).await;
    let appwrite = client(&upstream);
    for secret in ["", "a\r\nX-Appwrite-Key: b", "a\nb", "a\0b", &"a".repeat(5000)] {
        let error = appwrite.session(SessionSecret::new(secret)).account().await.expect_err("refused");
        assert!(matches!(error, AppwriteError::InvalidCredential), "{error:?}");
        assert!(error.is_signed_out(), "for the person it is a session that is none");
        appwrite.jwt(secret.into()).account().await.expect_err("refused");
    }
    assert!(upstream.received().is_empty());
}

#[tokio::test]
async fn id_cannot_leave_its_path_segment() {
    let upstream = Upstream::always(Answer::json(200, json!({ "$id": "x" }))).await;
    let appwrite = client(&upstream);
    let long = "x".repeat(37);
    for id in ["../users", "..", ".", "%2e%2e", "a/b", "a?b", "a#b", "a b", "a\r\nb", "", "-a", "ä", long.as_str()] {
        let ann = session(&appwrite);
        let rows = ann.rows("main", "birthdays");
        let nothing = json!({});
        let errors = [
            rows.get::<Value>(id).await.map(drop),
            rows.update::<Value>(id, &nothing, None).await.map(drop),
            rows.delete(id).await,
            rows.create::<Value>(Some(id), &nothing, None).await.map(drop),
            ann.rows(id, "birthdays").list::<Value>(&[]).await.map(drop),
            ann.rows("main", id).list::<Value>(&[]).await.map(drop),
            ann.session(SessionId::Id(id)).await.map(drop),
            ann.delete_session(SessionId::Id(id)).await,
            appwrite.admin().delete_session(id, "5f2c").await,
            appwrite.admin().delete_session("ann", id).await,
        ];
        for result in errors {
            assert!(matches!(result, Err(AppwriteError::InvalidId)), "{id}: {result:?}");
        }
    }
    assert!(upstream.received().is_empty(), "{:?}", upstream.asked());
}

#[tokio::test]
async fn visitor_is_named_on_calls_by_the_key() {
    let upstream = Upstream::start(|request| match request.path.as_str() {
        "/v1/account" => Answer::json(201, json!({ "$id": "ann" })),
        _ => Answer::json(201, json!({ "$id": "5f", "secret": SECRET, "expire": "2027-11-21T06:49:17.065+00:00" })),
    })
    .await;
    let admin = client(&upstream).admin();
    let visitor = Visitor {
        user_agent: Some("Mozilla/5.0 (iPhone)".parse().expect("a user agent")),
        address: Some(IpAddr::from([203, 0, 113, 9])),
    };
    let account =
        NewAccount { email: "ann@example.com".into(), password: "Correct-horse-1".into(), name: String::new() };
    admin.create_account(&account, &visitor).await.expect("an account");
    admin.create_email_session("ann@example.com", &"Correct-horse-1".into(), &visitor).await.expect("a session");
    for request in upstream.received() {
        assert_eq!(request.header("x-forwarded-user-agent"), Some("Mozilla/5.0 (iPhone)"));
        assert_eq!(request.header("x-forwarded-for"), Some("203.0.113.9"));
        assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("appwrite-client/")));
    }
}

thread_local! {
    /// The log of this thread, which belongs to one test.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThreadLog;

impl Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the log of each thread from now on. One subscriber serves all tests, because tracing caches its filter per
/// process.
fn keep_the_log() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| ThreadLog);
        subscriber.init();
    });
}

#[tokio::test]
async fn log_names_each_call_and_no_secret() {
    const NEW_SECRET: &str = "eyJuZXciOiJzZWNyZXQifQ==";
    let upstream = Upstream::start(|request| match request.path.as_str() {
        "/v1/account/sessions/email" => {
            Answer::json(201, json!({ "$id": "5f", "secret": NEW_SECRET, "expire": "2027-11-21T06:49:17.065+00:00" }))
        }
        "/v1/account/jwts" => Answer::json(201, json!({ "jwt": "eyJ0eXAiOiJKV1QifQ.e30.c2ln" })),
        "/v1/account" => Answer::error(401, "general_unauthorized_scope", "User (role: guests) missing scopes"),
        _ => Answer::html(500),
    })
    .await;
    keep_the_log();
    let appwrite = client(&upstream);
    let password = "Correct-horse-1".into();
    let created = appwrite
        .admin()
        .create_email_session("ann@example.com", &password, &Visitor::default())
        .await
        .expect("a session");
    let ann = session(&appwrite);
    let jwt = ann.create_jwt(None).await.expect("a JWT");
    let signed_out = ann.account().await.expect_err("signed out");
    let garbled = ann.sessions().await.expect_err("HTML");

    let log = String::from_utf8(LOG.take()).expect("text");
    for part in
        ["/v1/account/sessions/email", "/v1/account/jwts", "general_unauthorized_scope", "status=401", "status 500"]
    {
        assert!(log.contains(part), "{part} is not in the log:\n{log}");
    }
    let printed = format!("{log}{created:?}{ann:?}{jwt:?}{signed_out:?}{signed_out}{garbled:?}{garbled}");
    for secret in [API_KEY, SECRET, NEW_SECRET, "eyJ0eXAiOiJKV1QifQ", "Correct-horse-1", "ann@example.com", "DOCTYPE"] {
        assert!(!printed.contains(secret), "{secret} is in:\n{printed}");
    }
}

#[tokio::test]
async fn error_prints_only_the_type_of_the_server_error() {
    let answer = Answer::error(400, "general_argument_invalid", "Invalid `email` param: ann@example.com <script>");
    let upstream = Upstream::always(answer).await;
    let error = session(&client(&upstream)).account().await.expect_err("refused");
    let printed = format!("{error} {error:?}");
    assert!(printed.contains("general_argument_invalid"), "{printed}");
    assert!(!printed.contains("ann@") && !printed.contains("script"), "{printed}");
    let AppwriteError::Api(refusal) = error else { panic!("not an answer of Appwrite's") };
    assert!(refusal.message_for_log().contains("Invalid `email` param"), "the log has Appwrite's words");
}
