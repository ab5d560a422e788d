//! An instance stops while users send requests.

use std::future::ready;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use appwrite_realtime::handshake::Ticket;
use axum::Router;
use axum::routing::get;
use leptos_appwrite::connections;
use leptos_appwrite::connections::capacity::Capacity;
use leptos_birthdays::site::SITE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::program::Program;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn stopping_instance_reports_it_and_finishes_requests() {
    let first = App::start_with(&[("REALTIME", "relay")]).await;
    let (stop, signal) = oneshot::channel::<()>();
    let environment = [("REALTIME", "relay"), ("STOP_DELAY", "3s")];
    let (second, stopped) = first.stopping_instance(&environment, async { signal.await.unwrap_or_default() }).await;
    let ann = first.browser_of("Ann").await.at(&second.origin);
    let ticket: Ticket = ticket(&ann).await;
    let mut socket = Socket::open(&second, &ann, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));
    assert_eq!(ann.open("/readyz").await.status, 200);
    assert_eq!(ann.open("/account").await.header("connection"), "");

    stop.send(()).expect("a running instance");
    loop {
        let ready = ann.open("/readyz").await;
        if ready.status == 503 {
            assert_eq!(ready.body, r#"{"reason":"stopping"}"#);
            break;
        }
    }
    // Proxies have not noticed yet that the instance stops. They must not reuse this connection, because it is about to
    // close.
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
async fn connections_that_wait_when_the_instance_stops_are_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let connect = || std::net::TcpStream::connect(address).expect("a place in the queue");
    let mut waiting: Vec<_> = std::iter::repeat_with(connect).take(10).collect();
    let mut late = connect();
    for stream in &mut waiting {
        stream.write_all(REQUEST).expect("a write");
    }
    let router = Router::new().route("/", get(|| async { "here" }));
    let stopped = tokio::spawn(connections::serve(listener, router, Capacity::default(), &SITE, ready(())));
    while TcpStream::connect(address).await.is_ok() {}
    late.write_all(REQUEST).expect("a write");
    tokio::time::timeout(Duration::from_secs(10), stopped).await.expect("a stop in time").expect("a clean stop");
    for mut stream in waiting.into_iter().chain([late]) {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn request_begun_before_the_stop_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    let router = Router::new().route("/", get(|| async { "here" }));
    let (stop, signal) = oneshot::channel::<()>();
    let stop_signal = async { signal.await.unwrap_or_default() };
    let stopped = tokio::spawn(connections::serve(listener, router, Capacity::default(), &SITE, stop_signal));
    client.write_all(REQUEST).await.expect("a write");
    let mut answer = String::new();
    while !answer.ends_with("here") {
        answer.push(client.read_u8().await.expect("an answer").into());
    }
    let (start, rest) = REQUEST.split_at(20);
    client.write_all(start).await.expect("a write");
    stop.send(()).expect("a running instance");
    assert!(tokio::time::timeout(Duration::from_millis(100), client.read_u8()).await.is_err(), "the connection closed");
    client.write_all(rest).await.expect("a write");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    tokio::time::timeout(Duration::from_secs(10), stopped).await.expect("a stop in time").expect("a clean stop");
}

#[tokio::test]
async fn newly_started_program_stops_cleanly() {
    let app = App::start().await;
    for _ in 0..5 {
        let program = Program::start(&[
            ("APPWRITE_ENDPOINT", &app.backend_endpoint()),
            ("APPWRITE_PROJECT_ID", "demo"),
            ("APPWRITE_API_KEY", "a-key"),
        ])
        .await;
        assert!(program.stop().await.success());
    }
}
