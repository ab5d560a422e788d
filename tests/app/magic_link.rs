//! Sign-in by a link in an email.

use std::time::Duration;

use local_appwrite::{AuthMethod, Clock, Profile};
use reqwest::Method;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::running::{App, STRICT_LIMITS};

const LINK: (&str, &str) = ("proof", "magic_link");

/// Submits the form to request a link, without JavaScript.
async fn ask(browser: &Browser, address: &str, next: &str) -> Answer {
    let fields = [LINK, ("address", address), ("next", next), ("page", "/login/link")];
    browser.post_form("/actions/ask_for_proof", &fields).await
}

/// Requests a link and reads its path from the email.
async fn link_to(app: &App, browser: &Browser, address: &str, next: &str) -> String {
    let answer = ask(browser, address, next).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/link/sent"), "{}", answer.body);
    app.message_to(address).await.path()
}

/// The fields that the button on the link's page sends.
fn fields_of(page: &Answer) -> Vec<(&'static str, String)> {
    ["user_id", "secret", "address", "page"].map(|name| (name, value_of(&page.field(name)))).to_vec()
}

fn value_of(tag: &str) -> String {
    tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").replace("&amp;", "&")
}

/// The phrase on the page, which the email contains too.
pub fn phrase_on(page: &Answer) -> Option<&str> {
    page.main().split_once("class=\"phrase\">").and_then(|(_, rest)| rest.split('<').next())
}

/// The page's HTML without the phrase, the time and the address of the outbox, which differ each time.
pub fn without_chance(page: &Answer) -> String {
    let text = page.main().replace(phrase_on(page).expect("words"), "WORDS");
    let (before, after) = text.split_once("send it again at ").expect("a time");
    let text = format!("{before}{}", after.split_once(" UTC").expect("a time").1);
    let (before, after) = text.split_once("href=\"http://").expect("the outbox");
    format!("{before}{}", after.split_once("/outbox").expect("the outbox").1)
}

/// Opens the link and submits its page.
async fn use_link(browser: &Browser, path: &str) -> Answer {
    let page = browser.open(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    press(browser, &fields_of(&page)).await
}

async fn press(browser: &Browser, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post_form("/actions/open_link", &fields).await
}

#[tokio::test]
async fn link_signs_in_and_page_shows_the_emailed_phrase() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = ask(&browser, " new@example.com ", "").await;
    assert_eq!((answer.status, answer.location()), (303, "/login/link/sent"));
    let cookie = answer.set_cookie("pending").expect("a sign-in under way");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site().map(|same_site| same_site.to_string()).as_deref(), Some("Strict"));

    let page = browser.open("/login/link/sent").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
    assert!(page.main().contains("new@example.com"), "{}", page.main());
    let mail = app.message_to("new@example.com").await;
    assert!(mail.text.contains(phrase_on(&page).expect("words to compare")), "{}", mail.text);
    assert!(mail.text.contains(&format!("{}/login/link/open?", app.origin.replace("127.0.0.1", "localhost"))));

    let answer = use_link(&browser, &mail.path()).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    assert!(browser.cookie("session").is_some());
    assert_eq!(browser.cookie("pending"), None, "nothing is under way any more");
    let account = browser.open("/account").await;
    assert!(account.main().contains("new@example.com"), "{}", account.main());
}

#[tokio::test]
async fn links_and_codes_work_on_every_appwrite_version() {
    for profile in [Profile::OneFive, Profile::OneNine] {
        let app = App::start_with_profile(profile, &[]).await;
        let browser = app.browser();
        let path = link_to(&app, &browser, "ann@example.com", "").await;
        assert_eq!(use_link(&browser, &path).await.location(), "/account", "{profile:?}");
        let browser = app.browser();
        browser.post_form("/actions/ask_for_proof", &[("proof", "email_code"), ("address", "ann@example.com")]).await;
        let code = app.message_to("ann@example.com").await.code();
        let answer = browser.post_form("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await;
        assert_eq!(answer.location(), "/account", "{profile:?}");
    }
}

#[tokio::test]
async fn link_opened_by_a_scanner_is_not_used_up() {
    let app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "").await;
    for _ in 0..3 {
        let scanner = app.browser();
        let page = scanner.open(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.set_cookie("session").is_none());
    }
    assert_eq!(use_link(&browser, &path).await.location(), "/account");
}

#[tokio::test]
async fn next_page_is_kept_only_in_the_requesting_browser() {
    let app = App::start().await;
    let asked = app.browser();
    let path = link_to(&app, &asked, "ann@example.com", "/birthdays?page=2").await;
    assert_eq!(use_link(&asked, &path).await.location(), "/birthdays?page=2");

    let path = link_to(&app, &app.browser(), "ann@example.com", "/birthdays").await;
    let other = app.browser();
    assert_eq!(use_link(&other, &path).await.location(), "/account");
    assert_eq!(other.open("/account").await.status, 200);

    // A link requested in another browser ignores the path of this browser's pending sign-in.
    let path = link_to(&app, &app.browser(), "bob@example.com", "").await;
    let ann = app.browser();
    link_to(&app, &ann, "ann@example.com", "/birthdays").await;
    assert_eq!(use_link(&ann, &path).await.location(), "/account");
}

#[tokio::test]
async fn sign_in_never_redirects_to_another_site() {
    let app = App::start().await;
    for (number, next) in
        ["//evil", "/\\evil", "https://evil", "/%2f%2fx", "\tjavascript:alert(1)"].into_iter().enumerate()
    {
        let browser = app.browser();
        let path = link_to(&app, &browser, &format!("ann{number}@example.com"), next).await;
        assert_eq!(use_link(&browser, &path).await.location(), "/account", "{next:?}");
    }
}

#[tokio::test]
async fn link_replaces_the_session_of_a_signed_in_user() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let former = app.browser();
    former.plant("session", &browser.cookie("session").expect("a session"));
    let path = link_to(&app, &app.browser(), "ann@example.com", "").await;
    let page = browser.open(&path).await;
    assert!(page.main().contains("You are signed in here as"), "{}", page.main());
    assert!(page.main().contains("Ann"));
    assert_eq!(press(&browser, &fields_of(&page)).await.location(), "/account");
    assert_ne!(browser.cookie("session"), former.cookie("session"));
    assert_eq!(browser.open("/account").await.status, 200);
    assert_eq!(former.open("/account").await.status, 303);
}

#[tokio::test]
async fn link_works_once() {
    let app = App::start().await;
    let path = link_to(&app, &app.browser(), "ann@example.com", "").await;
    let browser = app.browser();
    let fields = fields_of(&browser.open(&path).await);
    assert_eq!(press(&browser, &fields).await.location(), "/account");
    expect_dead(&app, &fields).await;
}

#[tokio::test]
async fn link_expires_after_an_hour() {
    let clock = Clock::manual(jiff::Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    let path = link_to(&app, &app.browser(), "ann@example.com", "").await;
    let fields = fields_of(&app.browser().open(&path).await);
    clock.advance(Duration::from_secs(3600));
    expect_dead(&app, &fields).await;
}

#[tokio::test]
async fn tampered_link_is_refused_and_original_still_works() {
    let app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "").await;
    let others = link_to(&app, &app.browser(), "bob@example.com", "").await;
    let right = fields_of(&browser.open(&path).await);
    let foreign = fields_of(&browser.open(&others).await);
    let secret = right[1].1.clone();
    let last = if secret.ends_with('0') { "1" } else { "0" };
    for (user_id, secret) in [
        (right[0].1.clone(), format!("{}{last}", &secret[..secret.len() - 1])),
        (right[0].1.clone(), foreign[1].1.clone()),
        (foreign[0].1.clone(), secret.clone()),
        ("../users".into(), secret.clone()),
        (right[0].1.clone(), String::new()),
        (String::new(), secret.clone()),
    ] {
        let fields = [("user_id", user_id), ("secret", secret), right[2].clone(), right[3].clone()];
        expect_dead(&app, &fields).await;
    }
    assert_eq!(press(&browser, &right).await.location(), "/account");
}

/// Asserts that an invalid link leads to a page with a next step, with and without JavaScript.
async fn expect_dead(app: &App, fields: &[(&'static str, String)]) {
    let browser = app.browser();
    let answer = press(&browser, fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/link/open"), "{fields:?}");
    let page = browser.open("/login/link/open").await;
    assert_eq!(page.status, 401);
    assert!(page.main().contains("This link does not work"), "{}", page.main());
    assert!(page.main().contains("href=\"/login/link\""), "{}", page.main());
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.call("/actions/open_link", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (401, "\"LinkInvalid\""));
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn incomplete_link_opens_an_explanation() {
    let app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "").await;
    let (start, query) = path.split_once('?').expect("a query");
    let cut = path.split_once("&expire").expect("an end").0;
    for broken in
        [start, &format!("{start}?"), &cut[..cut.len() - 40], &format!("{start}?{}", query.replace("userId", "user"))]
    {
        let page = browser.open(broken).await;
        assert_eq!(page.status, 401, "{broken}");
        assert!(page.main().contains("This link does not work"), "{broken}: {}", page.main());
        assert!(page.main().contains("href=\"/login/link\""), "{}", page.main());
    }
}

#[tokio::test]
async fn emailed_code_is_refused_as_a_link() {
    let app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "").await;
    let user_id = fields_of(&browser.open(&path).await)[0].1.clone();
    let asked = app.browser();
    asked.post_form("/actions/ask_for_proof", &[("proof", "email_code"), ("address", "ann@example.com")]).await;
    let code = app.message_to("ann@example.com").await.code();
    expect_dead(&app, &[("user_id", user_id), ("secret", code), ("page", "/login/link/open".into())]).await;
}

#[tokio::test]
async fn secret_is_only_in_hidden_field_of_its_page() {
    let app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "/birthdays").await;
    let page = browser.open(&path).await;
    assert_eq!(
        (page.header("cache-control"), page.header("referrer-policy")),
        ("no-store, no-transform", "no-referrer")
    );
    let fields = fields_of(&page);
    let secret = fields[1].1.clone();
    assert_eq!(page.body.matches(&secret).count(), 1, "{}", page.body);
    assert_eq!(fields[3].1, "/login/link/open", "where a vain press leads to");
    let sent = browser.open("/login/link/sent").await;
    assert!(!sent.body.contains(&secret) && !sent.body.contains(&fields[0].1));
    let answer = press(&browser, &fields).await;
    assert!(!format!("{:?}{}", answer.headers, answer.body).contains(&secret));
    let again = press(&app.browser(), &fields).await;
    assert!(!format!("{:?}{}", again.headers, again.body).contains(&secret));
    let log = logs::so_far();
    assert!(log.contains("/login/link/open"), "the log was kept");
    assert!(!log.contains(&secret), "the secret is in the log");
}

#[tokio::test]
async fn known_unknown_and_blocked_addresses_get_the_same_answer() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let blocked = app.browser_of("Bob").await;
    app.ask_backend(Method::PATCH, "/account/status", blocked.cookie("session").as_deref(), json!({})).await;
    let mut answers = Vec::new();
    for address in ["ann@example.com", "bob@example.com", "new@example.com"] {
        let browser = app.browser();
        let call = browser.call("/actions/ask_for_proof", &[LINK, ("address", address)]).await;
        assert_eq!((call.status, call.location()), (200, "/login/link/sent"), "{address}");
        let page = browser.open("/login/link/sent").await;
        answers.push((call.body, page.status, without_chance(&page).replace(address, "ADDRESS")));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn blocked_user_learns_it_only_after_using_the_link() {
    let app = App::start().await;
    let bob = app.browser_of("Bob").await;
    app.ask_backend(Method::PATCH, "/account/status", bob.cookie("session").as_deref(), json!({})).await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "bob@example.com", "").await;
    assert_eq!(use_link(&browser, &path).await.location(), "/account");
    let account = browser.open("/account").await;
    assert_eq!((account.status, account.location()), (303, "/login?next=%2Faccount"));
    assert!(browser.open("/login").await.main().contains("This account is blocked."));
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn sixth_link_to_one_mailbox_is_rate_limited() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..4 {
        ask(&browser, "ann@example.com", "").await;
    }
    let again = browser.post_form("/actions/send_again", &[LINK, ("page", "/login/link/sent")]).await;
    assert_eq!((again.status, again.location()), (303, "/login/link/sent"));
    assert!(browser.open("/login/link/sent").await.main().contains("We sent another one."));
    assert_eq!(app.messages_to("ann@example.com").await.len(), 5);

    let refused = browser.call("/actions/send_again", &[LINK]).await;
    assert_eq!(refused.status, 429);
    assert!((1..=301).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
    ask(&browser, "Ann@Example.com", "").await;
    let page = browser.open("/login/link").await;
    assert_eq!(page.status, 429);
    assert!(page.main().contains("Too many attempts. Try again in"), "{}", page.main());
    assert!(page.field("address").contains("value=\"Ann@Example.com\""));
    assert_eq!(app.messages_to("ann@example.com").await.len(), 5);
    assert_eq!(ask(&app.browser(), "bob@example.com", "").await.location(), "/login/link/sent");
}

#[tokio::test]
async fn guessed_links_are_rate_limited_per_client_address() {
    let app = App::start_with(&STRICT_LIMITS).await;
    let path = link_to(&app, &app.browser(), "ann@example.com", "").await;
    let user_id = value_of(&app.browser().open(&path).await.field("user_id"));
    let guess = "0".repeat(64);
    let fields = [("user_id", user_id.as_str()), ("secret", guess.as_str()), ("page", "/login/link/open")];
    let browser = app.browser();
    let guesses = (0..30).map(|_| browser.call("/actions/open_link", &fields));
    for answer in futures_util::future::join_all(guesses).await {
        assert_eq!(answer.status, 401);
    }
    assert_eq!(browser.call("/actions/open_link", &fields).await.status, 429);
    browser.post_form("/actions/open_link", &fields).await;
    let page = browser.open("/login/link/open").await;
    assert_eq!(page.status, 429);
    assert!(page.main().contains("Too many attempts."), "{}", page.main());
    assert!(page.field("secret").contains(&guess), "{}", page.main());
}

#[tokio::test]
async fn email_can_be_corrected_after_a_link_was_sent() {
    let app = App::start().await;
    let browser = app.browser();
    link_to(&app, &browser, "anne@example.com", "/birthdays").await;
    let sent = browser.open("/login/link/sent").await;
    assert!(sent.main().contains("href=\"/login/link?next=%2Fbirthdays\""), "{}", sent.main());
    let page = browser.open("/login/link").await;
    assert!(page.field("address").contains("value=\"anne@example.com\""));
    assert!(page.field("next").contains("value=\"/birthdays\""));
    let path = link_to(&app, &browser, "ann@example.com", "/birthdays").await;
    assert!(browser.open("/login/link/sent").await.main().contains("ann@example.com"));
    assert_eq!(use_link(&browser, &path).await.location(), "/birthdays");
}

#[tokio::test]
async fn invalid_email_is_kept_with_a_field_error() {
    let app = App::start().await;
    let browser = app.browser();
    for (typed, sentence) in
        [("ann at example", "Enter an email address"), ("", "Email is required."), ("a@b..c", "Enter an email")]
    {
        let answer = ask(&browser, typed, "").await;
        assert_eq!((answer.status, answer.location()), (303, "/login/link"));
        let page = browser.open("/login/link").await;
        assert_eq!(page.status, 422);
        assert!(page.main().contains(sentence), "{typed}: {}", page.main());
        assert!(page.field("address").contains(&format!("value=\"{typed}\"")), "{}", page.field("address"));
    }
    // Appwrite refuses this address; our own check accepts it.
    let answer = browser.call("/actions/ask_for_proof", &[LINK, ("address", "a<b>@example.com")]).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
}

#[tokio::test]
async fn browser_without_pending_sign_in_must_start_again() {
    let app = App::start().await;
    let browser = app.browser();
    let page = browser.open("/login/link/sent").await;
    assert_eq!(page.status, 410);
    assert!(page.main().contains("Start again") && page.main().contains("href=\"/login/link\""), "{}", page.main());
    let answer = browser.call("/actions/send_again", &[LINK]).await;
    assert_eq!((answer.status, answer.body.as_str()), (410, "\"StartAgain\""));
    assert_eq!(browser.call("/actions/ask_for_proof", &[("proof", "pigeon"), ("address", "a@b.c")]).await.status, 400);
}

#[tokio::test]
async fn disabled_link_is_no_longer_offered_and_page_lists_others() {
    let app = App::start_in_front_of_local(&[], |settings| {
        settings.disabled_methods = vec![AuthMethod::MagicUrl];
        settings.disable_for_keys = true;
    })
    .await;
    let browser = app.browser();
    assert!(browser.open("/login").await.main().contains("/login/link"));
    let answer = browser.call("/actions/ask_for_proof", &[LINK, ("address", "ann@example.com")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (501, "\"MethodUnavailable\""));
    assert_eq!(ask(&browser, "ann@example.com", "").await.location(), "/login/link");
    for _ in 0..2 {
        let page = browser.open("/login/link?next=%2Fbirthdays").await;
        assert_eq!(page.status, 501);
        assert!(page.main().contains("Sign-in by link is switched off"), "{}", page.main());
        assert!(page.main().contains("href=\"/login?next=%2Fbirthdays\""), "{}", page.main());
        assert!(page.main().contains("href=\"/login/code?next=%2Fbirthdays\""), "{}", page.main());
        assert!(!page.main().contains("href=\"/login/link"), "{}", page.main());
    }
    let login = browser.open("/login").await;
    assert!(!login.main().contains("/login/link") && login.main().contains("/login/code"), "{}", login.main());
}

#[tokio::test]
async fn email_sign_in_methods_require_smtp() {
    let app = App::start_in_front_of_local(&[], |settings| settings.smtp = false).await;
    let browser = app.browser();
    assert_eq!(browser.call("/actions/ask_for_proof", &[LINK, ("address", "ann@example.com")]).await.status, 501);
    let login = browser.open("/login").await;
    assert!(!login.main().contains("/login/link") && !login.main().contains("/login/code"), "{}", login.main());
    assert!(login.main().contains("/login/phone"), "{}", login.main());
    assert_eq!(browser.open("/login/code").await.status, 501);
}

#[tokio::test]
async fn outage_while_requesting_a_link_loses_nothing() {
    let mut app = App::start().await;
    app.stop_backend().await;
    let browser = app.browser();
    ask(&browser, "ann@example.com", "/birthdays").await;
    let page = browser.open("/login/link").await;
    assert_eq!(page.status, 503);
    assert!(page.main().contains("We're having trouble connecting."), "{}", page.main());
    assert!(page.field("address").contains("value=\"ann@example.com\""));
}

#[tokio::test]
async fn link_can_be_used_again_after_an_outage() {
    let mut app = App::start().await;
    let browser = app.browser();
    let path = link_to(&app, &browser, "ann@example.com", "/birthdays").await;
    let fields = fields_of(&browser.open(&path).await);
    app.stop_backend().await;
    let answer = press(&browser, &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/link/open"));
    let page = browser.open("/login/link/open").await;
    assert_eq!(page.status, 503);
    assert!(page.main().contains("We're having trouble connecting."), "{}", page.main());
    assert_eq!(fields_of(&page), fields, "the form can be sent again");
    assert!(browser.cookie("pending").is_some(), "where one wanted to go is still known");
}
