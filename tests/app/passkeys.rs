//! Passkeys: added, listed, renamed, removed, and used to sign in, with an authenticator in software.

use std::time::Duration;

use jiff::Timestamp;
use leptos_appwrite::site::Paths;
use leptos_birthdays::site::SITE;
use local_appwrite::{AuthMethod, Clock, Profile, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, Says};
use crate::browser::{Answer, Browser};
use crate::keep::assert_kept;
use crate::running::{App, STRICT_LIMITS};

const PAGE: &str = "/account/passkeys";

fn with_passkeys(settings: &mut Settings) {
    settings.passkeys = Some("localhost".into());
}

async fn start() -> App {
    App::start_in_front_of_local(&[], with_passkeys).await
}

async fn id_of(browser: &Browser) -> String {
    let person = browser.call("/actions/current_person", &[]).await.json();
    person["id"].as_str().expect("an id").to_owned()
}

/// The options that the backend gave to the app.
fn options_of(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
    let json = answer.json();
    json!({ "publicKey": json["public_key"], "id": json["id"] })
}

async fn begin(browser: &Browser, name: &str) -> Answer {
    browser.call("/actions/begin_passkey", &[("name", name), ("account", &id_of(browser).await)]).await
}

async fn finish(browser: &Browser, options: &Value, credential: &Value) -> Answer {
    let (id, account) = (options["id"].as_str().expect("an id"), id_of(browser).await);
    let fields = [("id", id), ("credential", &credential.to_string()), ("account", &account)];
    browser.call("/actions/add_passkey", &fields).await
}

/// Adds a passkey of this name, and returns its device.
async fn add(browser: &Browser, name: &str) -> Authenticator {
    let mut device = Authenticator::new(name);
    let options = options_of(&begin(browser, name).await);
    let credential = device.create(&options, &Says::default());
    let answer = finish(browser, &options, &credential).await;
    assert_eq!(answer.location(), PAGE, "{}", answer.body);
    device
}

async fn ask(browser: &Browser) -> Value {
    options_of(&browser.call("/actions/ask_passkey", &[]).await)
}

async fn give(browser: &Browser, options: &Value, credential: &Value) -> Answer {
    give_and_keep(browser, options, credential, "yes").await
}

async fn give_and_keep(browser: &Browser, options: &Value, credential: &Value, keep: &str) -> Answer {
    let id = options["id"].as_str().expect("an id");
    let fields = [("id", id), ("credential", &credential.to_string()), ("next", "/birthdays"), ("keep", keep)];
    browser.call("/actions/sign_in_with_passkey", &fields).await
}

async fn sign_in(browser: &Browser, device: &Authenticator, says: &Says) -> Answer {
    let options = ask(browser).await;
    give(browser, &options, &device.get(&options, says)).await
}

async fn list(browser: &Browser) -> Vec<Value> {
    let answer = browser.call("/actions/list_passkeys", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().expect("passkeys").clone()
}

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body.as_str())
}

const NOT_ACCEPTED: (u16, &str) = (401, "\"PasskeyRefused\"");
const START_AGAIN: (u16, &str) = (410, "\"StartAgain\"");
const SWITCHED_OFF: (u16, &str) = (501, "\"MethodUnavailable\"");
const SIGN_IN_AGAIN: (u16, &str) = (401, "\"RecentSignInRequired\"");

#[tokio::test]
async fn passkey_is_added_and_signs_in() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "My phone").await;
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("Passkey added.") && page.main().contains("My phone"), "{}", page.main());
    assert!(page.main().contains("Never used"), "{}", page.main());
    assert!(ann.open("/account").await.main().contains("1 passkey<"));

    let other = app.browser();
    assert!(other.open("/login").await.field("email").contains("username webauthn"));
    let asked = other.call("/actions/ask_passkey", &[]).await;
    let cookie = asked.set_cookie("passkey").expect("a cookie");
    assert!(cookie.http_only() == Some(true) && cookie.max_age().expect("an age").whole_seconds() == 300);
    let options = options_of(&asked);
    let answer = give(&other, &options, &device.get(&options, &Says::default())).await;
    assert_eq!((answer.location(), answer.body.as_str()), ("/birthdays", "null"));
    assert_eq!(other.cookie("passkey"), None);
    assert!(other.open("/account").await.main().contains("ann@example.com"));
    assert!(ann.open(PAGE).await.main().contains("Last used"));
}

#[tokio::test]
async fn passkey_keeps_the_session_only_if_the_user_wants_it() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "My phone").await;
    // `same` keeps the new session for as long as the browser would have kept the current one.
    let browser = app.browser();
    for (keep, is_kept) in [("yes", true), ("same", true), ("", false), ("same", false)] {
        let options = ask(&browser).await;
        let answer = give_and_keep(&browser, &options, &device.get(&options, &Says::default()), keep).await;
        assert_kept(&answer, is_kept, keep);
    }
}

#[tokio::test]
async fn challenge_id_stays_on_the_server() {
    let app = start().await;
    let browser = app.browser();
    let answer = browser.call("/actions/ask_passkey", &[]).await.json();
    let names: Vec<_> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["id", "public_key"]);
    assert_eq!(answer["id"], answer["public_key"]["challenge"], "the page knows no other id");
}

#[tokio::test]
async fn passkey_counts_as_two_factors() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "phone").await;
    let id = id_of(&ann).await;
    app.ask_backend(Method::PATCH, &format!("/users/{id}/verification"), None, json!({ "emailVerification": true }))
        .await;
    let secret = ann.cookie("session").expect("a session");
    app.ask_backend(Method::PATCH, "/account/mfa", Some(&secret), json!({ "mfa": true })).await;
    let other = app.browser();
    other.call("/actions/sign_in", &[("email", "ann@example.com"), ("password", "Correct-horse-1")]).await;
    assert_eq!(other.open("/account").await.location(), "/login/factor?next=%2Faccount");
    sign_in(&other, &device, &Says::default()).await;
    assert_eq!(other.open("/account").await.status, 200);
}

#[tokio::test]
async fn challenge_of_another_browser_is_refused() {
    let app = start().await;
    let device = add(&app.browser_of("Ann").await, "phone").await;
    let (attacker, victim) = (app.browser(), app.browser());
    let options = ask(&attacker).await;
    let credential = device.get(&options, &Says::default());
    assert_eq!(refusal(&give(&victim, &options, &credential).await), START_AGAIN);
    ask(&victim).await;
    assert_eq!(refusal(&give(&victim, &options, &credential).await), START_AGAIN);
    assert_eq!(victim.cookie("session"), None);
    assert_eq!(give(&attacker, &options, &credential).await.location(), "/birthdays");
    assert_eq!(refusal(&give(&attacker, &options, &credential).await), START_AGAIN, "it works once");
}

#[tokio::test]
async fn each_tab_can_use_its_own_challenge() {
    let app = start().await;
    let device = add(&app.browser_of("Ann").await, "phone").await;
    let browser = app.browser();
    let (first, _second) = (ask(&browser).await, ask(&browser).await);
    let answer = give(&browser, &first, &device.get(&first, &Says::default())).await;
    assert_eq!(answer.location(), "/birthdays", "{}", answer.body);
}

#[tokio::test]
async fn invalid_passkey_response_is_refused() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "phone").await;
    let browser = app.browser();
    for says in [
        Says { origin: "https://evil.example", ..Says::default() },
        Says { origin: "http://127.0.0.1:3000", ..Says::default() },
        Says { rp_id: "evil.example", ..Says::default() },
        Says { flags: 0x01, ..Says::default() },
        Says { more: json!({ "crossOrigin": true }), ..Says::default() },
        Says { more: json!({ "challenge": "AAAA" }), ..Says::default() },
    ] {
        let answer = sign_in(&browser, &device, &says).await;
        assert_eq!(refusal(&answer), NOT_ACCEPTED, "{} {}", says.origin, says.more);
    }
    let stranger = Authenticator::new("stranger");
    assert_eq!(refusal(&sign_in(&browser, &stranger, &Says::default()).await), NOT_ACCEPTED);
    let options = ask(&browser).await;
    for credential in ["", "no JSON", "[]", "\"text\"", "7"] {
        let fields = [("id", options["id"].as_str().expect("an id")), ("credential", credential)];
        let answer = browser.call("/actions/sign_in_with_passkey", &fields).await;
        assert_eq!(refusal(&answer), (400, "\"BadRequest\""), "{credential}");
    }
    assert_eq!(refusal(&give(&browser, &options, &json!({})).await), NOT_ACCEPTED);
    assert_eq!(browser.cookie("session"), None);

    let id = id_of(&ann).await;
    app.ask_backend(Method::PATCH, &format!("/users/{id}/status"), None, json!({ "status": false })).await;
    assert_eq!(refusal(&sign_in(&browser, &device, &Says::default()).await), (403, "\"Blocked\""));
    assert_eq!(browser.cookie("session"), None);
}

#[tokio::test]
async fn expired_challenge_asks_to_start_again() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], with_passkeys).await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "phone").await;
    let (browser, mut late) = (app.browser(), Authenticator::new("late"));
    let (asked, begun) = (ask(&browser).await, options_of(&begin(&ann, "late").await));
    clock.advance(Duration::from_secs(300));
    assert_eq!(refusal(&give(&browser, &asked, &device.get(&asked, &Says::default())).await), START_AGAIN);
    let credential = late.create(&begun, &Says::default());
    assert_eq!(refusal(&finish(&ann, &begun, &credential).await), NOT_ACCEPTED);
}

#[tokio::test]
async fn passkeys_are_renamed_and_removed_without_javascript() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "phone").await;
    let passkeys = list(&ann).await;
    let (id, account) = (passkeys[0]["id"].as_str().expect("an id"), id_of(&ann).await);
    let post = async |action: &str, more: &[(&str, &str)]| {
        let fields = [&[("id", id), ("account", &account), ("page", PAGE)], more].concat();
        let answer = ann.post_form(&format!("/actions/{action}"), &fields).await;
        assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.body);
        ann.open(PAGE).await
    };
    let page = post("rename_passkey", &[("name", " Work laptop ")]).await;
    assert!(
        page.main().contains("Passkey renamed to Work laptop.") && page.main().contains(">Work laptop<"),
        "{}",
        page.main()
    );
    for (name, problem) in [(" ", "New name is required."), (&"x".repeat(129), "Use at most 128 characters.")] {
        let page = post("rename_passkey", &[("name", name)]).await;
        assert!(page.status == 422 && page.main().contains(problem), "{}", page.main());
    }
    let page = post("remove_passkey", &[]).await;
    assert!(page.main().contains("Passkey removed.") && page.main().contains("no passkeys yet"), "{}", page.main());
    assert_eq!(refusal(&sign_in(&app.browser(), &device, &Says::default()).await), NOT_ACCEPTED);
    let page = post("remove_passkey", &[]).await;
    assert!(page.main().contains("Passkey removed."), "a passkey that is gone is no error: {}", page.main());
}

#[tokio::test]
async fn older_session_signs_in_again_before_a_change() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], with_passkeys).await;
    let ann = app.browser_of("Ann").await;
    let device = add(&ann, "phone").await;
    let passkeys = list(&ann).await;
    clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(refusal(&begin(&ann, "laptop").await), SIGN_IN_AGAIN);
    let (id, account) = (passkeys[0]["id"].as_str().expect("an id"), id_of(&ann).await);
    let fields = [("id", id), ("account", account.as_str()), ("page", PAGE)];
    let answer = ann.post_form("/actions/remove_passkey", &fields).await;
    let verify = "/account/verify?next=%2Faccount%2Fpasskeys";
    assert_eq!((answer.status, answer.location()), (303, verify));
    let page = ann.open(verify).await;
    assert!(page.field("email").contains("ann@example.com") && page.field("next").contains(PAGE), "{}", page.main());
    let fields = [("email", "ann@example.com"), ("password", "Correct-horse-1"), ("next", PAGE)];
    let answer = ann.post_form("/actions/sign_in", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    add(&ann, "laptop").await;
    clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(sign_in(&ann, &device, &Says::default()).await.location(), "/birthdays");
    add(&ann, "tablet").await;
}

#[tokio::test]
async fn page_for_verification_accepts_only_its_own_account() {
    let app = start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let (of_ann, of_ben) = (add(&ann, "ann").await, add(&ben, "ben").await);
    let (account, session) = (id_of(&ann).await, ann.cookie("session"));
    let verify = async |device: &Authenticator| {
        let options = ask(&ann).await;
        let credential = device.get(&options, &Says::default()).to_string();
        let id = options["id"].as_str().expect("an id");
        let fields = [("id", id), ("credential", credential.as_str()), ("account", account.as_str())];
        ann.call("/actions/sign_in_with_passkey", &fields).await
    };
    assert_eq!(refusal(&verify(&of_ben).await), (409, "\"OtherAccount\""));
    assert_eq!(ann.cookie("session"), session);
    assert_eq!(verify(&of_ann).await.status, 200);
    assert_eq!(id_of(&ann).await, account);
}

#[tokio::test]
async fn guest_saves_the_account_before_adding_a_passkey() {
    let app = start().await;
    let guest = app.browser();
    guest.post_form("/actions/continue_as_guest", &[]).await;
    assert!(!guest.open("/account").await.main().contains(PAGE));
    for page in [PAGE, "/account/verify"] {
        let page = guest.open(page).await;
        assert!(page.status == 200 && page.main().contains("Save your account with an email"), "{}", page.main());
        assert!(!page.main().contains("add-passkey") && !page.main().contains("Sign out"), "{}", page.main());
    }
    assert_eq!(refusal(&begin(&guest, "phone").await), (403, "\"Forbidden\""));
}

#[tokio::test]
async fn two_accounts_on_one_device_stay_separate() {
    let app = start().await;
    let (ann, ben) = (app.browser_of("Ann").await, app.browser_of("Ben").await);
    let (of_ann, of_ben) = (add(&ann, "ann").await, add(&ben, "ben").await);
    let shared = app.browser();
    for (device, email) in [(&of_ann, "ann@example.com"), (&of_ben, "ben@example.com"), (&of_ann, "ann@example.com")] {
        sign_in(&shared, device, &Says::default()).await;
        assert!(shared.open("/account").await.main().contains(email), "{email}");
    }
    assert_eq!((list(&ann).await.len(), list(&ben).await.len()), (1, 1));

    let (id, account) = (list(&ann).await[0]["id"].clone(), id_of(&ann).await);
    let id = id.as_str().expect("an id");
    for action in ["begin_passkey", "rename_passkey", "remove_passkey"] {
        let fields = [("id", id), ("name", "x"), ("account", account.as_str())];
        let answer = ben.call(&format!("/actions/{action}"), &fields).await;
        assert_eq!(refusal(&answer), (409, "\"OtherAccount\""), "{action}");
    }
    let fields = [("id", id), ("name", "x"), ("account", &id_of(&ben).await)];
    assert_eq!(ben.call("/actions/rename_passkey", &fields).await.status, 404);
    ben.call("/actions/remove_passkey", &fields).await;
    assert_eq!(list(&ann).await.len(), 1);
}

#[tokio::test]
async fn registration_is_refused_with_reasons() {
    let app = start().await;
    let ann = app.browser_of("Ann").await;
    let mut device = add(&ann, "phone").await;
    let options = options_of(&begin(&ann, "again").await);
    let again = device.create(&options, &Says::default());
    assert_eq!(refusal(&finish(&ann, &options, &again).await), (409, "\"PasskeyExists\""));
    let options = options_of(&begin(&ann, "elsewhere").await);
    let says = Says { origin: "https://evil.example", ..Says::default() };
    let foreign = Authenticator::new("foreign").create(&options, &says);
    assert_eq!(refusal(&finish(&ann, &options, &foreign).await), NOT_ACCEPTED);
    assert_eq!(begin(&ann, " ").await.status, 422);
    let answer = ann.post_form("/actions/add_passkey", &[("page", PAGE), ("account", &id_of(&ann).await)]).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    assert_eq!(ann.open(PAGE).await.status, 400);
    assert_eq!(list(&ann).await.len(), 1);
}

#[tokio::test]
async fn passkeys_are_hidden_where_the_server_has_none() {
    let off = App::start().await;
    let older = App::start_with_profile(Profile::OneNine, &[]).await;
    // With the API key, the app would still get a challenge here.
    let switched_off = App::start_in_front_of_local(&[], |settings| {
        with_passkeys(settings);
        settings.disabled_methods.push(AuthMethod::Passkey);
    })
    .await;
    for (name, app) in [("off", off), ("older", older), ("switched off", switched_off)] {
        let browser = app.browser();
        for query in ["", "?passkeys=1", "?sign_in_methods=Passkey"] {
            let page = browser.open(&format!("/login{query}")).await;
            assert!(!page.field("email").contains("webauthn"), "{name}");
        }
        assert_eq!(refusal(&browser.call("/actions/ask_passkey", &[]).await), SWITCHED_OFF, "{name}");
        let ann = app.browser_of("Ann").await;
        assert!(!ann.open("/account").await.main().contains(PAGE), "{name}");
        let page = ann.open(PAGE).await;
        assert!(page.status == 501 && page.main().contains("Passkeys are switched off"), "{name}: {}", page.main());
    }
}

#[tokio::test]
async fn challenges_are_limited_by_address() {
    let app = App::start_in_front_of_local(&STRICT_LIMITS, with_passkeys).await;
    let browser = app.browser();
    // Each view of the sign-in page asks for one. One more comes every three seconds.
    for _ in 0..120 {
        ask(&browser).await;
    }
    let mut refused = false;
    for _ in 0..100 {
        refused |= browser.call("/actions/ask_passkey", &[]).await.status == 429;
    }
    assert!(refused);
}

#[tokio::test]
async fn passkey_is_not_offered_without_javascript() {
    let app = start().await;
    let page = app.browser_of("Ann").await.open("/account").await;
    assert!(page.main().contains("Your account is ready."), "{}", page.main());
    assert!(!page.main().contains("Add a passkey<"), "{}", page.main());
}

#[tokio::test]
async fn second_factor_counts_as_a_recent_sign_in() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], with_passkeys).await;
    let ann = app.browser_of("Ann").await;
    let (verify, link) = ("/account/verify?next=%2Faccount%2Fpasskeys", "Use two-step verification");
    assert!(!ann.open(verify).await.main().contains(link), "she has none");
    app.confirm_email_of(&ann).await;
    clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(refusal(&begin(&ann, "My phone").await), SIGN_IN_AGAIN);
    let page = ann.open(verify).await;
    let factor = "/account/security/verify?next=%2Faccount%2Fpasskeys";
    assert!(page.main().contains(link) && page.main().contains(factor), "{}", page.main());
    let fields = [("factor", "email"), ("next", PAGE), ("page", factor)];
    ann.post_form("/actions/ask_to_verify", &fields).await;
    let code = app.message_to("ann@example.com").await.code();
    let answer = ann.post_form("/actions/verify_again", &[&fields[..], &[("code", &code)]].concat()).await;
    assert_eq!(answer.location(), PAGE);
    options_of(&begin(&ann, "My phone").await);
}

#[tokio::test]
async fn last_passkey_of_an_account_without_email_needs_another_method() {
    let paths = Paths { phone_code: None, ..SITE.paths };
    let app = App::start_with_paths_and(paths, with_passkeys).await;
    let user =
        app.ask_backend(Method::POST, "/users", None, json!({ "userId": "unique()", "phone": "+442079460018" })).await;
    let id = user["$id"].as_str().expect("an id");
    let session = app.ask_backend(Method::POST, &format!("/users/{id}/sessions"), None, json!({})).await;
    let ann = app.browser();
    ann.plant("session", session["secret"].as_str().expect("a secret"));
    add(&ann, "My phone").await;
    let passkey = list(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    let form = [("id", passkey.as_str()), ("account", id), ("page", PAGE)];
    assert_eq!(ann.post_form("/actions/remove_passkey", &form).await.location(), PAGE);
    let page = ann.open(PAGE).await;
    let sentence = "This is your only way to sign in. Add another one first.";
    assert!(page.status == 409 && page.main().contains(sentence), "{}", page.body);
    assert_eq!(list(&ann).await.len(), 1);
}

#[tokio::test]
async fn last_passkey_cannot_be_removed_without_another_method() {
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths_and(paths, with_passkeys).await;
    let ann = app.browser_of("Ann").await;
    add(&ann, "My phone").await;
    let (id, user) = (list(&ann).await[0]["id"].as_str().expect("an id").to_owned(), id_of(&ann).await);
    app.ask_backend(Method::PATCH, &format!("/users/{user}/password"), None, json!({ "password": "" })).await;
    let remove = async || ann.call("/actions/remove_passkey", &[("id", &id), ("account", &user)]).await;
    assert_eq!(refusal(&remove().await), (409, "\"NoPassword\""));
    add(&ann, "My laptop").await;
    assert_eq!(remove().await.location(), PAGE);
    assert_eq!(list(&ann).await.len(), 1);
}
