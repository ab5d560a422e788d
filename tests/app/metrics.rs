//! The metrics that Prometheus reads.

use leptos_appwrite::metrics;

use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

async fn scrape(address: std::net::SocketAddr) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics")).await.expect("an answer");
    assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/plain; version=0.0.4"));
    answer.text().await.expect("a body")
}

/// True if a line has this name, and all labels.
fn has(text: &str, name: &str, labels: &[&str]) -> bool {
    text.lines().any(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)))
}

#[tokio::test]
async fn metrics_have_templates_and_no_secrets() {
    let address = metrics::serve(([127, 0, 0, 1], 0).into()).await.expect("a free port");
    let app = App::start_with(&[("REALTIME", "relay")]).await;
    let browser = app.browser_of("Ann").await;
    browser.open("/login?next=%2Fhush-hush").await;
    browser.open("/nowhere/hush-hush").await;
    browser.send(browser.request("HUSH".parse().expect("a method"), "/login")).await;
    let stranger = app.browser();
    assert_eq!(stranger.open("/login").await.status, 200);
    let wrong = [("email", "hush@example.com"), ("password", "hush-hush"), ("page", "/login")];
    while stranger.call("/actions/sign_in", &wrong).await.status != 429 {}
    let ticket = ticket(&browser).await;
    let mut socket = Socket::open(&app, &browser, &ticket).await;
    assert_eq!(socket.connected_user().await.as_ref(), Some(&ticket.user_id));

    let text = scrape(address).await;
    for (name, labels) in [
        ("http_requests_total", &["method=\"GET\"", "route=\"/login\"", "status=\"303\""][..]),
        ("http_requests_total", &["method=\"GET\"", "route=\"other\"", "status=\"404\""]),
        ("http_requests_total", &["method=\"POST\"", "route=\"/actions/sign_in\"", "status=\"429\""]),
        ("http_request_duration_seconds_bucket", &["route=\"/actions/sign_in\"", "le=\"0.25\""]),
        ("appwrite_calls_total", &["POST /account/sessions/email", "caller=\"key\"", "user_invalid_credentials"]),
        ("appwrite_call_duration_seconds_count", &["GET /account"]),
        ("rate_limit_refusals_total", &["limit=\"Password by account\""]),
        ("page_render_duration_seconds_count", &["route="]),
        ("relayed_connections ", &[]),
        ("relayed_sessions ", &[]),
        ("relayed_frames_total", &["to=\"browser\""]),
    ] {
        assert!(has(&text, name, labels), "no {name} {labels:?} in {text}");
    }
    let session = browser.cookie("session").expect("a session");
    for secret in ["hush", "HUSH", session.as_str(), &ticket.user_id, "next=", "@example.com"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn metrics_are_not_served_at_the_app_address() {
    let app = App::start().await;
    assert_eq!(app.browser().open("/metrics").await.status, 404);
}
