//! An instance stops while users are at work.

use std::io::{Read, Write};
use std::time::Duration;

use appwrite_realtime::handshake::Ticket;
use tokio::sync::oneshot;

use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

#[tokio::test]
async fn stopping_instance_says_so_and_finishes_its_work() {
    let first = App::start_with(&[("REALTIME", "relay")]).await;
    let (stop, told) = oneshot::channel::<()>();
    let environment = [("REALTIME", "relay"), ("STOP_DELAY", "1s")];
    let (second, stopped) = first.stopping_instance(&environment, async { told.await.unwrap_or_default() }).await;
    let ann = first.browser_of("Ann").await.at(&second.origin);
    let ticket: Ticket = ticket(&ann).await;
    let mut socket = Socket::open(&second, &ann, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
    assert_eq!(ann.open("/readyz").await.status, 200);

    stop.send(()).expect("a running instance");
    loop {
        let ready = ann.open("/readyz").await;
        if ready.status == 503 {
            assert_eq!(ready.body, r#"{"reason":"stopping"}"#);
            break;
        }
    }
    // Proxies have not noticed yet.
    let page = ann.open("/account").await;
    assert_eq!((page.status, page.header("connection")), (200, "close"));
    assert_eq!(socket.close_code().await, 1001);
    drop(socket);
    tokio::time::timeout(Duration::from_secs(10), stopped).await.expect("a stop in time").expect("a clean stop");
    assert!(reqwest::get(format!("{}/healthz", second.origin)).await.is_err(), "the instance still listens");

    let elsewhere = ann.at(&first.origin);
    assert_eq!(elsewhere.open("/account").await.status, 200);
    let mut socket = Socket::open(&first, &elsewhere, &ticket).await;
    assert_eq!(socket.connected_user().await, Some(ticket.user_id));
}

#[tokio::test]
async fn connection_that_waits_when_the_instance_stops_is_answered() {
    let first = App::start().await;
    let (stop, told) = oneshot::channel::<()>();
    let (second, stopped) = first.stopping_instance(&[], async { told.await.unwrap_or_default() }).await;
    assert_eq!(second.browser().open("/healthz").await.status, 200);
    let address = second.origin.trim_start_matches("http://");
    // The instance runs in this thread: it cannot accept before the next `await`.
    let mut waiting = std::net::TcpStream::connect(address).expect("a place in the queue");
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("a write");
    stop.send(()).expect("a running instance");
    tokio::time::timeout(Duration::from_secs(10), stopped).await.expect("a stop in time").expect("a clean stop");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}
