//! Session cookies that come back: valid, malformed, expired, planted.

use std::time::Duration;

use reqwest::Method;

use crate::running::App;

#[tokio::test]
async fn signed_out_visitors_are_redirected_to_sign_in_and_back() {
    let app = App::start().await;
    let answer = app.browser().open("/account?tab=1").await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount%3Ftab%3D1"));
    let page = app.browser().open(answer.location()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("value=\"/account?tab=1\""), "{}", page.body);
}

#[tokio::test]
async fn unknown_session_secret_is_cleared() {
    let app = App::start().await;
    for value in ["garbage", "eyJpZCI6IngiLCJzZWNyZXQiOiJ5In0=", ""] {
        let browser = app.browser();
        browser.plant("session", value);
        let answer = browser.open("/account").await;
        assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"), "{value:?}");
        assert_eq!(browser.cookie("session"), None, "{value:?}");
        let page = browser.open(answer.location()).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("You are signed out."), "{}", page.body);
    }
}

#[tokio::test]
async fn expired_session_cookie_is_cleared() {
    let app = App::start_with_sessions_of(Duration::from_secs(1), &[]).await;
    let browser = app.browser_of("Ann").await;
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let answer = browser.open("/account").await;
            if answer.status != 200 {
                break answer;
            }
        }
    });
    let answer = ended.await.expect("the session ends");
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"));
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn two_session_cookies_count_as_none() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let secret = browser.cookie("session").expect("a session");
    let request = app.browser().request(Method::GET, "/account");
    let answer = browser.send(request.header("cookie", format!("session={secret}; session=planted"))).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn http_cookie_is_ignored_over_https() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let browser = app.browser_of("Ann").await;
    let planted = app.browser();
    planted.plant("session", &browser.cookie("__Host-session").expect("a session"));
    assert_eq!(planted.open("/account").await.status, 303);
}

#[tokio::test]
async fn sign_in_page_redirects_signed_in_users() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    for (path, target) in [
        ("/login", "/account"),
        ("/signup", "/account"),
        ("/login?next=%2Fbirthdays", "/birthdays"),
        ("/login?next=%2F%2Fevil", "/account"),
    ] {
        let answer = browser.open(path).await;
        assert_eq!((answer.status, answer.location()), (303, target), "{path}");
    }
}

#[tokio::test]
async fn call_with_ended_session_is_refused_and_clears_the_cookie() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("session", "garbage");
    let answer = browser.call("/actions/list_birthdays", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (401, "\"SignedOut\""));
    assert_eq!(browser.cookie("session"), None);
}
