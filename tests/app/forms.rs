//! Malformed request bodies, which none of the app's forms sends.

use axum::Router;
use axum::routing::post;
use reqwest::Method;

use crate::browser::{Answer, Browser};
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

#[tokio::test]
async fn missing_field_is_reported() {
    let app = App::start().await;
    let answer = app.browser().call("/actions/sign_up", &[]).await;
    assert_eq!(answer.status, 422);
    for field in ["name", "email", "password"] {
        assert!(answer.body.contains(&format!("{{\"field\":\"{field}\",\"problem\":\"Missing\"}}")), "{}", answer.body);
    }
}

#[tokio::test]
async fn oversized_body_is_refused_with_a_page() {
    let app = App::start().await;
    let browser = app.browser();
    let long = "x".repeat(100_000);
    let answer = browser.post_form("/actions/sign_up", &[("name", &long)]).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("too large for the server"), "{}", answer.body);
    assert_eq!(browser.call("/actions/sign_up", &[("name", &long)]).await.status, 413);
}

#[tokio::test]
async fn bodies_of_another_type_are_bad_requests() {
    let app = App::start().await;
    let browser = app.browser();
    for (content_type, body) in [
        ("application/json", &b"{\"email\":\"a\"}"[..]),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"email=a"),
        ("application/x-www-form-urlencoded", b"email=%FF%FE&password=%00"),
        ("application/x-www-form-urlencoded", b"email[a][b]=1&email=2"),
    ] {
        let answer = browser.post("/actions/sign_in", content_type, body.to_vec()).await;
        assert!((400..500).contains(&answer.status), "{content_type}: {} {}", answer.status, answer.body);
    }
    assert_eq!(browser.open("/login").await.status, 200);
}

/// Posts a body like a browser that navigates to the response.
async fn post_as_page(browser: &Browser, path: &str, content_type: Option<&str>, body: &'static str) -> Answer {
    let mut request = browser.request(Method::POST, path).header("accept", "TEXT/html,*/*").body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let request = request.header("sec-fetch-site", "same-origin").header("referer", "https://evil.example/back");
    browser.send(request).await
}

const SIGN_IN: &str = "email=ann%40example.com&password=Correct-horse-1&page=%2Flogin";

#[tokio::test]
async fn form_routes_take_forms_only() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    for path in ["/actions/sign_in", "/actions/sign_out", "/actions/list_birthdays", "/actions/of_another_version"] {
        for content_type in [
            Some("text/plain"),
            Some("multipart/form-data; boundary=x"),
            Some("application/json"),
            Some("application/x-www-form-urlencoded2"),
            Some(""),
            None,
        ] {
            let page = post_as_page(&browser, path, content_type, SIGN_IN).await;
            assert_eq!((page.status, page.location()), (415, ""), "{path} {content_type:?}");
            assert!(page.body.contains("<h1") && page.cookies().is_empty(), "{path} {content_type:?}: {}", page.body);
            if let Some(content_type) = content_type {
                let answer = browser.post(path, content_type, SIGN_IN).await;
                assert_eq!((answer.status, answer.cookies().len()), (415, 0), "{path} {content_type}");
                assert!(answer.json()["error"].is_string());
            }
        }
    }
    assert_eq!(browser.open("/account").await.status, 200);
}

#[tokio::test]
async fn form_content_type_is_matched_in_any_case() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for content_type in [
        "application/x-www-form-urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "Application/x-www-form-urlencoded ; charset=UTF-8",
    ] {
        let browser = app.browser();
        let answer = post_as_page(&browser, "/actions/sign_in", Some(content_type), SIGN_IN).await;
        assert_eq!((answer.status, answer.location()), (303, "/account"), "{content_type}");
        let wrong = "email=ann%40example.com&password=wrong&page=%2Flogin";
        let answer = post_as_page(&app.browser(), "/actions/sign_in", Some(content_type), wrong).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{content_type}");

        let request = browser.request(Method::POST, "/actions/sign_out").header("accept", "text/html");
        let request = request.header("content-type", content_type).header("sec-fetch-site", "cross-site").body("");
        let answer = browser.send(request).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("<h1"), "{content_type}: {}", answer.body);
    }
}

#[tokio::test]
async fn text_too_long_to_keep_is_reported() {
    let app = App::start().await;
    for name in ["\"".repeat(1900), "x".repeat(9000), "\u{1f382}".repeat(2000)] {
        let browser = app.browser();
        let fields = [("name", name.as_str()), ("email", "ann at example"), ("password", "x"), ("page", "/signup")];
        let answer = browser.post_form("/actions/sign_up", &fields).await;
        let cookie = answer.headers.get("set-cookie").expect("a note");
        assert!(cookie.len() <= 4096, "{} bytes", cookie.len());
        let page = browser.open("/signup").await;
        assert!(page.main().contains("Some of your text was too long to save."), "{}", page.main());
        assert!(page.field("email").contains("value=\"ann at example\""), "{}", page.field("email"));
        assert!(page.field("email").contains("aria-invalid=\"true\""), "{}", page.field("email"));
    }
    let browser = app.browser();
    browser.post_form("/actions/sign_up", &[("name", "Ann"), ("page", "/signup")]).await;
    assert!(!browser.open("/signup").await.main().contains("too long to save"));
}

#[tokio::test]
async fn unparseable_form_keeps_typed_values() {
    let routes = Router::new().route("/account/sessions/email", post(|| async { refusal(400, "general_bad_request") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "Brand-new-horse-2"), ("page", "/login")];
    assert_eq!(browser.post_form("/actions/sign_in", &fields).await.location(), "/login");
    let page = browser.open("/login").await;
    assert_eq!(page.status, 400);
    assert!(page.main().contains("The server did not understand this request."), "{}", page.main());
    assert!(page.field("email").contains("value=\"ann@example.com\""), "{}", page.field("email"));
    assert!(!page.body.contains("Brand-new-horse-2"));
}

#[tokio::test]
async fn page_of_another_version_is_told_to_reload() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = browser.call("/actions/of_another_version", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "\"OutOfDate\""));
    let answer = browser.post_form("/actions/of_another_version", &[("page", "/login")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    assert!(browser.open("/login").await.body.contains("This page is out of date."));
}

#[tokio::test]
async fn forged_flash_cookie_is_not_shown() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("flash", "eyJOb3RpY2UiOiJCbG9ja2VkIn0=");
    let page = browser.open("/login").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("blocked"));
}

#[tokio::test]
async fn error_in_the_url_is_not_shown() {
    let app = App::start().await;
    let page = app.browser().open("/login?__path=/actions/sign_in&__err=IkJsb2NrZWQi").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("blocked"), "{}", page.body);
}
