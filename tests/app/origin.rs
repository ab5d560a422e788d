//! State-changing requests from other origins.

use reqwest::Method;

use crate::running::App;

const BODIES: [(&str, &str); 4] = [
    ("application/x-www-form-urlencoded", "email=ann%40example.com&password=Correct-horse-1"),
    ("multipart/form-data; boundary=x", "--x--"),
    ("text/plain", "{\"email\":\"ann@example.com\",\"password\":\"Correct-horse-1\"}"),
    ("application/json", "{\"email\":\"ann@example.com\",\"password\":\"Correct-horse-1\"}"),
];

#[tokio::test]
async fn cross_site_request_is_refused() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    for path in
        ["/actions/sign_in", "/actions/sign_out", "/actions/add_birthday", "/actions/realtime_ticket", "/api/login"]
    {
        for (content_type, body) in BODIES {
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.example"),
                ("origin", "null"),
            ] {
                let request = browser.request(Method::POST, path).header("content-type", content_type).body(body);
                let answer = browser.send(request.header(name, value)).await;
                assert_eq!(answer.status, 403, "{path} {content_type} {name}: {value}");
                assert!(answer.set_cookie("session").is_none());
            }
        }
    }
}

#[tokio::test]
async fn form_body_without_origin_is_refused() {
    let app = App::start().await;
    let browser = app.browser();
    for (content_type, body) in &BODIES[..3] {
        let request = browser.request(Method::POST, "/actions/sign_in").header("content-type", *content_type);
        assert_eq!(browser.send(request.body(*body)).await.status, 403, "{content_type}");
    }
}

#[tokio::test]
async fn cross_site_form_gets_a_page_with_an_explanation() {
    let app = App::start().await;
    let browser = app.browser();
    let request = browser.request(Method::POST, "/actions/sign_in").header("accept", "text/html").form(&[("a", "b")]);
    let answer = browser.send(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("<h1") && answer.body.contains("came from another site"), "{}", answer.body);
}

#[tokio::test]
async fn get_requests_change_nothing() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    for path in ["/actions/sign_out", "/actions/sign_in", "/api/login"] {
        let answer = browser.open(path).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
    }
    assert_eq!(browser.open("/account").await.status, 200);
}
