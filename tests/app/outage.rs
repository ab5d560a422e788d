//! Appwrite is down, or another server answers in its place.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::browser::Answer;
use crate::running::App;

#[tokio::test]
async fn outage_keeps_public_pages_and_is_reported_on_private_ones() {
    let mut app = App::start().await;
    let browser = app.browser_of("Ann").await;
    app.stop_backend().await;
    assert_eq!(browser.open("/").await.status, 200);
    let page = browser.open("/account").await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("We're having trouble connecting."), "{}", page.body);
    assert!(browser.cookie("session").is_some(), "an outage signs nobody out");
}

#[tokio::test]
async fn outage_is_a_503_with_retry_after() {
    let mut app = App::start().await;
    let ann = app.browser_of("Ann").await;
    app.stop_backend().await;
    let has_try_again = |answer: &Answer| answer.main().contains(">Try again<");
    for path in ["/account", "/birthdays", "/birthdays/6b013ef8ceed9d5e2056/edit", "/login/factor"] {
        let page = ann.open(path).await;
        assert_eq!((page.status, page.header("retry-after")), (503, "30"), "{path}");
        assert!(has_try_again(&page), "{path}: {}", page.main());
        assert!(!page.body.contains("href=\"/login\"") && !page.body.contains("Ann"), "{path}: {}", page.body);
    }
    let page = app.browser().open("/birthdays").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "30"));
    assert!(has_try_again(&page) && page.body.contains("href=\"/login\""), "{}", page.body);

    let jwt = ("authorization", "Bearer a.b.c");
    let request = ann.request(Method::GET, "/api/birthdays").header(jwt.0, jwt.1);
    for answer in [ann.send(request).await, ann.open("/api/user").await, ann.call("/actions/list_birthdays", &[]).await]
    {
        assert_eq!((answer.status, answer.header("retry-after")), (503, "30"), "{}", answer.body);
    }
}

#[tokio::test]
async fn signed_in_user_sees_no_sign_in_link_during_outage() {
    let mut app = App::start().await;
    let ann = app.browser_of("Ann").await;
    app.stop_backend().await;
    let home = ann.open("/").await;
    assert!(home.status == 200 && home.body.contains("View birthdays"), "{}", home.body);
    assert!(!home.body.contains(">Sign in<") && !home.body.contains("Create account"), "{}", home.body);
}

#[tokio::test]
async fn form_keeps_all_but_the_password_in_an_outage() {
    let mut app = App::start().await;
    app.stop_backend().await;
    let browser = app.browser();
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1"), ("page", "/signup")];
    assert_eq!(browser.post_form("/actions/sign_up", &fields).await.status, 303);
    let page = browser.open("/signup").await;
    assert_eq!(page.status, 503);
    assert!(page.field("name").contains("value=\"Ann\"") && page.field("email").contains("value=\"ann@example.com\""));
    assert!(!page.body.contains("Correct-horse-1"));
}

#[tokio::test]
async fn typed_values_are_kept_until_their_page_is_shown() {
    let mut app = App::start().await;
    let browser = app.browser_of("Ann").await;
    app.stop_backend().await;
    let fields = [("name", "Kevin"), ("date", "2012-02-03"), ("visibility", "everyone"), ("page", "/birthdays")];
    assert_eq!(browser.post_form("/actions/add_birthday", &fields).await.status, 303);
    let note = browser.cookie("flash");
    assert!(note.is_some());
    assert_eq!(browser.open("/birthdays").await.status, 503);
    assert_eq!(browser.cookie("flash"), note, "the page of the failure took the note away");
}

#[tokio::test]
async fn html_from_appwrite_is_an_outage_and_is_not_shown() {
    for status in [StatusCode::OK, StatusCode::BAD_GATEWAY, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND] {
        let proxy = Router::new()
            .fallback(move || async move { (status, Html("<h1>proxy secret-words</h1>")).into_response() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, proxy).await });
        let app = App::start_in_front_of(&endpoint).await;
        let browser = app.browser();
        let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1"), ("page", "/login")];
        let answer = browser.call("/actions/sign_in", &fields).await;
        assert_eq!(answer.status, 503, "{status}");
        assert!(!answer.body.contains("secret-words"));
        browser.plant("session", "something");
        let page = browser.open("/account").await;
        assert_eq!(page.status, 503, "{status}");
        assert!(!page.body.contains("secret-words"));
        assert!(browser.cookie("session").is_some());
    }
}
