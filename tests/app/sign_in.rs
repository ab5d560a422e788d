//! Sign-in and sign-out.

use std::time::{Duration, Instant};

use local_appwrite::{Clock, Profile};

use crate::browser::assert_takes_focus;
use crate::network::Network;
use crate::running::App;

const WRONG: [(&str, &str); 3] = [("email", "ann@example.com"), ("password", "wrong-password"), ("page", "/login")];

#[tokio::test]
async fn session_cookie_is_httponly_strict_and_expires_with_session() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1"), ("keep", "yes")];
    let answer = app.browser().post_form("/actions/sign_in", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    let cookie = answer.set_cookie("session").expect("a session");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site().map(|same_site| same_site.to_string()).as_deref(), Some("Strict"));
    assert_eq!(cookie.path(), Some("/"));
    assert_eq!((cookie.domain(), cookie.secure()), (None, None));
    let expires = cookie.expires_datetime().expect("an end").unix_timestamp();
    let in_a_year = jiff::Timestamp::now().as_second() + 365 * 24 * 3600;
    assert!((in_a_year - expires).abs() < 60, "{expires}");
}

#[tokio::test]
async fn session_cookie_is_secure_and_host_bound_over_https() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let browser = app.browser();
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1")];
    let answer = browser.post_form("/actions/sign_up", &fields).await;
    let cookie = answer.set_cookie("__Host-session").expect("a session");
    assert_eq!((cookie.secure(), cookie.path(), cookie.domain()), (Some(true), Some("/"), None));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(browser.open("/account").await.status, 200);
}

#[tokio::test]
async fn wrong_password_and_unknown_address_get_equal_responses() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let unknown = [("email", "nobody@example.com"), ("password", "wrong-password"), ("page", "/login")];
    let short = [("email", "ann@example.com"), ("password", "x"), ("page", "/login")];
    let mut bodies = Vec::new();
    for fields in [WRONG, unknown, short] {
        let answer = app.browser().call("/actions/sign_in", &fields).await;
        bodies.push((answer.status, answer.body));
    }
    assert_eq!(bodies[0].0, 401);
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn page_without_javascript_shows_the_email_and_the_error() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = browser.post_form("/actions/sign_in", &WRONG).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    let page = browser.open("/login").await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("Incorrect email or password."));
    assert!(page.field("email").contains("value=\"ann@example.com\""));
    assert!(!page.body.contains("wrong-password"));
}

#[tokio::test]
async fn sign_in_never_redirects_to_another_site() {
    let app = App::start().await;
    let targets = ["//evil", "/\\evil", "https:", "https://evil", "/%2f%2fx", "\tjavascript:alert(1)", "/a\r\nX: y"];
    for (number, next) in targets.into_iter().enumerate() {
        app.browser_of(&format!("Ann{number}")).await;
        let email = format!("ann{number}@example.com");
        let fields = [("email", email.as_str()), ("password", "Correct-horse-1"), ("next", next)];
        let answer = app.browser().post_form("/actions/sign_in", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, "/account"), "{next:?}");
        let script = app.browser().call("/actions/sign_in", &fields).await;
        assert_eq!((script.status, script.location()), (200, "/account"), "{next:?}");
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_previous_session() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let former = app.browser();
    former.plant("session", &browser.cookie("session").expect("a session"));
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(browser.post_form("/actions/sign_in", &fields).await.status, 303);
    assert_ne!(browser.cookie("session"), former.cookie("session"));
    assert_eq!(browser.open("/account").await.status, 200);
    assert_eq!(former.open("/account").await.status, 303);
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let copy = app.browser();
    copy.plant("session", &browser.cookie("session").expect("a session"));
    let answer = browser.post_form("/actions/sign_out", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.cookie("session"), None);
    assert_takes_focus(&browser.open("/").await, "You're signed out.");
    assert!(!browser.open("/").await.body.contains("signed out"), "it is said once");
    assert_eq!(copy.open("/account").await.status, 303);
}

#[tokio::test]
async fn signing_out_clears_the_cookie_during_an_outage() {
    let mut app = App::start().await;
    let browser = app.browser_of("Ann").await;
    app.stop_backend().await;
    let answer = browser.post_form("/actions/sign_out", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn eleventh_guess_must_wait() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..10 {
        assert_eq!(browser.call("/actions/sign_in", &WRONG).await.status, 401);
    }
    let refused = browser.call("/actions/sign_in", &WRONG).await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=61).contains(&wait));
    browser.post_form("/actions/sign_in", &WRONG).await;
    let page = browser.open("/login").await;
    assert_eq!(page.status, 429);
    assert!(page.body.contains("Too many attempts. Try again in"), "{}", page.body);
}

#[tokio::test]
async fn refused_sign_in_takes_equal_time_with_or_without_account() {
    // Just below half a second: here the time to hash a password shows most.
    let network = Network::delaying(Duration::from_millis(485)).await;
    let app = App::start_over(&network, Profile::default(), Clock::system(), &[]).await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    let mut fastest = [u128::MAX; 2];
    for _ in 0..4 {
        for (email, fastest) in ["ann@example.com", "nobody@example.com"].into_iter().zip(&mut fastest) {
            let start = Instant::now();
            let answer = browser.call("/actions/sign_in", &[("email", email), ("password", "wrong-password")]).await;
            assert_eq!((answer.status, answer.body.as_str()), (401, "\"InvalidCredentials\""));
            *fastest = (*fastest).min(start.elapsed().as_millis() / 500);
        }
    }
    assert_eq!(fastest[0], fastest[1], "half seconds with an account and without");
}
