//! Slow clients and many clients do not block the app for others.

use std::time::Duration;

use leptos_appwrite::connections::capacity::{Capacity, HEAD_LIMIT};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::running::App;

/// Starts a server that accepts connections and never responds.
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
async fn slow_request_head_ends_the_connection() {
    let capacity = Capacity { head: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    for start in ["", "GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: "] {
        let mut connection = connect(&app).await;
        connection.write_all(start.as_bytes()).await.expect("a write");
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut rest)).await;
        read.expect("the connection ends").expect("without an error");
    }
}

#[tokio::test]
async fn idle_connections_are_closed_soon() {
    let capacity = Capacity { connections: 20, head: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(connect(&app).await);
    }
    let page = tokio::time::timeout(Duration::from_secs(10), app.browser().open("/")).await.expect("an answer");
    assert_eq!(page.status, 200);
}

const SLOW_POST: &str = "POST /actions/sign_in HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\
                         sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                         content-length: 1000\r\n\r\na";

#[tokio::test]
async fn slow_bodies_use_no_request_capacity() {
    let app = App::start().await;
    let mut slow = Vec::new();
    for _ in 0..1100 {
        let mut connection = connect(&app).await;
        connection.write_all(SLOW_POST.as_bytes()).await.expect("a write");
        slow.push(connection);
    }
    for path in ["/", "/login", "/birthdays"] {
        assert_eq!(app.browser().open(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn slow_body_is_refused_with_a_page() {
    let app = App::start_with_body_deadline(Duration::from_millis(300)).await;
    let mut connection = connect(&app).await;
    connection.write_all(SLOW_POST.as_bytes()).await.expect("a write");
    let answer = read_to_end(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("took too long to arrive"), "{answer}");
    assert!(names_its_request_id(&answer), "{answer}");
}

#[tokio::test]
async fn client_that_does_not_read_frees_its_capacity() {
    let capacity = Capacity { connections: 1, write: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    // A small receive buffer, so that a few responses fill it.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let address = app.origin.trim_start_matches("http://").parse().expect("an address");
    let mut deaf = socket.connect(address).await.expect("a connection");
    let request = b"GET /api/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    // The server stops reading once its responses no longer fit.
    let filled =
        tokio::time::timeout(Duration::from_secs(30), async { while deaf.write_all(&request).await.is_ok() {} });
    filled.await.expect("the connection ends");
    let page = tokio::time::timeout(Duration::from_secs(10), app.browser().open("/")).await.expect("an answer");
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn client_that_reads_slowly_frees_its_capacity() {
    let capacity = Capacity { connections: 1, response: Duration::from_millis(300), ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let address = app.origin.trim_start_matches("http://").parse().expect("an address");
    let (mut answers, mut requests) = socket.connect(address).await.expect("a connection").into_split();
    let request = b"GET /api/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    let reading = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        while answers.read_u8().await.is_ok() {
            pace.tick().await;
        }
    });
    let ended =
        tokio::time::timeout(Duration::from_secs(20), async { while requests.write_all(&request).await.is_ok() {} });
    ended.await.expect("the connection ends");
    reading.abort();
    let page = tokio::time::timeout(Duration::from_secs(10), app.browser().open("/")).await.expect("an answer");
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn connections_are_limited_per_address() {
    let capacity = Capacity { per_address: 5, ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(connect(&app).await);
    }
    let mut refused = connect(&app).await;
    assert_eq!(read_to_end(&mut refused).await, "");
    drop(open);
    let page = loop {
        // The server notices closed connections with a delay.
        if let Ok(page) = reqwest::get(format!("{}/", app.origin)).await {
            break page;
        }
    };
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn trusted_proxy_has_no_connection_limit() {
    let proxy = "127.0.0.0/8".parse().expect("a network");
    let capacity = Capacity { per_address: 5, trusted_proxies: vec![proxy], ..Capacity::default() };
    let app = App::start_with_room(&silent_appwrite().await, capacity, 10).await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(connect(&app).await);
    }
    assert_eq!(app.browser().open("/").await.status, 200);
}

#[tokio::test]
async fn oversized_head_is_refused_with_a_page() {
    let app = App::start().await;
    // One head is complete, one never ends. The server buffers both up to its limit only.
    for end in ["\r\n\r\n", ""] {
        let head = format!(
            "GET /account HTTP/1.1\r\nhost: localhost\r\naccept: text/html,*/*\r\ncookie: a={}{end}",
            "b".repeat(380_000)
        );
        let mut connection = connect(&app).await;
        connection.write_all(head.as_bytes()).await.expect("a write");
        let answer = read_to_end(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        assert!(answer.contains("content-type: text/html") && answer.contains("Clear this site's cookies"), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff") && answer.contains("no-store"), "{answer}");
        assert!(names_its_request_id(&answer), "{answer}");
    }
    let mut program = connect(&app).await;
    let head = format!("GET /api/user HTTP/1.1\r\nhost: localhost\r\ncookie: a={}\r\n\r\n", "b".repeat(HEAD_LIMIT));
    program.write_all(head.as_bytes()).await.expect("a write");
    let answer = read_to_end(&mut program).await;
    assert!(answer.starts_with("HTTP/1.1 431 ") && answer.contains("content-type: application/json"), "{answer}");
    assert!(names_its_request_id(&answer), "{answer}");
}

#[tokio::test]
async fn oversized_head_is_explained_after_other_requests() {
    let app = App::start().await;
    let mut connection = connect(&app).await;
    let start = "host: localhost\r\naccept: text/html\r\n";
    let large = "b".repeat(HEAD_LIMIT);
    let requests = format!("GET /login HTTP/1.1\r\n{start}\r\nGET / HTTP/1.1\r\n{start}cookie: a={large}\r\n\r\n");
    connection.write_all(requests.as_bytes()).await.expect("a write");
    let answers = read_to_end(&mut connection).await;
    assert!(answers.starts_with("HTTP/1.1 200 "), "{answers}");
    assert!(answers.contains("HTTP/1.1 431 ") && answers.contains("Clear this site's cookies"), "{answers}");
}

#[tokio::test]
async fn head_below_the_limit_is_accepted() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("of-another-app", &"b".repeat(HEAD_LIMIT - 1024));
    assert_eq!(browser.open("/login").await.status, 200);
}

#[tokio::test]
async fn response_to_an_oversized_body_arrives() {
    let app = App::start().await;
    let mut connection = connect(&app).await;
    let head = "POST /actions/sign_in HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 300000\r\n\r\n";
    connection.write_all(head.as_bytes()).await.expect("a write");
    connection.write_all(&vec![b'a'; 300_000]).await.expect("all of it is taken");
    let answer = read_to_end(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("too large for the server"), "{answer}");
    assert!(names_its_request_id(&answer), "{answer}");
}

/// Reads until the server closes the connection.
async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut answer)).await;
    read.expect("the connection ends").expect("without an error");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Returns true if the body contains the request id of the header.
fn names_its_request_id(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
    id.is_some_and(|id| !id.is_empty() && body.contains(id))
}

#[tokio::test]
async fn two_thousand_idle_connections_do_not_slow_requests() {
    let app = App::start().await;
    let mut idle = Vec::new();
    for _ in 0..2000 {
        idle.push(connect(&app).await);
    }
    assert_eq!(app.browser().open("/").await.status, 200);
}

#[tokio::test]
async fn requests_over_capacity_get_503_with_retry_after() {
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
    assert!(refused.body.contains("This site is busy. Try again in a moment."), "{}", refused.body);
    assert!(refused.body.contains(refused.header("x-request-id")), "{}", refused.body);
    let called = app.browser().call("/actions/sign_in", &[]).await;
    assert_eq!((called.status, called.body.as_str()), (503, "\"Busy\""));
    let program = app.browser().post_json("/api/login", &serde_json::json!({})).await;
    assert_eq!((program.status, program.json()["requestId"].as_str()), (503, Some(program.header("x-request-id"))));
    drop(waiting);
}

#[tokio::test]
async fn concurrent_requests_behind_a_proxy_are_limited_per_client() {
    let app = App::start_behind_proxy(&silent_appwrite().await, 3).await;
    let ask = |path: &'static str, address: &str| {
        let browser = app.browser();
        let request = browser.request(Method::GET, path).header("x-forwarded-for", address);
        let request = request.header("accept", "text/html").header("cookie", "session=a-session-that-nobody-knows");
        let request = request.bearer_auth("header.claims.signature");
        async move { browser.send(request).await }
    };
    let waiting: Vec<_> = (0..3).map(|_| tokio::spawn(ask("/account", "203.0.113.7"))).collect();
    let refused = loop {
        let answer = ask("/nowhere.txt", "203.0.113.7").await;
        if answer.status == 503 {
            break answer;
        }
    };
    assert_eq!(refused.header("retry-after"), "2");
    assert!(refused.body.contains("This site is busy."), "{}", refused.body);
    let refused = ask("/api/birthdays", "203.0.113.7").await;
    assert_eq!((refused.status, refused.json()["error"]["type"].as_str()), (503, Some("overloaded")));
    assert_eq!(ask("/api/openapi.json", "203.0.113.8").await.status, 200);
    drop(waiting);
}

#[tokio::test]
async fn overload_responses_do_not_render_the_app() {
    let app = App::start_with_body_deadline(Duration::from_millis(300)).await;
    let mut connection = connect(&app).await;
    connection.write_all(SLOW_POST.as_bytes()).await.expect("a write");
    let slow = read_to_end(&mut connection).await;
    let large = app.browser().post_form("/actions/sign_in", &[("email", &"a".repeat(100_000))]).await;
    let browser = app.browser();
    let request = browser.request(Method::PUT, "/login").header("accept", "text/html");
    let wrong_method = browser.send(request.header("sec-fetch-site", "same-origin")).await;
    assert_eq!((large.status, wrong_method.status), (413, 405));
    let policy = wrong_method.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    for answer in [&large, &wrong_method] {
        assert!(answer.body.contains(&format!("Request ID: {}", answer.header("x-request-id"))), "{}", answer.body);
    }
    for page in [&slow, &large.body, &wrong_method.body] {
        assert!(page.contains("<h1>Something went wrong</h1>") && page.contains("href=\"/\""), "{page}");
        assert!(page.contains("rel=\"stylesheet\"") && !page.contains("<script"), "{page}");
    }
}

#[tokio::test]
async fn birthdays_api_shares_the_request_capacity() {
    let app = App::start_with_room(&silent_appwrite().await, Capacity::default(), 4).await;
    let ask = |app: &App| {
        let browser = app.browser();
        async move {
            let request = browser.request(Method::GET, "/api/birthdays").bearer_auth("header.claims.signature");
            browser.send(request).await
        }
    };
    let waiting: Vec<_> = (0..4).map(|_| tokio::spawn(ask(&app))).collect();
    let refused = loop {
        let answer = app.browser().open("/").await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status, 503);
    let refused = ask(&app).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "2"));
    let error = &refused.json()["error"];
    assert_eq!(error["type"], "overloaded");
    assert_eq!(error["requestId"], refused.header("x-request-id"));
    drop(waiting);
}

#[tokio::test]
async fn endless_body_is_cut_off() {
    let app = App::start().await;
    let mut connection = connect(&app).await;
    let head = "POST /actions/sign_in HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 104857600\r\n\r\n";
    connection.write_all(head.as_bytes()).await.expect("a write");
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.expect("an answer before the body is whole");
    assert_eq!(&answer, b"HTTP/1.1 413");
}
