//! The addresses that the app is opened at: its own, further ones, and others.

use reqwest::Method;
use reqwest::header::{ACCEPT, HOST};

use crate::browser::Answer;
use crate::running::App;
use crate::wire::exchange;

const ADDRESSES: [(&str, &str); 2] =
    [("APP_ORIGIN", "https://app.example"), ("APP_ORIGINS_ALSO", "https://www.app.example http://old.example:8080")];

async fn ask(app: &App, method: Method, host: &str, path: &str) -> Answer {
    let browser = app.browser();
    browser.send(browser.request(method, path).header(HOST, host).header(ACCEPT, "text/html")).await
}

#[tokio::test]
async fn further_origin_redirects_to_the_main_one() {
    let app = App::start_with(&ADDRESSES).await;
    for host in ["www.app.example", "old.example:8080"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&app, method, host, "//evil.example/login?next=%2Faccount").await;
            assert_eq!(answer.status, 308, "{host}");
            assert_eq!(answer.location(), "https://app.example//evil.example/login?next=%2Faccount");
            assert_eq!((answer.cookies().len(), answer.header("cache-control")), (0, "no-store"));
        }
    }
    let posted = ask(&app, Method::POST, "www.app.example", "/actions/sign_in").await;
    assert_eq!(posted.status, 421);
    assert!(posted.body.contains("<a href=\"https://app.example/\">https://app.example</a>"), "{}", posted.body);
}

#[tokio::test]
async fn unknown_host_gets_421_with_the_right_origin() {
    let app = App::start_with(&ADDRESSES).await;
    for (host, path) in [("10.0.0.7:3000", "/login"), ("app.example.evil.example", "/api/openapi.json"), ("", "/")] {
        let answer = ask(&app, Method::GET, host, path).await;
        assert_eq!((answer.status, answer.cookies().len()), (421, 0), "{host}");
        assert!(answer.body.contains("href=\"https://app.example/\""), "{}", answer.body);
    }
    let browser = app.browser();
    let program = browser.send(browser.request(Method::POST, "/api/login").header(HOST, "10.0.0.7")).await;
    assert!(program.json()["error"].as_str().is_some_and(|error| error.ends_with("https://app.example")));
    assert_eq!(ask(&app, Method::GET, "app.example", "/login").await.status, 200);
}

#[tokio::test]
async fn health_check_works_at_any_host() {
    let app = App::start_with(&ADDRESSES).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(&app, Method::GET, "10.0.0.7:3000", path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn two_host_headers_are_refused() {
    let app = App::start_with(&ADDRESSES).await;
    let address = app.origin.trim_start_matches("http://");
    for hosts in ["host: app.example\r\nhost: evil.example", "host: app.example\r\nhost: app.example"] {
        let answer =
            exchange(address, format!("GET /login HTTP/1.1\r\n{hosts}\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    }
}
