//! Setting up the second factor: authenticator app, recovery codes, on and off.

use leptos_appwrite::site::Paths;
use leptos_birthdays::site::SITE;
use reqwest::Method;
use reqwest::header::{ACCEPT, ORIGIN};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::running::App;
use crate::second_factor::{code_of, wrong_code_of};

const PAGE: &str = "/account/security";
const APP_PAGE: &str = "/account/security/authenticator";
const CODES_PAGE: &str = "/account/security/codes";
const VERIFY: &str = "/account/security/verify?next=%2Faccount%2Fsecurity";

/// The address of the authenticator app on this page.
fn uri_of(page: &Answer) -> String {
    let field = page.field("uri");
    let value = field.split_once("value=\"").expect("a value").1.split('"').next().expect("a value");
    value.replace("&amp;", "&")
}

fn secret_of(uri: &str) -> String {
    let url = url::Url::parse(uri).expect("an address");
    url.query_pairs().find(|(name, _)| name == "secret").expect("a secret").1.into_owned()
}

/// The recovery codes on this page.
fn codes_of(page: &Answer) -> Vec<String> {
    let items = page.main().split("<li><code>").skip(1);
    items.map(|rest| rest.split('<').next().expect("a code").to_owned()).collect()
}

/// Sets up an authenticator app. Returns its secret and the recovery codes.
async fn set_up(browser: &Browser) -> (String, Vec<String>) {
    let uri = uri_of(&browser.post_form(APP_PAGE, &[]).await);
    let secret = secret_of(&uri);
    let page = browser.post_form(APP_PAGE, &[("uri", &uri), ("code", &code_of(&secret))]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (secret, codes_of(&page))
}

/// Completes the second factor that a change requires.
async fn verify(browser: &Browser, secret: &str, next: &str) {
    let code = code_of(secret);
    let fields = [("factor", "totp"), ("code", code.as_str()), ("next", next), ("page", VERIFY)];
    let answer = browser.post_form("/actions/verify_again", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, next), "{}", answer.body);
}

/// Signs in with a new browser, and returns the page that follows the password.
async fn sign_in(app: &App) -> String {
    let browser = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1")];
    browser.post_form("/actions/sign_in", &fields).await;
    browser.open("/account").await.location().to_owned()
}

async fn confirm_email(app: &App, browser: &Browser) {
    let session = browser.cookie("session").expect("a session");
    let account = app.ask_backend(Method::GET, "/account", Some(&session), Value::Null).await;
    let path = format!("/users/{}/verification", account["$id"].as_str().expect("an id"));
    app.ask_backend(Method::PATCH, &path, None, json!({ "emailVerification": true })).await;
}

#[tokio::test]
async fn authenticator_app_is_added_and_asked_for_at_sign_in() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let overview = ann.open(PAGE).await;
    assert!(overview.main().contains("It is off. Set up an authenticator app"), "{}", overview.main());
    assert_eq!(ann.open(APP_PAGE).await.status, 200);

    let page = ann.post_form(APP_PAGE, &[]).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
    let uri = uri_of(&page);
    let secret = secret_of(&uri);
    assert!(page.main().contains(&format!(">{secret}<")) && page.main().contains("<svg"), "{}", page.main());
    assert!(page.field("code").contains("one-time-code"));
    assert_eq!(sign_in(&app).await, "", "nothing is asked for before the first code");

    let page = ann.post_form(APP_PAGE, &[("uri", &uri), ("code", &code_of(&secret))]).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
    let codes = codes_of(&page);
    assert_eq!(codes.len(), 6, "{}", page.main());
    assert!(ann.open(PAGE).await.main().contains("It is on."));
    assert_eq!(sign_in(&app).await, "/login/factor?next=%2Faccount");

    for path in [APP_PAGE, CODES_PAGE, PAGE] {
        let body = ann.open(path).await.body;
        assert!(!body.contains(&secret) && codes.iter().all(|code| !body.contains(code)), "{path}");
    }
    let logs = logs::so_far();
    assert!(logs.contains(APP_PAGE), "the log was kept");
    assert!(!logs.contains(&secret) && codes.iter().all(|code| !logs.contains(code)), "a secret is in the log");
    assert!(ann.cookie("flash").is_none() && ann.cookie("pending").is_none());
}

#[tokio::test]
async fn wrong_code_keeps_the_scanned_authenticator() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let uri = uri_of(&ann.post_form(APP_PAGE, &[]).await);
    let secret = secret_of(&uri);
    let wrong = wrong_code_of(&secret);
    for (code, words) in [
        (wrong.as_str(), "That code is wrong or expired."),
        ("", "Code is required."),
        (&"9".repeat(500), "That code is wrong or expired."),
    ] {
        let page = ann.post_form(APP_PAGE, &[("uri", &uri), ("code", code)]).await;
        assert_eq!(page.status, 422, "{code}");
        assert_eq!(uri_of(&page), uri, "{code}");
        assert!(page.main().contains(words), "{code}: {}", page.main());
        assert!(page.field("code").contains("aria-invalid=\"true\""), "{code}");
    }
    let page = ann.post_form(APP_PAGE, &[("uri", &uri), ("code", &code_of(&secret))]).await;
    assert_eq!((page.status, codes_of(&page).len()), (200, 6));
    let again = ann.post_form(APP_PAGE, &[]).await;
    let verify = "/account/security/verify?next=%2Faccount%2Fsecurity%2Fauthenticator";
    assert_eq!((again.status, again.location()), (303, verify), "the factor is asked for before another app");
}

#[tokio::test]
async fn guesses_of_the_first_code_are_limited() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let uri = uri_of(&ann.post_form(APP_PAGE, &[]).await);
    let wrong = wrong_code_of(&secret_of(&uri));
    for _ in 0..5 {
        assert_eq!(ann.post_form(APP_PAGE, &[("uri", &uri), ("code", &wrong)]).await.status, 422);
    }
    let page = ann.post_form(APP_PAGE, &[("uri", &uri), ("code", &code_of(&secret_of(&uri)))]).await;
    assert_eq!((page.status, uri_of(&page)), (429, uri));
}

#[tokio::test]
async fn forms_that_show_secrets_require_session_and_own_origin() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for page in [APP_PAGE, CODES_PAGE] {
        let stranger = app.browser().post_form(page, &[]).await;
        assert_eq!(stranger.status, 303);
        assert!(stranger.location().starts_with("/login?next="), "{}", stranger.location());
        let request = ann.request(Method::POST, page).header(ACCEPT, "text/html").form(&[("a", "b")]);
        let request = request.header(ORIGIN, "https://evil.example").header("sec-fetch-site", "cross-site");
        assert_eq!(ann.send(request).await.status, 403);
        assert_eq!(ann.post(page, "text/plain", "a=b").await.status, 415);
    }
    for uri in ["https://evil.example/?secret=A", "otpauth://totp/a?secret=<b>", ""] {
        let answer = ann.post_form(APP_PAGE, &[("uri", uri), ("code", "123456")]).await;
        assert_eq!((answer.status, answer.location()), (303, APP_PAGE), "{uri}");
        assert!(!ann.open(APP_PAGE).await.body.contains("evil"), "{uri}");
    }
}

#[tokio::test]
async fn recovery_codes_are_replaced_after_a_recent_factor() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let (secret, former) = set_up(&ann).await;
    let verify_first = format!("{VERIFY}%2Fcodes");
    let answer = ann.post_form(CODES_PAGE, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, verify_first.as_str()));
    let page = ann.open(&verify_first).await;
    assert!(page.field("code").contains("one-time-code"), "{}", page.main());

    let wrong = wrong_code_of(&secret);
    let fields = [("factor", "totp"), ("code", wrong.as_str()), ("next", CODES_PAGE), ("page", &verify_first)];
    ann.post_form("/actions/verify_again", &fields).await;
    assert!(ann.open(&verify_first).await.main().contains("That code is wrong or expired."));

    verify(&ann, &secret, CODES_PAGE).await;
    let page = ann.post_form(CODES_PAGE, &[]).await;
    let codes = codes_of(&page);
    assert_eq!((page.status, codes.len()), (200, 6));
    assert!(codes.iter().all(|code| !former.contains(code)));
}

#[tokio::test]
async fn recovery_codes_are_downloaded_without_javascript() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let (_, codes) = set_up(&ann).await;
    let file = ann.post_form(CODES_PAGE, &[("codes", &codes.join(" "))]).await;
    assert_eq!((file.status, file.body.trim_end()), (200, codes.join("\n").as_str()));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"recovery-codes.txt\"");
    assert_eq!(file.header("cache-control"), "no-store");
    for codes in ["", "<script>", &"a".repeat(65), &"a ".repeat(51)] {
        assert_eq!(ann.post_form(CODES_PAGE, &[("codes", codes)]).await.status, 400, "{codes}");
    }
}

#[tokio::test]
async fn second_factor_is_turned_off_after_a_recent_factor() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let (secret, codes) = set_up(&ann).await;
    let off = "/account/security/off";
    let turn_off = async || ann.post_form("/actions/turn_off_second_factor", &[("page", off)]).await;
    assert!(ann.open(off).await.main().contains("Turn off two‑step verification?"));
    let answer = turn_off().await;
    assert_eq!((answer.status, answer.location()), (303, "/account/security/verify?next=%2Faccount%2Fsecurity%2Foff"));
    let called = ann.call("/actions/turn_off_second_factor", &[]).await;
    assert_eq!((called.status, called.json()), (401, json!("ChallengeRequired")));
    // A recovery code works too.
    let ask = [("factor", "recoveryCode"), ("next", off), ("page", VERIFY)];
    let asked = ann.post_form("/actions/ask_to_verify", &ask).await;
    assert_eq!(asked.location(), "/account/security/verify?next=%2Faccount%2Fsecurity%2Foff");
    let give = [("factor", "recoveryCode"), ("code", codes[0].as_str()), ("next", off), ("page", VERIFY)];
    assert_eq!(ann.post_form("/actions/verify_again", &give).await.location(), off);
    assert_eq!(turn_off().await.location(), PAGE);
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("Two-step verification is off."), "{}", page.main());
    assert_eq!(sign_in(&app).await, "");
    let on = ann.post_form("/actions/turn_on_second_factor", &[("page", PAGE)]).await;
    assert_eq!(on.location(), PAGE);
    assert_eq!(sign_in(&app).await, "/login/factor?next=%2Faccount");
    assert_eq!(code_of(&secret).len(), 6);
}

#[tokio::test]
async fn removing_the_last_method_turns_the_second_factor_off() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let (secret, _) = set_up(&ann).await;
    let page = "/account/security/authenticator/remove";
    let remove = async || ann.post_form("/actions/remove_authenticator", &[("page", page)]).await;
    assert!(remove().await.location().starts_with("/account/security/verify?next="));
    verify(&ann, &secret, page).await;
    assert_eq!(remove().await.location(), PAGE);
    let overview = ann.open(PAGE).await;
    assert!(overview.main().contains("The authenticator app is removed."), "{}", overview.main());
    assert!(overview.main().contains("It is off."), "{}", overview.main());
    assert_eq!(sign_in(&app).await, "");
}

#[tokio::test]
async fn only_a_confirmed_email_is_a_factor() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("Not confirmed"), "{}", page.main());
    let turn_on = async || ann.post_form("/actions/turn_on_second_factor", &[("page", PAGE)]).await;
    turn_on().await;
    assert!(ann.open(PAGE).await.main().contains("It is off."));
    confirm_email(&app, &ann).await;
    turn_on().await;
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("It is on.") && page.main().contains("You have none."), "{}", page.main());
    assert_eq!(sign_in(&app).await, "/login/factor?next=%2Faccount");
    let refused = ann.post_form(CODES_PAGE, &[]).await;
    assert!(refused.location().starts_with("/account/security/verify"), "{}", refused.location());

    // A change also accepts a code by email.
    let fields = [("factor", "email"), ("next", "/account/security/off"), ("page", VERIFY)];
    ann.post_form("/actions/ask_to_verify", &fields).await;
    let code = app.message_to("ann@example.com").await.code();
    let fields = [("factor", "email"), ("code", code.as_str()), ("next", "/account/security/off"), ("page", VERIFY)];
    assert_eq!(ann.post_form("/actions/verify_again", &fields).await.location(), "/account/security/off");
    assert_eq!(codes_of(&ann.post_form(CODES_PAGE, &[]).await).len(), 6);
    assert_eq!(ann.post_form("/actions/turn_off_second_factor", &[]).await.location(), PAGE);
}

#[tokio::test]
async fn security_actions_require_their_pages() {
    let app = App::start_with_paths(Paths { security: None, ..SITE.paths }).await;
    let ann = app.browser_of("Ann").await;
    for action in ["account_security", "turn_on_second_factor", "turn_off_second_factor", "remove_authenticator"] {
        assert_eq!(ann.call(&format!("/actions/{action}"), &[]).await.status, 501, "{action}");
    }
    for action in ["ask_to_verify", "verify_again"] {
        let fields = [("factor", "totp"), ("code", "123456")];
        assert_eq!(ann.call(&format!("/actions/{action}"), &fields).await.status, 501, "{action}");
    }
    for page in [APP_PAGE, CODES_PAGE] {
        assert_eq!(ann.post_form(page, &[]).await.status, 405, "{page}");
    }
}

#[tokio::test]
async fn account_changes_cannot_bypass_the_second_factor() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    set_up(&ann).await;
    for (page, next) in
        [(APP_PAGE, "%2Faccount%2Fsecurity%2Fauthenticator"), (CODES_PAGE, "%2Faccount%2Fsecurity%2Fcodes")]
    {
        let answer = ann.post_form(page, &[]).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, format!("/account/security/verify?next={next}").as_str()),
            "{page}"
        );
    }
    let page = ann.open("/account/email").await;
    let account = page.field("account");
    let account = account.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the account's id");
    let change = [("email", "else@example.com"), ("password", "Correct-horse-1"), ("account", account)];
    let answer = ann.call("/actions/change_email", &change).await;
    assert_eq!((answer.status, answer.json()), (401, json!("ChallengeRequired")));
}
