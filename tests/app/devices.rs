//! The list of the user's sessions, and ending them.

use leptos_appwrite::site::Paths;
use leptos_birthdays::site::SITE;
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, ORIGIN, USER_AGENT};
use serde_json::Value;

use crate::browser::Browser;
use crate::running::App;

const PAGE: &str = "/account/devices";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Signs the user of `App::browser_of` in with one more browser.
async fn sign_in(app: &App, name: &str, user_agent: &str) -> Browser {
    let browser = app.browser();
    let email = format!("{}@example.com", name.to_lowercase());
    let fields = [("email", email.as_str()), ("password", "Correct-horse-1")];
    let request = browser.request(Method::POST, "/actions/sign_in").form(&fields).header(USER_AGENT, user_agent);
    let request = request.header(ACCEPT, "text/html").header(ORIGIN, browser.origin());
    let answer = browser.send(request.header("sec-fetch-site", "same-origin")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    browser
}

async fn list(browser: &Browser) -> Vec<Value> {
    let answer = browser.call("/actions/list_devices", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().expect("devices").clone()
}

#[tokio::test]
async fn this_device_stands_first_and_no_secret_is_shown() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let other = sign_in(&app, "Ann", FIREFOX).await;
    for (browser, is_other_last) in [(&ann, true), (&other, false)] {
        let page = browser.open(PAGE).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
        let at = |text: &str| page.main().find(text).unwrap_or_else(|| panic!("no {text}: {}", page.main()));
        assert_eq!(page.main().matches("This device").count(), 1, "{}", page.main());
        assert_eq!(at("This device") < at("Firefox on Windows"), is_other_last, "{}", page.main());
        assert!(page.main().contains("127.0.0.1") && page.main().contains(" UTC<"), "{}", page.main());
        for secret in [ann.cookie("session"), other.cookie("session")] {
            let secret = secret.expect("a session");
            let piece = &secret[secret.len() / 2..secret.len() - 4];
            assert!(!page.body.contains(piece), "a secret is on the page");
        }
        for field in ["providerAccessToken", "providerRefreshToken", "secret_hash"] {
            assert!(!page.body.contains(field), "{field} is on the page");
        }
    }
}

#[tokio::test]
async fn times_are_in_the_language_of_the_browser() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for (accepted, language, in_between) in
        [("de-DE,de;q=0.9", "de-DE", "."), ("fa-IR", "fa-IR", "۲۰"), ("", "en-US", ", 20")]
    {
        let page = ann.request(Method::GET, PAGE).header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, accepted);
        let page = ann.send(page).await;
        let time = page.main().split("<time ").nth(1).and_then(|time| time.split("</time>").next()).expect("a time");
        assert!(time.contains(&format!("lang=\"{language}\" dir=\"auto\"")), "{time}");
        assert!(time.contains(in_between) && time.contains(" UTC<"), "{time}");
    }
}

#[tokio::test]
async fn ended_device_is_signed_out_at_its_next_request() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let other = sign_in(&app, "Ann", FIREFOX).await;
    let devices = list(&ann).await;
    assert_eq!((devices.len(), &devices[0]["is_this"]), (2, &Value::Bool(true)));
    let id = devices[1]["id"].as_str().expect("an id");
    let answer = ann.post_form("/actions/end_device", &[("id", id), ("page", PAGE)]).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("The device is signed out."), "{}", page.main());
    assert!(!page.main().contains("Firefox"), "{}", page.main());
    let answer = other.open("/account").await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"));
    assert_eq!(other.cookie("session"), None);
    let again = ann.post_form("/actions/end_device", &[("id", id), ("page", PAGE)]).await;
    assert_eq!((again.status, again.location()), (303, PAGE), "a device that is gone is no error");
}

#[tokio::test]
async fn all_other_devices_are_signed_out_together() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let ben = app.browser_of("Ben").await;
    let others = [sign_in(&app, "Ann", FIREFOX).await, sign_in(&app, "Ann", FIREFOX).await];
    let answer = ann.post_form("/actions/end_other_devices", &[("page", PAGE)]).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("All other devices are signed out."), "{}", page.main());
    assert!(!page.main().contains("Sign out all other devices"), "{}", page.main());
    for other in &others {
        assert_eq!(other.open("/account").await.status, 303);
    }
    assert_eq!(ben.open("/account").await.status, 200);
}

#[tokio::test]
async fn ending_this_device_signs_out() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let devices = list(&ann).await;
    let id = devices[0]["id"].as_str().expect("an id");
    let answer = ann.post_form("/actions/end_device", &[("id", id), ("page", PAGE)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(ann.cookie("session"), None);
}

#[tokio::test]
async fn session_of_another_user_is_not_ended() {
    let app = App::start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let devices = list(&ann).await;
    let id = devices[0]["id"].as_str().expect("an id");
    for id in [id, "current", "../current", ""] {
        ben.post_form("/actions/end_device", &[("id", id), ("page", PAGE)]).await;
        assert_eq!(ann.open("/account").await.status, 200, "{id}");
        assert_eq!(ben.open("/account").await.status, 200, "{id}");
    }
}

#[tokio::test]
async fn device_actions_require_their_page_and_a_session() {
    let paths = Paths { devices: None, ..SITE.paths };
    let app = App::start_with_paths(paths).await;
    let ann = app.browser_of("Ann").await;
    let stranger = App::start().await.browser();
    for action in ["list_devices", "end_device", "end_other_devices"] {
        let path = format!("/actions/{action}");
        assert_eq!(ann.call(&path, &[]).await.status, 501, "{action}");
        assert_eq!(stranger.call(&path, &[]).await.status, 401, "{action}");
    }
}

#[tokio::test]
async fn page_of_former_user_cannot_end_sessions_of_the_next() {
    let app = App::start().await;
    let (ann, elsewhere) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let page = elsewhere.open("/account/name").await;
    let former = page.field("account");
    let former = former.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the account's id");
    for action in ["end_other_devices", "end_device"] {
        let answer = ann.call(&format!("/actions/{action}"), &[("account", former)]).await;
        assert_eq!(answer.status, 409, "{action}: {}", answer.body);
    }
    assert_eq!(ann.open(PAGE).await.status, 200);
}
