//! "Keep me signed in": how long the browser keeps the session, after each sign-in method.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use local_appwrite::Clock;
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::browser::{Answer, Browser};
use crate::oauth2::{ANN, Decision, decide, open_own, path_of};
use crate::running::App;
use crate::second_factor::Protected;

const PASSWORD: &str = "Correct-horse-1";

/// The checkbox as a form field, checked or not.
fn keep(is_kept: bool) -> Vec<(&'static str, &'static str)> {
    if is_kept { vec![("keep", "yes")] } else { Vec::new() }
}

/// Asserts that the response signs in, with cookies that live until the session expires, or only as long as the browser.
pub fn assert_kept(answer: &Answer, is_kept: bool, way: &str) {
    for name in ["session", "signed-in"] {
        let cookie = answer.set_cookie(name).unwrap_or_else(|| panic!("{way}: no {name}: {}", answer.body));
        assert_eq!(cookie.expires_datetime().is_some(), is_kept, "{way}: {cookie}");
        assert_eq!(cookie.max_age(), None, "{way}: {cookie}");
    }
}

async fn post(browser: &Browser, action: &str, fields: &[(&str, &str)], is_kept: bool) -> Answer {
    browser.post_form(action, &[fields, &keep(is_kept)].concat()).await
}

#[tokio::test]
async fn forms_keep_the_session_only_if_the_user_wants_it() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for is_kept in [true, false] {
        let email = format!("new{is_kept}@example.com");
        let sign_up = [("name", "New"), ("email", email.as_str()), ("password", PASSWORD)];
        let sign_in = [("email", "ann@example.com"), ("password", PASSWORD)];
        let guest: [(&str, &str); 0] = [];
        for (action, fields) in
            [("/actions/sign_up", &sign_up[..]), ("/actions/sign_in", &sign_in), ("/actions/continue_as_guest", &guest)]
        {
            let browser = app.browser();
            assert_kept(&post(&browser, action, fields, is_kept).await, is_kept, action);
            assert_eq!(browser.open("/account").await.status, 200);
        }
    }
}

#[tokio::test]
async fn code_keeps_the_session_as_chosen_when_it_was_requested() {
    let app = App::start().await;
    for (proof, is_kept, is_sent_again, address) in [
        ("email_code", true, false, "kay@example.com"),
        ("email_code", false, true, "kay@example.com"),
        ("phone_code", true, true, "+442079460018"),
        ("phone_code", false, false, "+12025550123"),
    ] {
        let browser = app.browser();
        let ask = [("proof", proof), ("address", address)];
        post(&browser, "/actions/ask_for_proof", &ask, is_kept).await;
        if is_sent_again {
            browser.post_form("/actions/send_again", &[("proof", proof)]).await;
        }
        let code = app.message_to(address).await.code();
        let answer = browser.post_form("/actions/enter_code", &[("proof", proof), ("code", &code)]).await;
        assert_kept(&answer, is_kept, proof);
    }
}

#[tokio::test]
async fn link_keeps_the_session_as_chosen_when_opened() {
    let app = App::start().await;
    for is_kept in [true, false] {
        let ask = [("proof", "magic_link"), ("address", "kay@example.com")];
        app.browser().post_form("/actions/ask_for_proof", &ask).await;
        let base = Url::parse("http://localhost").expect("an address");
        let link = base.join(&app.message_to("kay@example.com").await.path()).expect("an address");
        let parameter = |name| link.query_pairs().find(|(own, _)| own == name).expect("a parameter").1.into_owned();
        let (user, secret, address) = (parameter("userId"), parameter("secret"), parameter("address"));
        let fields = [("user_id", user.as_str()), ("secret", &secret), ("address", &address)];
        assert_kept(&post(&app.browser(), "/actions/open_link", &fields, is_kept).await, is_kept, "link");
    }
}

#[tokio::test]
async fn provider_keeps_the_session_as_chosen_before_leaving() {
    let app = App::start().await;
    for is_kept in [true, false] {
        let browser = app.browser();
        let away = post(&browser, "/actions/sign_in_with_provider", &[("provider", "mock")], is_kept).await;
        let page = Url::parse(&away.opened().expect("the provider's page")).expect("an address");
        let back = decide(&page, ANN).await;
        assert_kept(&open_own(&browser, &path_of(&back)).await, is_kept, "provider");
    }
}

#[tokio::test]
async fn second_factor_keeps_the_choice() {
    let app = App::start().await;
    let kay = Protected::sign_up(&app, "Kay").await;
    for is_kept in [true, false] {
        let browser = app.browser();
        let fields = [("email", kay.email.as_str()), ("password", PASSWORD)];
        assert_kept(&post(&browser, "/actions/sign_in", &fields, is_kept).await, is_kept, "first factor");
        let code = kay.code();
        let answer = browser.post_form("/actions/give_second_factor", &[("factor", "totp"), ("code", &code)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
        assert!(answer.set_cookie("session").is_none() && answer.set_cookie("signed-in").is_none());
        assert_eq!(browser.open("/account").await.status, 200);
    }
}

#[tokio::test]
async fn only_sessions_that_the_browser_keeps_are_renewed() {
    let clock = Clock::manual(Timestamp::now() - SignedDuration::from_hours(270 * 24));
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    app.browser_of("Ann").await;
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    let browsers = [app.browser(), app.browser(), app.browser()];
    for (browser, is_kept) in browsers.iter().zip([true, false, true]) {
        post(browser, "/actions/sign_in", &fields, is_kept).await;
    }
    // Without the marker, nobody knows how long the browser keeps the cookie.
    browsers[2].lose("signed-in");
    clock.advance(Duration::from_secs(270 * 86_400));
    for (browser, is_kept) in browsers.iter().zip([true, false, false]) {
        let secret = browser.cookie("session");
        let page = browser.open("/account").await;
        assert_eq!((page.status, browser.cookie("session")), (200, secret));
        if is_kept {
            assert_kept(&page, true, "renewal");
        } else {
            assert!(page.set_cookie("session").is_none());
        }
    }
    assert_eq!(browsers[2].open("/account").await.status, 200, "marked, and noted as used");
}

#[tokio::test]
async fn new_password_and_second_sign_in_keep_the_choice() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for (is_kept, old, new) in [(true, PASSWORD, "Other-horse-2"), (false, "Other-horse-2", "Third-horse-3")] {
        let browser = app.browser();
        let fields = [("email", "ann@example.com"), ("password", old)];
        post(&browser, "/actions/sign_in", &fields, is_kept).await;
        let user = browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let change = [("old_password", old), ("password", new), ("account", &user)];
        let answer = browser.post_form("/actions/change_password", &change).await;
        assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
        assert!(answer.set_cookie("session").is_none() && answer.set_cookie("signed-in").is_none());
        let verify = browser.open("/account/verify").await;
        assert!(verify.field("keep").contains("value=\"same\""), "{}", verify.main());
        let again = [("email", "ann@example.com"), ("password", new), ("keep", "same")];
        assert_kept(&browser.post_form("/actions/sign_in", &again).await, is_kept, "second sign-in");
    }
}

#[tokio::test]
async fn each_sign_in_page_asks_once_and_remembers_the_choice() {
    let app = App::start().await;
    let browser = app.browser();
    let link = format!("/login/link/open?userId=kay&secret={}", "a".repeat(64));
    for path in ["/login", "/signup", "/login/code", "/login/phone", "/login/guest", &link] {
        let page = browser.open(path).await;
        let field = page.field("keep");
        assert!(field.contains("type=\"checkbox\"") && field.contains(" checked"), "{path}: {field}");
        assert_eq!(page.main().matches("name=\"keep\"").count(), 1, "{path}");
        assert!(page.main().contains("after 24 hours without use"), "{path}");
    }
    let wrong = [("email", "ann@example.com"), ("password", "wrong-password"), ("page", "/login")];
    for is_kept in [true, false] {
        post(&browser, "/actions/sign_in", &wrong, is_kept).await;
        let field = browser.open("/login").await.field("keep");
        assert_eq!(field.contains(" checked"), is_kept, "{field}");
    }
}

#[tokio::test]
async fn provider_buttons_send_the_checkbox_of_the_form() {
    let app = App::start().await;
    for (path, button) in [("/login", ">Sign in</button>"), ("/signup", ">Create account</button>")] {
        let page = app.browser().open(path).await;
        let main = page.main().replace("<!>", "");
        let form = main.split("<form").find(|form| form.contains("name=\"keep\"")).expect("a form");
        let form = form.split("</form>").next().expect("its end");
        assert!(form.contains("formaction=\"/actions/sign_in_with_provider\""), "{form}");
        // The Enter key presses the first button.
        let first = form.split("type=\"submit\"").nth(1).expect("a button");
        assert!(first.contains(button) && !first.contains("formaction"), "{first}");
    }
}

#[tokio::test]
async fn refused_provider_remembers_the_choice() {
    let app = App::start().await;
    for is_kept in [true, false] {
        let browser = app.browser();
        let fields = [("provider", "mock"), ("next", "/birthdays")];
        let away = post(&browser, "/actions/sign_in_with_provider", &fields, is_kept).await;
        let page = Url::parse(&away.opened().expect("the provider's page")).expect("an address");
        let back = decide(&page, Decision::Deny).await;
        let answer = open_own(&browser, &path_of(&back)).await;
        let field = browser.open(answer.location()).await.field("keep");
        assert_eq!(field.contains(" checked"), is_kept, "{}: {field}", answer.location());
        // The app refuses it before the redirect to the provider.
        let fields = [("provider", "none"), ("page", "/signup"), ("email", "kay@example.com")];
        post(&browser, "/actions/sign_in_with_provider", &fields, is_kept).await;
        let page = browser.open("/signup").await;
        assert_eq!((page.status, page.field("keep").contains(" checked")), (400, is_kept));
        assert!(page.field("email").contains("kay@example.com"), "{}", page.main());
    }
}

#[tokio::test]
async fn correcting_the_address_keeps_the_choice() {
    let app = App::start().await;
    for is_kept in [true, false] {
        let browser = app.browser();
        let ask = [("proof", "email_code"), ("address", "kay@example.com")];
        post(&browser, "/actions/ask_for_proof", &ask, is_kept).await;
        browser.post_form("/actions/send_again", &[("proof", "email_code")]).await;
        let field = browser.open("/login/code").await.field("keep");
        assert_eq!(field.contains(" checked"), is_kept, "{field}");
    }
}

#[tokio::test]
async fn api_keeps_the_session_by_default() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for (keep, is_kept) in [(json!(null), true), (json!(true), true), (json!(false), false)] {
        let body = json!({ "email": "ann@example.com", "password": PASSWORD, "keep": keep });
        let browser = app.browser();
        let answer = browser.send(browser.request(Method::POST, "/api/login").json(&body)).await;
        assert_kept(&answer, is_kept, "API");
    }
}

#[tokio::test]
async fn unchecked_session_ends_after_a_day_without_use() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    for is_kept in [true, false] {
        let browser = app.browser();
        let answer = post(&browser, "/actions/sign_in", &fields, is_kept).await;
        let limit = answer.set_cookie("used").and_then(|used| used.max_age()).map(|age| age.whole_hours());
        assert_eq!(limit, (!is_kept).then_some(24));
        assert_eq!(browser.open("/account").await.status, 200);
        // A real browser would drop the cookie after the limit.
        browser.lose("used");
        assert_eq!(browser.open("/account").await.status, if is_kept { 200 } else { 303 });
    }
}

#[tokio::test]
async fn shorter_idle_limit_also_ends_unchecked_sessions() {
    let app = App::start_with(&[("SESSION_IDLE_LIMIT", "30m")]).await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    let answer = post(&browser, "/actions/sign_in", &fields, false).await;
    assert_kept(&answer, false, "sign-in");
    let limit = answer.set_cookie("used").and_then(|used| used.max_age()).map(|age| age.whole_minutes());
    assert_eq!(limit, Some(30));
}
