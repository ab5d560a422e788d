//! Bodies that no form of ours sends.

use crate::running::App;

#[tokio::test]
async fn a_missing_field_is_named() {
    let app = App::start().await;
    let answer = app.browser().call("/actions/sign_up", &[]).await;
    assert_eq!(answer.status, 422);
    for field in ["name", "email", "password"] {
        assert!(answer.body.contains(&format!("{{\"field\":\"{field}\",\"problem\":\"Missing\"}}")), "{}", answer.body);
    }
}

#[tokio::test]
async fn an_oversized_body_is_refused_with_a_page() {
    let app = App::start().await;
    let browser = app.browser();
    let long = "x".repeat(100_000);
    let answer = browser.post_form("/actions/sign_up", &[("name", &long)]).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("more than the server takes at once"), "{}", answer.body);
    assert_eq!(browser.call("/actions/sign_up", &[("name", &long)]).await.status, 413);
}

#[tokio::test]
async fn bodies_of_another_kind_are_bad_requests() {
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

#[tokio::test]
async fn a_page_of_another_version_is_told_to_reload() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = browser.call("/actions/of_another_version", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "\"OutOfDate\""));
    let answer = browser.post_form("/actions/of_another_version", &[("page", "/login")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    assert!(browser.open("/login").await.body.contains("This page is older than the server."));
}

#[tokio::test]
async fn a_flash_that_somebody_else_made_is_not_shown() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("flash", "eyJOb3RpY2UiOiJCbG9ja2VkIn0=");
    let page = browser.open("/login").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("blocked"));
}

#[tokio::test]
async fn an_error_in_the_address_is_not_shown_either() {
    let app = App::start().await;
    let page = app.browser().open("/login?__path=/actions/sign_in&__err=IkJsb2NrZWQi").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("blocked"), "{}", page.body);
}
