//! Calls to Appwrite and the relay's sockets, over TLS and through proxies: as the program's environment says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use appwrite_realtime::protocol::Channel;
use axum::Router;
use axum::routing::post;
use local_appwrite::{ApiKey, KeyScopes};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::certificates::Certificates;
use crate::program::Program;
use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

const KEY: &str = "a-key-of-the-app";
const PASSWORD: &str = "hush-hush";
/// `ann:hush-hush` in base64, as a proxy receives it.
const AUTHORIZATION: &str = "Basic YW5uOmh1c2gtaHVzaA==";

/// A local backend that knows `KEY`, and its address.
async fn backend() -> (App, SocketAddr) {
    let keys = vec![ApiKey { secret: KEY.into(), scopes: KeyScopes::All }];
    let app = App::start_in_front_of_local(&[], |settings| {
        settings.api_keys = keys;
        settings.hosts = vec!["appwrite.example".into(), "0.0.0.0".into()];
    })
    .await;
    let endpoint = Url::parse(&app.backend_endpoint()).expect("an address");
    let address = endpoint.socket_addrs(|| None).expect("an address")[0];
    (app, address)
}

/// Starts the program in front of this endpoint, with the most detailed log.
async fn program(backend: &App, endpoint: &str, more: &[(&str, &str)]) -> Program {
    let project = backend.project_id();
    let own = [
        ("APPWRITE_ENDPOINT", endpoint),
        ("APPWRITE_PROJECT_ID", &project),
        ("APPWRITE_API_KEY", KEY),
        ("REALTIME", "relay"),
        ("RUST_LOG", "trace"),
    ];
    Program::start(&[&own[..], more].concat()).await
}

/// Signs two users up. One of them receives a row of the other through the relay.
async fn live_page_works(program: &Program) {
    let ann = program.browser().signed_up("Ann").await;
    let page = ann.open("/birthdays").await;
    assert_eq!(page.status, 200, "{}", program.log());
    let ticket = ticket(&ann).await;
    let (channels, origin) = ([Channel::Account, Channel::rows("main", "birthdays")], program.origin.as_str());
    let opened = Socket::open_at(origin, &ann, &ticket, &channels, &[("origin", Some(origin))]).await;
    let mut socket = opened.unwrap_or_else(|status| panic!("refused with {status}"));
    assert_eq!(socket.connected_user().await, Some(ticket.user_id));
    let fields = [("name", "Shared"), ("date", "2001-02-03"), ("visibility", "signed-in")];
    let added = program.browser().signed_up("Ben").await.call("/actions/add_birthday", &fields).await;
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(socket.next_event().await.payload()["name"], "Shared");
}

async fn readiness(program: &Program) -> (u16, String) {
    let ready = program.browser().open("/readyz").await;
    (ready.status, ready.body)
}

/// The response of `/readyz` if the program cannot connect to Appwrite.
fn unreachable() -> (u16, String) {
    (503, r#"{"reason":"appwrite_unreachable"}"#.into())
}

/// A proxy that connects every host to one server.
struct Proxy {
    address: SocketAddr,
    /// The first lines of the requests that it received.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts it. If `authorization` is given, it refuses requests without.
    async fn start(destination: SocketAddr, authorization: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let proxy = Self { address: listener.local_addr().expect("an address"), requests: Arc::default() };
        let requests = Arc::clone(&proxy.requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(lead(stream, destination, authorization, Arc::clone(&requests)));
            }
        });
        proxy
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("the requests").clone()
    }
}

async fn lead(
    mut stream: TcpStream,
    destination: SocketAddr,
    authorization: Option<&str>,
    requests: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let is_known =
        |value: &str| text.lines().any(|line| line.eq_ignore_ascii_case(&format!("proxy-authorization: {value}")));
    if !authorization.is_none_or(is_known) {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    }
    requests.lock().expect("the requests").push(text.lines().next().unwrap_or_default().to_owned());
    let mut there = TcpStream::connect(destination).await?;
    if text.starts_with("CONNECT ") {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        there.write_all(&head).await?;
    }
    copy_bidirectional(&mut stream, &mut there).await.map(drop)
}

#[tokio::test]
async fn private_certificate_authority_is_used_for_calls_and_relay() {
    let (backend, address) = backend().await;
    let certificates = Certificates::of("DNS:localhost").await;
    let endpoint = format!("https://localhost:{}/v1", certificates.front_of(address).await.port());
    let stranger = program(&backend, &endpoint, &[]).await;
    assert_eq!(readiness(&stranger).await, unreachable());
    assert!(stranger.log().contains("UnknownIssuer"), "{}", stranger.log());

    let authority = certificates.authority();
    let known = [("SSL_CERT_FILE", authority.to_str().expect("text"))];
    let program = program(&backend, &endpoint, &known).await;
    assert_eq!(readiness(&program).await.0, 200, "{}", program.log());
    live_page_works(&program).await;
}

#[tokio::test]
async fn https_proxy_is_used_for_calls_and_relay() {
    let (backend, address) = backend().await;
    let certificates = Certificates::of("DNS:appwrite.example").await;
    let proxy = Proxy::start(certificates.front_of(address).await, Some(AUTHORIZATION)).await;
    let authority = certificates.authority();
    let of = async |password: &str| {
        let url = format!("http://ann:{password}@{}", proxy.address);
        let variables = [("SSL_CERT_FILE", authority.to_str().expect("text")), ("HTTPS_PROXY", &url)];
        program(&backend, "https://appwrite.example/v1", &variables).await
    };
    let program = of(PASSWORD).await;
    live_page_works(&program).await;
    let requests = proxy.requests();
    assert!(requests.len() > 1, "{requests:?}");
    assert!(requests.iter().all(|line| line == "CONNECT appwrite.example:443 HTTP/1.1"), "{requests:?}");
    let stranger = of("wrong-hush-hush").await;
    assert_eq!(readiness(&stranger).await, unreachable());
    for log in [program.log(), stranger.log()] {
        for secret in [PASSWORD, "YW5u"] {
            assert!(!log.contains(secret), "{secret} is in the log: {log}");
        }
    }
}

#[tokio::test]
async fn http_proxy_is_used_for_calls_and_tunnels() {
    let (backend, address) = backend().await;
    let proxy = Proxy::start(address, None).await;
    let url = format!("http://{}", proxy.address);
    let variables = [("APPWRITE_INSECURE", "yes"), ("HTTP_PROXY", &url)];
    let program = program(&backend, "http://appwrite.example/v1", &variables).await;
    live_page_works(&program).await;
    let requests = proxy.requests();
    let is_call = |line: &String| line.contains(" http://appwrite.example/v1/");
    let is_tunnel = |line: &String| line == "CONNECT appwrite.example:80 HTTP/1.1";
    assert!(requests.iter().any(is_call) && requests.iter().any(is_tunnel), "{requests:?}");
}

#[tokio::test]
async fn hosts_without_a_proxy_are_reached_directly() {
    let (backend, address) = backend().await;
    // This machine, by an address that is not a loopback address and so needs the variable.
    let certificates = Certificates::of("IP:0.0.0.0").await;
    let port = certificates.front_of(address).await.port();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], port)), None).await;
    let (authority, url) = (certificates.authority(), format!("http://{}", proxy.address));
    let variables = [("SSL_CERT_FILE", authority.to_str().expect("text")), ("ALL_PROXY", &url)];
    let endpoint = format!("https://0.0.0.0:{port}/v1");
    let direct = [&variables[..], &[("NO_PROXY", "elsewhere.example, 0.0.0.0")]].concat();
    live_page_works(&program(&backend, &endpoint, &direct).await).await;
    assert_eq!(proxy.requests(), Vec::<String>::new());
    let through_proxy = program(&backend, &endpoint, &variables).await;
    assert_eq!(readiness(&through_proxy).await.0, 200, "{}", through_proxy.log());
    assert_eq!(proxy.requests(), [format!("CONNECT 0.0.0.0:{port} HTTP/1.1")]);
}

#[tokio::test]
async fn local_collector_bypasses_the_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let collector = format!("http://{}", listener.local_addr().expect("an address"));
    let routes = Router::new().route("/v1/traces", post(async || ()));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str()), ("ALL_PROXY", "http://127.0.0.1:9")];
    let examined = Program::command(&variables).args(["doctor", "--json"]).output().await.expect("the program");
    let found = String::from_utf8_lossy(&examined.stdout);
    assert!(found.contains("the collector takes them"), "{found}");
}

#[tokio::test]
async fn missing_certificates_are_named() {
    let variables = [
        ("APPWRITE_ENDPOINT", "https://appwrite.example/v1"),
        ("APPWRITE_PROJECT_ID", "demo"),
        ("APPWRITE_API_KEY", KEY),
        ("SSL_CERT_FILE", "/nowhere"),
    ];
    let examined = Program::command(&variables).arg("doctor").output().await.expect("the program");
    let found = String::from_utf8_lossy(&examined.stdout);
    assert!(!examined.status.success() && found.contains("check SSL_CERT_FILE"), "{found}");
}
