//! Broken, endless and slow responses become typed errors, in bounded time and memory.

use std::time::{Duration, Instant};

use appwrite_client::{AppwriteError, Limits, NewAccount, Visitor};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    LIMITS, client, client_with, session,
    upstream::{Answer, Upstream},
};

const SHORT: Duration = Duration::from_millis(300);

async fn account_error(upstream: &Upstream) -> AppwriteError {
    session(&client(upstream)).account().await.expect_err("no account in such an answer")
}

#[tokio::test]
async fn html_response_is_an_error() {
    for status in [200, 404, 502] {
        let error = account_error(&Upstream::always(Answer::html(status)).await).await;
        assert!(matches!(error, AppwriteError::Unexpected { status: seen } if seen == status), "{error:?}");
        assert!(error.is_outage());
        assert!(!error.is_signed_out());
    }
}

#[tokio::test]
async fn json_of_another_shape_is_an_error() {
    for body in [json!([]), json!({}), json!({ "$id": "" }), json!({ "$id": 7 }), json!(null), json!("ann")] {
        let error = account_error(&Upstream::always(Answer::json(200, body.clone())).await).await;
        assert!(matches!(error, AppwriteError::Unexpected { status: 200 }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn error_without_an_appwrite_type_is_unexpected() {
    for body in [
        json!({ "message": "no" }),
        json!({ "type": 7 }),
        json!({ "type": "" }),
        json!({ "type": "<script>alert(1)</script>" }),
        json!({ "type": "x".repeat(65) }),
        json!(["user_blocked"]),
    ] {
        let error = account_error(&Upstream::always(Answer::json(403, body.clone())).await).await;
        assert!(matches!(error, AppwriteError::Unexpected { status: 403 }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let elsewhere = Upstream::always(Answer::json(200, json!({ "$id": "mallory" }))).await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/account", elsewhere.endpoint());
        let upstream = Upstream::always(Answer::empty(status).header("location", &target)).await;
        let error = account_error(&upstream).await;
        assert!(matches!(error, AppwriteError::Unexpected { status: seen } if seen == status), "{error:?}");
    }
    assert!(elsewhere.received().is_empty(), "the credential must not travel to another server");
}

#[tokio::test]
async fn endless_response_is_abandoned_at_the_limit() {
    let upstream = Upstream::always(Answer::Endless).await;
    let error = account_error(&upstream).await;
    assert!(matches!(error, AppwriteError::TooLarge { limit } if limit == LIMITS.answer), "{error:?}");
}

#[tokio::test]
async fn endless_error_body_is_abandoned() {
    let head = "HTTP/1.1 500 Scripted\r\ncontent-length: 10000000\r\n\r\n";
    let upstream = Upstream::always(Answer::Raw([head.as_bytes(), &vec![b' '; 200_000]].concat())).await;
    let error = account_error(&upstream).await;
    assert!(matches!(error, AppwriteError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn endless_response_head_is_abandoned() {
    let head = [b"HTTP/1.1 200 Scripted\r\n".as_slice(), &b"x-more: and more\r\n".repeat(100_000)].concat();
    let error = account_error(&Upstream::always(Answer::Raw(head)).await).await;
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn unrequested_compression_is_not_decoded() {
    let bomb = Answer::json(200, json!({ "$id": "ann" })).header("content-encoding", "gzip");
    let upstream = Upstream::always(bomb).await;
    session(&client(&upstream)).account().await.expect("the body as it is");
    assert_eq!(upstream.received()[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn silent_response_ends_at_the_read_timeout() {
    let upstream = Upstream::always(Answer::Silence).await;
    let start = Instant::now();
    let limits = Limits { read: SHORT, ..LIMITS };
    let error = session(&client_with(&upstream, limits)).account().await.expect_err("silence");
    assert!(matches!(error, AppwriteError::TimedOut), "{error:?}");
    assert!(error.is_outage());
    assert!(start.elapsed() < LIMITS.total, "the read limit ends it, not the total one");
}

#[tokio::test]
async fn trickling_response_ends_at_the_total_timeout() {
    let start = Instant::now();
    let upstream = Upstream::always(Answer::Drip(SHORT / 10)).await;
    let limits = Limits { total: SHORT, ..LIMITS };
    let error = session(&client_with(&upstream, limits)).account().await.expect_err("a trickle");
    assert!(matches!(error, AppwriteError::TimedOut), "{error:?}");
    assert!(start.elapsed() < LIMITS.total, "each byte renews the read limit, not the total one");
}

#[tokio::test]
async fn truncated_response_is_a_broken_connection() {
    let cut = b"HTTP/1.1 200 Scripted\r\ncontent-length: 500\r\n\r\n{\"$id\":\"ann\"".to_vec();
    let error = account_error(&Upstream::always(Answer::Raw(cut)).await).await;
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn garbage_instead_of_http_is_a_broken_connection() {
    for garbage in
        [&b"\x16\x03\x01\x00\x05hello"[..], b"SSH-2.0-OpenSSH_9.9\r\n", b"\0\0\0\0\0\0", b"HTTP/1.1 abc\r\n\r\n"]
    {
        let error = account_error(&Upstream::always(Answer::Raw(garbage.to_vec())).await).await;
        assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
        assert!(error.is_outage());
    }
}

#[tokio::test]
async fn closed_port_is_unreachable() {
    let upstream = Upstream::always(Answer::Silence).await;
    let appwrite = client(&upstream);
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut settings = crate::settings(&upstream);
    settings.endpoint.set_port(Some(free.local_addr().expect("its address").port())).expect("a port");
    drop((free, appwrite));
    let appwrite = appwrite_client::Appwrite::new(settings).expect("a client");
    let error = session(&appwrite).account().await.expect_err("nobody listens");
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn write_is_sent_once_even_if_the_connection_breaks() {
    let upstream = Upstream::always(Answer::HangUp).await;
    let account =
        NewAccount { email: "ann@example.com".into(), password: "Correct-horse-1".into(), name: "Ann".into() };
    let appwrite = client(&upstream);
    let error = appwrite.admin().create_account(&account, &Visitor::default()).await.expect_err("hung up");
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
    session(&appwrite).delete_session(appwrite_client::SessionId::Current).await.expect_err("hung up");
    session(&appwrite)
        .rows("main", "birthdays")
        .update::<serde_json::Value>("kevin", &json!({ "name": "Kevin" }), None)
        .await
        .expect_err("hung up");
    assert_eq!(upstream.received().len(), 3, "{:?}", upstream.asked());
}

#[tokio::test]
async fn read_on_a_dead_keep_alive_connection_is_retried_once() {
    let upstream = Upstream::start(|request| match request.connection {
        0 if request.path.ends_with("/sessions") => Answer::HangUp,
        _ => Answer::json(200, json!({ "$id": "ann", "sessions": [] })),
    })
    .await;
    let ann = session(&client(&upstream));
    ann.account().await.expect("an account");
    ann.sessions().await.expect("the sessions, from a new connection");
    let connections: Vec<_> = upstream.received().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[tokio::test]
async fn read_is_retried_only_once() {
    let upstream = Upstream::always(Answer::HangUp).await;
    let error = account_error(&upstream).await;
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
    assert_eq!(upstream.received().len(), 2);
}

#[tokio::test]
async fn server_cookies_are_ignored() {
    let answer = Answer::json(200, json!({ "$id": "ann" })).header("set-cookie", "a_session_demo=mallory; Path=/");
    let upstream = Upstream::always(answer).await;
    let ann = session(&client(&upstream));
    ann.account().await.expect("an account");
    ann.account().await.expect("an account");
    assert!(upstream.received().iter().all(|request| request.header("cookie").is_none()));
}
