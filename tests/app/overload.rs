//! Slow and many senders: the app stays there for everyone else.

use std::time::Duration;

use leptos_appwrite::connections::Capacity;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::running::App;

/// An Appwrite that takes connections and never answers.
async fn silent_appwrite() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            kept.push(connection);
        }
    });
    endpoint
}

async fn connect(app: &App) -> TcpStream {
    TcpStream::connect(app.origin.trim_start_matches("http://")).await.expect("a connection")
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_ends_the_connection() {
    let capacity = Capacity { head: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    for start in ["", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut connection = connect(&app).await;
        connection.write_all(start.as_bytes()).await.expect("a write");
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut rest)).await;
        read.expect("the connection ends").expect("without an error");
    }
}

#[tokio::test]
async fn connections_that_ask_for_nothing_keep_nobody_out_for_long() {
    let capacity = Capacity { connections: 20, head: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(connect(&app).await);
    }
    let page = tokio::time::timeout(Duration::from_secs(10), app.browser().open("/")).await.expect("an answer");
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn two_thousand_idle_connections_are_no_burden() {
    let app = App::start().await;
    let mut idle = Vec::new();
    for _ in 0..2000 {
        idle.push(connect(&app).await);
    }
    assert_eq!(app.browser().open("/").await.status, 200);
}

#[tokio::test]
async fn more_requests_than_the_server_can_work_on_are_told_when_to_come_back() {
    let app = App::start_with_room(&silent_appwrite().await, Capacity::default(), 4).await;
    let browser = app.browser();
    browser.plant("session", "a-session-that-nobody-knows");
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let browser = browser.clone();
            tokio::spawn(async move { browser.open("/account").await.status })
        })
        .collect();
    let refused = loop {
        let answer = app.browser().open("/").await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, "2"));
    assert_eq!(refused.body, "Too many people are here at once. Try again in a moment.");
    drop(waiting);
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let app = App::start().await;
    let mut connection = connect(&app).await;
    let head = "POST /actions/sign_in HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 104857600\r\n\r\n";
    connection.write_all(head.as_bytes()).await.expect("a write");
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.expect("an answer before the body is whole");
    assert_eq!(&answer, b"HTTP/1.1 413");
}
