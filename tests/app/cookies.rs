//! Cookies set by other programs, other sites and attackers.

use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE, HeaderValue};

use crate::browser::{Answer, Browser};
use crate::oauth2::{ANN, decide, path_of, start};
use crate::running::App;

/// Opens a page with exactly this `Cookie` header.
async fn open_with(app: &App, path: &str, cookies: &[u8]) -> Answer {
    let browser = app.browser();
    let request = browser.request(Method::GET, path).header(ACCEPT, "text/html");
    browser.send(request.header(COOKIE, HeaderValue::from_bytes(cookies).expect("a header"))).await
}

async fn open_https_with(app: &App, path: &str, cookies: &str) -> Answer {
    open_with(app, path, cookies.as_bytes()).await
}

/// Returns a cookie with a notice that the server has sealed, under this name.
async fn note(app: &App, name: &str) -> String {
    let browser = app.browser();
    let fields = [("email", "eve@example.com"), ("password", "wrong-horse-1"), ("page", "/login")];
    browser.post_form("/actions/sign_in", &fields).await;
    browser.cookie(name).expect("a note")
}

#[tokio::test]
async fn planted_oauth_state_with_encoded_name_is_ignored() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let eve = app.browser();
    let back = path_of(&decide(&start(&eve, "").await, ANN).await);
    let pending = eve.cookie("__Host-oauth-state").expect("a pending sign-in");
    let other = app.browser();
    start(&other, "").await;
    let own = other.cookie("__Host-oauth-state").expect("a pending sign-in");
    for cookies in [
        format!("%5F%5FHost-oauth-state={pending}"),
        format!("__Host%2Doauth-state={pending}"),
        format!("\u{2000}__Host-oauth-state={pending}"),
        format!("__host-oauth-state={pending}"),
        format!("oauth-state={pending}"),
        format!("__Host-oauth-state={pending}; __Host-oauth-state={own}"),
        format!("__Host-oauth-state={own}; __Host-oauth-state={pending}"),
        format!("__Host-oauth-state={pending}; __Host-oauth-state={pending}"),
        format!("__Host-oauth-state={own}; %5F%5FHost-oauth-state={pending}"),
    ] {
        let answer = open_https_with(&app, &back, &cookies).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{cookies}");
        assert!(answer.set_cookie("__Host-session").is_none(), "{cookies}");
    }
    // The same cookie works under its own name, so only the name was wrong.
    let answer =
        open_https_with(&app, &back, &format!("__Host-oauth-state={pending}; %5F%5FHost-oauth-state={own}")).await;
    assert!(answer.set_cookie("__Host-session").is_some(), "{}", answer.body);
}

#[tokio::test]
async fn planted_flash_cookie_is_not_shown() {
    let app = App::start().await;
    let (note, other) = (note(&app, "flash").await, note(&app, "flash").await);
    let shows = |answer: Answer| answer.body.contains("Incorrect email or password.");
    for cookies in [
        format!("%66lash={note}"),
        format!("FLASH={note}"),
        format!("flash={note}; flash={other}"),
        format!("flash={other}; flash={note}"),
        format!("flash={note}; flash=x"),
        format!("flash=x; flash={note}"),
    ] {
        assert!(!shows(open_https_with(&app, "/login", &cookies).await), "{cookies}");
    }
    assert!(shows(open_https_with(&app, "/login", &format!("%66lash={other}; flash={note}")).await));
}

#[tokio::test]
async fn planted_session_or_pending_sign_in_is_ignored() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let secret = ann.cookie("session").expect("a session");
    for cookies in [
        format!("%73ession={secret}"),
        format!("session={secret}; session=x"),
        format!("session=x; session={secret}"),
        format!("session={secret}; session={secret}"),
    ] {
        assert_eq!(open_https_with(&app, "/account", &cookies).await.status, 303, "{cookies}");
    }
    let eve = app.browser();
    eve.post_form("/actions/ask_for_proof", &[("proof", "email_code"), ("address", "eve@example.com")]).await;
    let pending = eve.cookie("pending").expect("a sign-in under way");
    let path = "/login/code/enter";
    assert!(open_https_with(&app, path, &format!("pending={pending}")).await.body.contains("eve@example.com"));
    for cookies in [
        format!("%70ending={pending}"),
        format!("pending={pending}; pending=x"),
        format!("pending=x; pending={pending}"),
    ] {
        assert!(!open_https_with(&app, path, &cookies).await.body.contains("eve@example.com"), "{cookies}");
    }
}

#[tokio::test]
async fn foreign_cookie_does_not_sign_out() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let own = format!("session={}", ann.cookie("session").expect("a session"));
    for other in ["visitor=Zo\u{eb}".as_bytes(), b"visitor=Zo\xeb", b"\xff=\xfe", b"a b c", b"=x", b"%66=%zz"] {
        for line in [[other, b"; ", own.as_bytes()].concat(), [own.as_bytes(), b"; ", other].concat()] {
            assert_eq!(open_with(&app, "/account", &line).await.status, 200, "{line:?}");
            assert_eq!(open_with(&app, "/api/user", &line).await.status, 200, "{line:?}");
        }
    }
}

#[tokio::test]
async fn foreign_cookie_does_not_stop_sign_in() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for visitor in ["visitor=Zo\u{eb}".as_bytes(), b"visitor=Zo\xeb"] {
        let with = |browser: &Browser| {
            let own = ["session", "flash", "oauth-state"]
                .map(|name| browser.cookie(name).map(|kept| format!("; {name}={kept}")));
            let line = [visitor, own.into_iter().flatten().collect::<String>().as_bytes()].concat();
            HeaderValue::from_bytes(&line).expect("a header")
        };
        let browser = app.browser();
        let fresh = Browser::new(&app.origin);
        let fields = [("email", "ann@example.com"), ("password", "wrong-horse-1"), ("page", "/login")];
        let request = fresh.request(Method::POST, "/actions/sign_in").header(ACCEPT, "text/html").form(&fields);
        let answer = browser.send(request.header("sec-fetch-site", "same-origin").header(COOKIE, with(&browser))).await;
        assert_eq!(answer.status, 303);
        let request = fresh.request(Method::GET, "/login").header(ACCEPT, "text/html").header(COOKIE, with(&browser));
        assert!(browser.send(request).await.body.contains("Incorrect email or password."));

        let back = path_of(&decide(&start(&browser, "").await, ANN).await);
        let request = fresh.request(Method::GET, &back).header(ACCEPT, "text/html").header(COOKIE, with(&browser));
        let answer = browser.send(request).await;
        assert_eq!(answer.location(), "/account");
        let request = fresh.request(Method::GET, "/account").header(ACCEPT, "text/html").header(COOKIE, with(&browser));
        assert_eq!(browser.send(request).await.status, 200);
    }
}
