//! The second factor at sign-in: nothing works before it, and every factor signs in.

use axum::Router;
use axum::routing::get;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, ORIGIN};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::browser::{Answer, Browser};
use crate::routes::NO_PAGES;
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const PAGE: &str = "/login/factor?next=%2Fbirthdays";

/// A user whose account requires a second factor.
pub struct Protected {
    id: String,
    pub email: String,
    app_secret: String,
    recovery_codes: Vec<String>,
}

impl Protected {
    /// Signs up a user with an authenticator app and recovery codes.
    pub async fn sign_up(app: &App, name: &str) -> Self {
        let browser = app.browser_of(name).await;
        let secret = browser.cookie("session").expect("a session");
        let ask = async |method, path, body| app.ask_backend(method, path, Some(&secret), body).await;
        let account = ask(Method::GET, "/account", Value::Null).await;
        let authenticator = ask(Method::POST, "/account/mfa/authenticators/totp", json!({})).await;
        let app_secret = authenticator["secret"].as_str().expect("a secret").to_owned();
        let otp = code_of(&app_secret);
        ask(Method::PUT, "/account/mfa/authenticators/totp", json!({ "otp": otp })).await;
        let codes = ask(Method::POST, "/account/mfa/recovery-codes", json!({})).await;
        ask(Method::PATCH, "/account/mfa", json!({ "mfa": true })).await;
        Self {
            id: account["$id"].as_str().expect("an id").to_owned(),
            email: account["email"].as_str().expect("an address").to_owned(),
            app_secret,
            recovery_codes: serde_json::from_value(codes["recoveryCodes"].clone()).expect("codes"),
        }
    }

    /// The code that the authenticator app shows.
    pub fn code(&self) -> String {
        code_of(&self.app_secret)
    }

    /// A code that the app shows neither now nor shortly before or after.
    fn wrong_code(&self) -> String {
        wrong_code_of(&self.app_secret)
    }

    /// Confirms the email address, so that Appwrite can send codes to it.
    async fn confirm_email(&self, app: &App) {
        let path = format!("/users/{}/verification", self.id);
        app.ask_backend(Method::PATCH, &path, None, json!({ "emailVerification": true })).await;
    }

    /// A browser that has passed the first factor.
    async fn browser_after_password(&self, app: &App) -> Browser {
        let browser = app.browser();
        let fields = [("email", self.email.as_str()), ("password", "Correct-horse-1"), ("next", "/birthdays")];
        let answer = browser.post_form("/actions/sign_in", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
        browser
    }
}

fn now() -> u64 {
    jiff::Timestamp::now().as_second().unsigned_abs()
}

fn authenticator(secret: &str) -> totp_rs::Totp {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    Builder::new().with_secret(secret).build().expect("an authenticator")
}

/// The code that an authenticator app with this secret shows.
pub fn code_of(secret: &str) -> String {
    authenticator(secret).generate(now()).to_string()
}

/// A code that an authenticator app with this secret shows neither now nor shortly before or after.
pub fn wrong_code_of(secret: &str) -> String {
    let totp = authenticator(secret);
    let now = now();
    let shown: Vec<_> = (0..5).map(|step| totp.generate(now + 60 - step * 30).to_string()).collect();
    let mut guesses = (0..10).map(|guess| format!("00000{guess}"));
    guesses.find(|guess| !shown.contains(guess)).expect("a code that is not shown")
}

async fn ask(browser: &Browser, factor: &str) -> Answer {
    let fields = [("factor", factor), ("next", "/birthdays"), ("page", PAGE)];
    browser.post_form("/actions/ask_second_factor", &fields).await
}

async fn give(browser: &Browser, factor: &str, code: &str) -> Answer {
    let fields = [("factor", factor), ("code", code), ("next", "/birthdays"), ("page", PAGE)];
    browser.post_form("/actions/give_second_factor", &fields).await
}

fn assert_continues(answer: &Answer) {
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"), "{}", answer.body);
}

/// Asserts that the page shows the error at the field and does not repeat the code.
async fn assert_wrong(browser: &Browser, answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("That code is wrong or expired."), "{}", page.body);
    assert!(page.field("code").contains("aria-invalid=\"true\""));
    assert!(!page.body.contains(code), "{}", page.body);
}

#[tokio::test]
async fn page_redirects_to_second_factor_and_code_redirects_back() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let before = browser.cookie("session");
    let page = browser.open("/birthdays").await;
    assert_eq!((page.status, page.location()), (303, PAGE));
    let page = browser.open(PAGE).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
    let field = page.field("code");
    assert!(!page.body.contains("Create account"), "{}", page.body);
    assert!(field.contains("autocomplete=\"one-time-code\"") && field.contains("inputmode=\"numeric\""), "{field}");
    assert_continues(&give(&browser, "totp", &ann.code()).await);
    assert_eq!(browser.open("/account").await.status, 200);
    assert_eq!(browser.cookie("pending"), None);
    // The cookie stays the same: Appwrite has no route that changes a session's secret.
    assert_eq!(browser.cookie("session"), before);
    let again = browser.open(PAGE).await;
    assert_eq!((again.status, again.location()), (303, "/birthdays"));
}

#[tokio::test]
async fn pages_and_jwts_are_refused_before_second_factor() {
    let app = App::start_with(&[("REALTIME", "auto")]).await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    for page in ["/", "/account", "/birthdays", "/birthdays/x/edit", "/login", "/signup", "/nowhere"] {
        let answer = browser.open(page).await;
        assert!(!answer.body.contains(&ann.email), "{page}: {}", answer.body);
        let is_led = answer.status == 303 && answer.location().starts_with("/login/factor?next=");
        assert!(is_led || answer.status == 404, "{page}: {} {}", answer.status, answer.location());
    }
    for action in ["realtime_ticket", "session_owner", "current_person", "list_birthdays"] {
        let answer = browser.call(&format!("/actions/{action}"), &[]).await;
        assert_eq!((answer.status, answer.json()), (401, json!("MoreFactorsRequired")), "{action}");
    }
    let user = browser.open("/api/user").await;
    assert_eq!((user.status, user.json()["secondFactor"].clone()), (401, json!(true)));
    assert!(!user.body.contains(&ann.email) && !user.body.contains(&ann.id), "{}", user.body);
}

#[tokio::test]
async fn no_path_shows_private_data_before_the_second_factor() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    for path in NO_PAGES {
        let answer = browser.open(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("Ann") && !answer.body.contains(&ann.email), "{path}: {}", answer.body);
    }
    let answer = browser.open("/account/").await;
    assert_eq!((answer.status, answer.location(), answer.body.as_str()), (308, "/account", ""));
}

#[tokio::test]
async fn nothing_is_relayed_before_the_second_factor() {
    let app = App::start_with(&[("REALTIME", "relay")]).await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let handshake = browser
        .request(Method::GET, "/realtime")
        .header(ORIGIN, &app.origin)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(browser.send(handshake).await.status, 401);
}

#[tokio::test]
async fn jwt_of_session_without_second_factor_opens_no_birthdays() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let known = app.ask_backend(Method::GET, &format!("/users/{}/sessions", ann.id), None, Value::Null).await;
    let known: Vec<Value> = known["sessions"].as_array().expect("sessions").clone();
    ann.browser_after_password(&app).await;
    let sessions = app.ask_backend(Method::GET, &format!("/users/{}/sessions", ann.id), None, Value::Null).await;
    let mut sessions = sessions["sessions"].as_array().expect("sessions").iter();
    let session = sessions.find(|one| known.iter().all(|old| old["$id"] != one["$id"])).expect("a new session");
    let path = format!("/users/{}/jwts", ann.id);
    let jwt = app.ask_backend(Method::POST, &path, None, json!({ "sessionId": session["$id"] })).await;
    let bearer = format!("Bearer {}", jwt["jwt"].as_str().expect("a JWT"));
    let browser = app.browser();
    let request = browser.request(Method::GET, "/api/birthdays").header(AUTHORIZATION, bearer);
    let answer = browser.send(request.header(ACCEPT, "application/json")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("more_factors_required"), "{}", answer.body);
}

#[tokio::test]
async fn wrong_code_is_a_field_error_and_next_try_works() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let wrong = ann.wrong_code();
    assert_wrong(&browser, &give(&browser, "totp", &wrong).await, &wrong).await;
    assert_wrong(&browser, &give(&browser, "totp", &"9".repeat(500)).await, "999999999").await;
    let empty = give(&browser, "totp", " ").await;
    assert_eq!((empty.status, empty.location()), (303, PAGE));
    assert!(browser.open(PAGE).await.body.contains("Code is required."));
    let spaced = ann.code();
    assert_continues(&give(&browser, "totp", &format!("{} {}", &spaced[..3], &spaced[3..])).await);
}

#[tokio::test]
async fn user_with_several_factors_can_choose_a_code_by_email() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    ann.confirm_email(&app).await;
    let browser = ann.browser_after_password(&app).await;
    let choice = browser.open(PAGE).await;
    for text in ["Use an authenticator app", "Get a code by email", "Use a recovery code", "Cancel and sign out"] {
        assert!(choice.body.contains(text), "{text}: {}", choice.body);
    }
    assert!(!choice.body.contains("name=\"code\"") && !choice.main().contains("text message"), "{}", choice.body);

    let asked = ask(&browser, "email").await;
    assert_eq!((asked.status, asked.location()), (303, PAGE));
    let first = app.message_to(&ann.email).await.code();
    let page = browser.open(PAGE).await;
    assert!(page.field("code").contains("one-time-code"));
    assert!(page.body.contains("Send a new code"), "{}", page.body);
    assert!(!page.body.contains(&ann.id), "{}", page.body);

    ask(&browser, "email").await;
    let second = app.message_to(&ann.email).await.code();
    if first != second {
        assert_wrong(&browser, &give(&browser, "email", &first).await, &first).await;
    }
    assert_continues(&give(&browser, "email", &second).await);
    assert_eq!(browser.open("/account").await.status, 200);
}

#[tokio::test]
async fn code_is_sent_once_for_any_next_page_length() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    ann.confirm_email(&app).await;
    let browser = ann.browser_after_password(&app).await;
    let long = format!("/birthdays?{}", "a".repeat(3000));
    let fields = [("factor", "email"), ("next", long.as_str()), ("page", PAGE)];
    let answer = browser.post_form("/actions/ask_second_factor", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/factor"), "{}", answer.body);
    assert!(browser.open("/login/factor").await.body.contains("name=\"code\""));
}

#[tokio::test]
async fn code_is_texted_to_a_confirmed_phone() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let number = "+442079460018";
    app.ask_backend(Method::PATCH, &format!("/users/{}/phone", ann.id), None, json!({ "number": number })).await;
    let path = format!("/users/{}/verification/phone", ann.id);
    app.ask_backend(Method::PATCH, &path, None, json!({ "phoneVerification": true })).await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "phone").await;
    assert_continues(&give(&browser, "phone", &app.message_to(number).await.code()).await);
}

#[tokio::test]
async fn recovery_code_signs_in_once() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "recoveryCode").await;
    let field = browser.open(PAGE).await.field("code");
    assert!(!field.contains("numeric") && !field.contains("one-time-code"), "{field}");
    assert_continues(&give(&browser, "recoveryCode", &ann.recovery_codes[0]).await);
    let other = ann.browser_after_password(&app).await;
    let used = &ann.recovery_codes[0];
    ask(&other, "recoveryCode").await;
    assert_wrong(&other, &give(&other, "recoveryCode", used).await, used).await;
    assert_continues(&give(&other, "recoveryCode", &ann.recovery_codes[1]).await);
}

#[tokio::test]
async fn script_gets_the_same_responses_as_typed_errors() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let factors = browser.call("/actions/second_factors", &[]).await;
    assert_eq!(
        (factors.status, factors.json()),
        (200, json!({ "known": ["totp", "recoveryCode"], "has_custom": false }))
    );
    let wrong = [("factor", "totp"), ("code", &ann.wrong_code())];
    assert_eq!(browser.call("/actions/give_second_factor", &wrong).await.status, 422);
    let right = [("factor", "totp"), ("code", &ann.code()), ("next", "//evil")];
    let answer = browser.call("/actions/give_second_factor", &right).await;
    assert_eq!((answer.status, answer.location()), (200, "/account"));
    let unknown = [("factor", "passkey"), ("code", "123456")];
    assert_eq!(browser.call("/actions/give_second_factor", &unknown).await.status, 400);
}

#[tokio::test]
async fn challenge_of_another_user_is_refused() {
    let app = App::start().await;
    let (ann, ben) = (Protected::sign_up(&app, "Ann").await, Protected::sign_up(&app, "Ben").await);
    ann.confirm_email(&app).await;
    ben.confirm_email(&app).await;
    let browser_of_ann = ann.browser_after_password(&app).await;
    ask(&browser_of_ann, "email").await;
    let code = app.message_to(&ann.email).await.code();
    let browser = ben.browser_after_password(&app).await;
    browser.plant("pending", &browser_of_ann.cookie("pending").expect("a challenge"));
    assert_wrong(&browser, &give(&browser, "email", &code).await, &code).await;
    assert_eq!(browser.open("/account").await.status, 303);
}

#[tokio::test]
async fn forged_or_wrong_factor_challenge_must_start_again() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    ann.confirm_email(&app).await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "email").await;
    let code = app.message_to(&ann.email).await.code();
    let sealed = browser.cookie("pending").expect("a challenge");
    for planted in ["x".to_owned(), sealed.chars().rev().collect(), String::new()] {
        browser.plant("pending", &planted);
        give(&browser, "email", &code).await;
        let page = browser.open(PAGE).await;
        assert_eq!(page.status, 410);
        assert!(page.body.contains("Start again."), "{}", page.body);
    }
    browser.plant("pending", &sealed);
    assert_eq!(browser.call("/actions/give_second_factor", &[("factor", "phone"), ("code", &code)]).await.status, 410);
    assert_continues(&give(&browser, "email", &code).await);
}

#[tokio::test]
async fn browsers_share_five_guesses_of_a_code() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let (one, other) = (ann.browser_after_password(&app).await, ann.browser_after_password(&app).await);
    let wrong = ann.wrong_code();
    let fields = [("factor", "totp"), ("code", wrong.as_str())];
    for guess in 0..5 {
        let browser = if guess % 2 == 0 { &one } else { &other };
        assert_eq!(browser.call("/actions/give_second_factor", &fields).await.status, 422);
    }
    for browser in [&one, &other] {
        let right = ann.code();
        let refused = browser.call("/actions/give_second_factor", &[("factor", "totp"), ("code", &right)]).await;
        assert_eq!(refused.status, 429);
        assert!(!refused.header("retry-after").is_empty());
    }
    give(&one, "totp", &wrong).await;
    let page = one.open(PAGE).await;
    assert_eq!(page.status, 429);
    assert!(page.body.contains("Too many attempts. Try again in"), "{}", page.body);
}

#[tokio::test]
async fn canceling_ends_the_pending_session() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let secret = browser.cookie("session").expect("a session");
    ask(&browser, "totp").await;
    let answer = browser.post_form("/actions/sign_out", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!((browser.cookie("session"), browser.cookie("pending")), (None, None));
    browser.plant("session", &secret);
    let page = browser.open(PAGE).await;
    assert_eq!((page.status, page.location()), (303, "/login?next=%2Fbirthdays"));
}

#[tokio::test]
async fn second_tab_continues_after_sign_in_elsewhere() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    ann.confirm_email(&app).await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "email").await;
    let code = app.message_to(&ann.email).await.code();
    assert_continues(&give(&browser, "email", &code).await);
    assert_continues(&give(&browser, "email", &code).await);
    assert_continues(&give(&browser, "totp", "000000").await);
}

#[tokio::test]
async fn page_opens_only_for_users_with_a_pending_factor() {
    let app = App::start().await;
    let stranger = app.browser().open(PAGE).await;
    assert_eq!((stranger.status, stranger.location()), (303, "/login?next=%2Fbirthdays"));
    let ben = app.browser_of("Ben").await;
    let signed_in = ben.open(PAGE).await;
    assert_eq!((signed_in.status, signed_in.location()), (303, "/birthdays"));
    for action in ["second_factors", "ask_second_factor", "give_second_factor"] {
        let fields = [("factor", "totp"), ("code", "123456")];
        assert_eq!(app.browser().call(&format!("/actions/{action}"), &fields).await.status, 401, "{action}");
    }
}

#[tokio::test]
async fn factor_missing_on_account_or_server_is_refused() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    let not_confirmed = browser.call("/actions/ask_second_factor", &[("factor", "email")]).await;
    assert_eq!(not_confirmed.status, 400);
    assert_eq!(browser.cookie("pending"), None);

    let app = App::start_in_front_of_local(&[], |settings| settings.smtp = false).await;
    let ann = Protected::sign_up(&app, "Ann").await;
    ann.confirm_email(&app).await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "email").await;
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 501);
    assert!(page.body.contains("This is switched off on this site. Choose another method."), "{}", page.body);
}

#[tokio::test]
async fn outage_in_the_middle_loses_nothing() {
    let mut app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let browser = ann.browser_after_password(&app).await;
    ask(&browser, "totp").await;
    let (session, pending) = (browser.cookie("session"), browser.cookie("pending"));
    app.stop_backend().await;
    let answer = browser.call("/actions/give_second_factor", &[("factor", "totp"), ("code", &ann.code())]).await;
    assert_eq!(answer.status, 503);
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 503);
    assert_eq!((browser.cookie("session"), browser.cookie("pending")), (session, pending));
}

#[tokio::test]
async fn api_sign_in_with_second_factor_leaves_no_session() {
    let app = App::start().await;
    let ann = Protected::sign_up(&app, "Ann").await;
    let sessions = async || {
        let path = format!("/users/{}/sessions", ann.id);
        app.ask_backend(Method::GET, &path, None, Value::Null).await["total"].clone()
    };
    let before = sessions().await;
    let body = json!({ "email": ann.email, "password": "Correct-horse-1" });
    let answer = app.browser().post_json("/api/login", &body).await;
    let said = json!({
        "success": false,
        "error": "Your account needs a second factor to sign in.",
        "secondFactor": true,
    });
    assert_eq!((answer.status, answer.json()), (401, said));
    assert!(answer.cookies().is_empty());
    assert_eq!(sessions().await, before);
}

#[tokio::test]
async fn account_with_only_an_unknown_factor_is_explained() {
    let routes = Router::new()
        .route("/account", get(|| async { refusal(401, "user_more_factors_required") }))
        .route("/account/mfa/factors", get(|| async { axum::Json(json!({ "totp": false, "custom": true })) }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    browser.plant("session", "something");
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 200);
    assert!(page.main().contains("none of its methods works here"), "{}", page.main());
    assert!(page.main().contains("a verification method that this site doesn't support"), "{}", page.main());
    assert!(page.main().contains("Cancel and sign out"), "{}", page.main());
}

#[tokio::test]
async fn factors_that_cannot_be_fetched_offer_a_retry() {
    let routes = Router::new()
        .route("/account", get(|| async { refusal(401, "user_more_factors_required") }))
        .route("/account/mfa/factors", get(|| async { refusal(429, "general_rate_limit_exceeded") }));
    let app = App::start_in_front_of(&appwrite_with(routes).await).await;
    let browser = app.browser();
    browser.plant("session", "something");
    let page = browser.open(PAGE).await;
    assert_eq!(page.status, 429);
    let link = r#"href="/login/factor?next=%2Fbirthdays" rel="external" class="button">Try again<"#;
    assert!(page.main().contains(link), "{}", page.main());
}
