//! Password reset by email.

use std::time::{Duration, Instant};

use axum::routing::{delete, put};
use axum::{Json, Router};
use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::running::{App, STRICT_LIMITS};
use crate::stand_in::{appwrite_with, refusal};

/// The path of the reset link.
const PAGE: &str = "/recovery/open";
const NEW: &str = "Brand-new-horse-2";

async fn ask(app: &App, email: &str) -> Answer {
    app.browser().post_form("/actions/ask_recovery", &[("email", email), ("page", "/recovery")]).await
}

/// Requests a reset email and returns the link's path.
async fn link_for(app: &App, email: &str) -> String {
    let answer = ask(app, email).await;
    assert_eq!((answer.status, answer.location()), (303, "/recovery/sent"), "{}", answer.body);
    app.message_to(email).await.path()
}

/// A query parameter of the link.
fn part(link: &str, name: &str) -> String {
    let query = link.split_once('?').expect("a query").1;
    url::form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).expect("a part").1.into_owned()
}

async fn set_password(browser: &Browser, link: &str, password: &str, more: &[(&str, &str)]) -> Answer {
    let (user_id, secret) = (part(link, "userId"), part(link, "secret"));
    let address = if link.contains("address=") { part(link, "address") } else { String::new() };
    let own = [("user_id", user_id.as_str()), ("secret", &secret), ("address", &address)];
    let typed = [("password", password), ("page", PAGE)];
    browser.post_form("/actions/set_new_password", &[&own[..], &typed, more].concat()).await
}

async fn signs_in(app: &App, email: &str, password: &str) -> bool {
    app.browser().call("/actions/sign_in", &[("email", email), ("password", password)]).await.status == 200
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.open("/api/user").await.status == 200
}

#[tokio::test]
async fn link_sets_a_new_password_and_leads_to_sign_in() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    assert!(browser.open("/login").await.body.contains("href=\"/recovery\""));
    assert_eq!(browser.open("/recovery").await.status, 200);
    let link = link_for(&app, "ann@example.com").await;
    assert!(link.starts_with("/recovery/open?") && link.contains("userId="), "{link}");
    let sent = browser.open("/recovery/sent").await;
    assert_eq!(sent.status, 200);
    assert!(sent.body.contains("If this address has an account"), "{}", sent.body);

    for _ in 0..2 {
        let page = browser.open(&link).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
        assert!(page.field("password").contains("new-password"), "{}", page.body);
        assert_eq!(page.body.matches(&part(&link, "secret")).count(), 1, "{}", page.body);
    }
    assert!(signs_in(&app, "ann@example.com", "Correct-horse-1").await, "opening the link changes nothing");

    let answer = set_password(&browser, &link, NEW, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"), "{}", answer.body);
    let page = browser.open("/login").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Password changed. Sign in with the new one."), "{}", page.body);
    assert!(signs_in(&app, "ann@example.com", NEW).await);
    assert!(!signs_in(&app, "ann@example.com", "Correct-horse-1").await);
}

#[tokio::test]
async fn response_and_its_time_do_not_reveal_an_account() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let bob = app.browser_of("Bob").await;
    app.ask_backend(Method::PATCH, "/account/status", bob.cookie("session").as_deref(), json!({})).await;
    let mut answers = Vec::new();
    for email in ["ann@example.com", "bob@example.com", "nobody@example.com"] {
        for is_program in [false, true] {
            let browser = app.browser();
            let fields = [("email", email), ("page", "/recovery")];
            let start = Instant::now();
            let answer = match is_program {
                true => browser.call("/actions/ask_recovery", &fields).await,
                false => browser.post_form("/actions/ask_recovery", &fields).await,
            };
            assert!(start.elapsed() >= Duration::from_millis(500), "{email} was answered at once");
            let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            names.sort();
            let location = answer.location().to_owned();
            answers.push((is_program, answer.status, location, names, answer.body));
        }
    }
    for answer in &answers[2..] {
        assert_eq!(Some(answer), answers[..2].iter().find(|first| first.0 == answer.0));
    }
    assert_eq!(app.messages_to("ann@example.com").await.len(), 2);
    assert!(app.messages_to("bob@example.com").await.is_empty());
    assert!(app.messages_to("nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn invalid_email_is_a_field_error() {
    let app = App::start().await;
    let browser = app.browser();
    browser.post_form("/actions/ask_recovery", &[("email", "ann"), ("page", "/recovery")]).await;
    let page = browser.open("/recovery").await;
    assert_eq!(page.status, 422);
    assert!(page.field("email").contains("aria-invalid") && page.field("email").contains("value=\"ann\""));
}

#[tokio::test]
async fn sixth_mail_is_refused_with_or_without_an_account() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(app.browser().call("/actions/ask_recovery", &[("email", email)]).await.status, 200);
        }
        let refused = app.browser().call("/actions/ask_recovery", &[("email", &email.to_uppercase())]).await;
        assert_eq!(refused.status, 429, "{email}");
        assert!((1..=301).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
    }
    assert_eq!(app.messages_to("ann@example.com").await.len(), 5);
}

#[tokio::test]
async fn rate_limit_by_appwrite_looks_like_our_own() {
    let routes = Router::new()
        .route("/account/recovery", axum::routing::post(|| async { refusal(429, "general_rate_limit_exceeded") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    let fields = [("email", "ann@example.com"), ("page", "/recovery")];
    assert_eq!(browser.call("/actions/ask_recovery", &fields).await.header("retry-after"), "60");
    browser.post_form("/actions/ask_recovery", &fields).await;
    let page = browser.open("/recovery").await;
    assert_eq!(page.status, 429);
    assert!(page.body.contains("Too many attempts. Try again in 60 seconds."), "{}", page.body);
}

#[tokio::test]
async fn recovery_link_works_once() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let (link, browser) = (link_for(&app, "ann@example.com").await, app.browser());
    assert_eq!(set_password(&browser, &link, NEW, &[]).await.location(), "/login");
    let again = set_password(&browser, &link, "Another-horse-3", &[]).await;
    assert_eq!((again.status, again.location()), (303, PAGE));
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("This link does not work"), "{}", page.body);
    assert!(page.body.contains("href=\"/recovery\"") && !page.body.contains("name=\"password\""), "{}", page.body);
    assert!(signs_in(&app, "ann@example.com", NEW).await);
}

#[tokio::test]
async fn foreign_altered_and_forged_links_are_refused_equally() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    app.browser_of("Bob").await;
    let (anns, bobs) = (link_for(&app, "ann@example.com").await, link_for(&app, "bob@example.com").await);
    let secret = part(&anns, "secret");
    let other_end = if secret.ends_with('0') { "1" } else { "0" };
    let mut answers = Vec::new();
    for (user_id, secret) in [
        (part(&bobs, "userId"), secret.clone()),
        (part(&anns, "userId"), format!("{}{other_end}", &secret[..secret.len() - 1])),
        (part(&anns, "userId"), "0".repeat(256)),
        ("nobody-has-this-id".to_owned(), secret.clone()),
        ("../users".to_owned(), secret.clone()),
        (part(&anns, "userId"), String::new()),
    ] {
        let address = part(&anns, "address");
        let fields = [("user_id", user_id.as_str()), ("secret", &secret), ("address", &address), ("password", NEW)];
        let answer = app.browser().call("/actions/set_new_password", &fields).await;
        answers.push((answer.status, answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == (401, "\"LinkInvalid\"".to_owned())), "{answers:?}");
    assert!(signs_in(&app, "ann@example.com", "Correct-horse-1").await);
    assert!(signs_in(&app, "bob@example.com", "Correct-horse-1").await);
}

#[tokio::test]
async fn incomplete_link_offers_a_new_request() {
    let app = App::start().await;
    for path in [
        "/recovery/open",
        "/recovery/open?userId=kay",
        "/recovery/open?secret=abc",
        "/recovery/open?userId=kay&secret=1",
    ] {
        let page = app.browser().open(path).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.body.contains("This link does not work") && page.body.contains("href=\"/recovery\""), "{path}");
    }
}

#[tokio::test]
async fn link_is_refused_after_an_hour() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| {}).await;
    app.browser_of("Ann").await;
    let (first, second) = (link_for(&app, "ann@example.com").await, link_for(&app, "ann@example.com").await);
    let browser = app.browser();
    clock.advance(Duration::from_secs(3599));
    assert_eq!(set_password(&browser, &first, NEW, &[]).await.location(), "/login");
    clock.advance(Duration::from_secs(2));
    set_password(&browser, &second, "Another-horse-3", &[]).await;
    assert_eq!(browser.open(&second).await.status, 401);
    assert!(signs_in(&app, "ann@example.com", NEW).await);
}

#[tokio::test]
async fn short_password_is_a_field_error_and_link_stays_valid() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let (link, browser) = (link_for(&app, "ann@example.com").await, app.browser());
    let answer = set_password(&browser, &link, "short12", &[("everywhere", "yes")]).await;
    assert_eq!(answer.location(), PAGE);
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 422);
    assert!(page.field("secret").contains(&part(&link, "secret")), "the form can be sent again");
    assert!(page.field("password").contains("aria-invalid") && page.body.contains("Use at least 8 characters."));
    assert!(page.field("everywhere").contains("checked"), "{}", page.field("everywhere"));
    set_password(&browser, &link, "short12", &[]).await;
    let page = browser.open("/recovery/open").await;
    assert!(!page.field("everywhere").contains("checked"), "{}", page.field("everywhere"));
    assert!(!page.body.contains("short12"));
    assert_eq!(set_password(&browser, &link, NEW, &[]).await.location(), "/login");
}

#[tokio::test]
async fn password_refused_by_appwrite_is_a_field_error() {
    for (kind, problem) in [
        ("password_recently_used", "UsedBefore"),
        ("password_personal_data", "PersonalData"),
        ("password_pwned", "Breached"),
        ("general_argument_invalid", "Refused"),
    ] {
        let routes = Router::new().route("/account/recovery", put(move || async move { refusal(400, kind) }));
        let app = App::start_in_front_of(&appwrite_with(routes).await).await;
        let fields = [("user_id", "kay"), ("secret", &"a".repeat(256)), ("password", NEW)];
        let answer = app.browser().call("/actions/set_new_password", &fields).await;
        assert_eq!(answer.status, 422, "{kind}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("{{\"field\":\"password\",\"problem\":\"{problem}\"}}")),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn reset_signs_out_any_user_of_this_browser() {
    for profile in [Profile::Two, Profile::OneFive] {
        let app = App::start_with_profile(profile, &[]).await;
        app.browser_of("Ann").await;
        let bob = app.browser_of("Bob").await;
        let secret = bob.cookie("session").expect("a session");
        let link = link_for(&app, "ann@example.com").await;
        set_password(&bob, &link, NEW, &[]).await;
        assert_eq!(bob.cookie("session"), None, "{profile:?}");
        bob.plant("session", &secret);
        assert!(!is_signed_in(&bob).await, "{profile:?}: the session of the browser has ended too");
    }
}

#[tokio::test]
async fn reset_signs_out_other_browsers_by_appwrite_or_on_request() {
    for (profile, tick, stays) in [
        (Profile::Two, &[][..], false),
        (Profile::OneNine, &[("everywhere", "yes")], false),
        (Profile::OneFive, &[], true),
        (Profile::OneFive, &[("everywhere", "yes")], false),
    ] {
        let app = App::start_with_profile(profile, &[]).await;
        let ann = app.browser_of("Ann").await;
        app.confirm_email_of(&ann).await;
        let link = link_for(&app, "ann@example.com").await;
        assert_eq!(set_password(&app.browser(), &link, NEW, tick).await.location(), "/login");
        assert_eq!(is_signed_in(&ann).await, stays, "{profile:?} {tick:?}");
    }
}

#[tokio::test]
async fn failed_sign_out_of_other_devices_is_reported() {
    let routes = Router::new()
        .route("/account/recovery", put(|| async { Json(json!({})) }))
        .route("/users/kay/sessions", delete(|| async { refusal(500, "general_unknown") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    let link = format!("/recovery/open?userId=kay&secret={}", "a".repeat(256));
    assert_eq!(set_password(&browser, &link, NEW, &[("everywhere", "yes")]).await.location(), "/login");
    let page = browser.open("/login").await;
    assert!(page.body.contains("your other devices could not be signed out"), "{}", page.body);
}

#[tokio::test]
async fn guessed_secrets_are_rate_limited_per_client_address() {
    let app = App::start_with(&STRICT_LIMITS).await;
    app.browser_of("Ann").await;
    let link = link_for(&app, "ann@example.com").await;
    let user_id = part(&link, "userId");
    let secret = "0".repeat(256);
    let fields = [("user_id", user_id.as_str()), ("secret", &secret), ("password", NEW)];
    let browser = app.browser();
    let began = std::time::Instant::now();
    let guesses = (0..60).map(|_| browser.call("/actions/set_new_password", &fields));
    let answers = futures_util::future::join_all(guesses).await;
    // Another attempt is allowed every ten seconds.
    let most = 31 + began.elapsed().as_secs() / 10;
    let taken = answers.iter().filter(|answer| answer.status == 401).count() as u64;
    assert!((30..=most).contains(&taken), "{taken} of at most {most}");
    for refused in answers.iter().filter(|answer| answer.status != 401) {
        assert_eq!(refused.status, 429);
        assert!(!refused.header("retry-after").is_empty());
    }
    assert!(taken < 60);
}

#[tokio::test]
async fn recovery_without_email_is_explained_and_no_longer_offered() {
    let app = App::start_in_front_of_local(&[], |settings| settings.smtp = false).await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    for email in ["ann@example.com", "nobody@example.com"] {
        assert_eq!(browser.call("/actions/ask_recovery", &[("email", email)]).await.status, 501);
    }
    let answer = ask(&app, "ann@example.com").await;
    assert_eq!((answer.status, answer.location()), (303, "/recovery"));
    let page = browser.open("/recovery").await;
    assert_eq!(page.status, 501);
    assert!(page.body.contains("Password recovery is switched off"), "{}", page.body);
    assert!(!browser.open("/login").await.body.contains("Forgot your password?"));
}

#[tokio::test]
async fn outage_is_reported_and_keeps_address_and_link() {
    let mut app = App::start().await;
    app.browser_of("Ann").await;
    let link = link_for(&app, "ann@example.com").await;
    app.stop_backend().await;
    let browser = app.browser();
    browser.post_form("/actions/ask_recovery", &[("email", "ann@example.com"), ("page", "/recovery")]).await;
    let page = browser.open("/recovery").await;
    assert_eq!(page.status, 503);
    assert!(page.field("email").contains("value=\"ann@example.com\""));
    assert_eq!(set_password(&browser, &link, NEW, &[]).await.location(), PAGE);
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("We're having trouble connecting."), "{}", page.body);
    assert!(page.field("secret").contains(&part(&link, "secret")), "the form can be sent again");
}

#[tokio::test]
async fn signed_in_user_can_open_recovery() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    assert_eq!(ann.open("/recovery").await.status, 200);
    assert_eq!(ann.open("/recovery/sent").await.status, 200);
}

#[tokio::test]
async fn log_contains_no_link_and_no_password() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let (link, browser) = (link_for(&app, "ann@example.com").await, app.browser());
    browser.open(&link).await;
    set_password(&browser, &link, "Quiet-as-a-mouse-7", &[]).await;
    let (logs, secret) = (logs::so_far(), part(&link, "secret"));
    assert!(logs.contains("/actions/set_new_password"), "the log was kept");
    assert!(!logs.contains(&secret[..64]), "the link's secret is in the log");
    assert!(!logs.contains("Quiet-as-a-mouse-7"), "a password is in the log");
}

#[tokio::test]
async fn sent_page_links_to_the_local_outbox_only() {
    let local = App::start().await;
    let sent = local.browser().open("/recovery/sent").await;
    let outbox = local.backend_endpoint().replace("/v1", "/outbox");
    assert!(sent.main().contains(&format!("href=\"{outbox}\"")), "{}", sent.main());
    // A separate backend reports that it is local; the app believes this only of one on this machine.
    for (endpoint, leads_there) in [("http://127.0.0.1:9380/v1", true), ("https://appwrite.example/v1", false)] {
        let separate = [("APPWRITE_ENDPOINT", endpoint), ("APPWRITE_PROJECT_ID", "demo"), ("APPWRITE_API_KEY", "key")];
        let app = App::start_with(&separate).await;
        let sent = app.browser().open("/recovery/sent").await;
        assert!(sent.status == 200 && sent.main().contains("/outbox\"") == leads_there, "{}", sent.body);
        let home = app.browser().open("/").await;
        assert_eq!(home.main().contains("You run this with the local backend"), leads_there, "{}", home.body);
    }
}
