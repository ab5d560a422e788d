//! Limits on guessing passwords, codes and links, on every route, and who they lock out.

use crate::browser::{Answer, Browser};
use crate::oauth2::{ANN, decide, open_own, start};
use crate::running::App;

const EMAIL: &str = "ann@example.com";

/// A made-up secret in the format of links, and of providers before Appwrite 1.9.
fn made_up_secret() -> String {
    "a1".repeat(32)
}

async fn ask_for_code(browser: &Browser) {
    let fields = [("proof", "email_code"), ("address", EMAIL), ("page", "/login/code")];
    assert_eq!(browser.post_form("/actions/ask_for_proof", &fields).await.location(), "/login/code/enter");
}

async fn enter_code(browser: &Browser, code: &str) -> Answer {
    browser.call("/actions/enter_code", &[("proof", "email_code"), ("code", code)]).await
}

async fn open_link(browser: &Browser, user_id: &str, secret: &str) -> Answer {
    browser.call("/actions/open_link", &[("user_id", user_id), ("secret", secret)]).await
}

/// A browser with a pending sign-in at a provider, which it can use any number of times.
struct ProviderReturn {
    browser: Browser,
    pending: String,
    state: String,
}

impl ProviderReturn {
    async fn start(app: &App) -> Self {
        let browser = app.browser();
        let back = decide(&start(&browser, "").await, ANN).await;
        let state = back.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
        let pending = browser.cookie("oauth-state").expect("a pending sign-in");
        Self { browser, pending, state }
    }

    /// Returns from the provider with this secret, and returns the page that follows.
    async fn open_with(&self, user_id: &str, secret: &str) -> String {
        self.browser.plant("oauth-state", &self.pending);
        let path = format!("/login/provider/return?state={}&userId={user_id}&secret={secret}", self.state);
        let answer = open_own(&self.browser, &path).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{}", answer.body);
        assert!(answer.set_cookie("session").is_none());
        self.browser.open("/login").await.body
    }
}

const START_AGAIN: &str = "Start again.";

async fn id_of(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn emailed_code_is_refused_at_the_provider_callback() {
    let app = App::start().await;
    let id = id_of(&app.browser_of("Ann").await).await;
    let (browser, returning) = (app.browser(), ProviderReturn::start(&app).await);
    ask_for_code(&browser).await;
    let code = app.message_to(EMAIL).await.code();
    for _ in 0..6 {
        assert!(returning.open_with(&id, &code).await.contains(START_AGAIN));
    }
    assert_eq!(open_link(&app.browser(), &id, &code).await.status, 401);
    let answer = enter_code(&browser, &code).await;
    assert_eq!((answer.status, answer.location()), (200, "/account"), "nothing was tried, nothing was counted");
}

#[tokio::test]
async fn secret_of_a_provider_is_refused_as_a_link() {
    let app = App::start().await;
    let browser = app.browser();
    let back = decide(&start(&browser, "").await, ANN).await;
    let value = |name: &str| back.query_pairs().find(|(own, _)| own == name).expect(name).1.into_owned();
    let answer = open_link(&browser, &value("userId"), &value("secret")).await;
    assert_eq!((answer.status, answer.body.as_str()), (401, "\"LinkInvalid\""));
}

#[tokio::test]
async fn wrong_codes_do_not_lock_other_sign_in_methods() {
    let app = App::start().await;
    let id = id_of(&app.browser_of("Ann").await).await;
    let (browser, returning) = (app.browser(), ProviderReturn::start(&app).await);
    ask_for_code(&browser).await;
    let code = app.message_to(EMAIL).await.code();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(enter_code(&browser, wrong).await.status, 422);
    }
    assert_eq!(enter_code(&browser, &code).await.status, 429);
    let secret = made_up_secret();
    assert_eq!(open_link(&browser, &id, &secret).await.status, 401);
    assert!(returning.open_with(&id, &secret).await.contains(START_AGAIN));
    let fields = [("user_id", id.as_str()), ("secret", &secret), ("password", "Brand-new-horse-2")];
    assert_eq!(browser.call("/actions/set_new_password", &fields).await.status, 401);
    assert_eq!(browser.call("/actions/confirm_email", &fields[..2]).await.status, 401);

    let fields = [("proof", "magic_link"), ("address", EMAIL), ("page", "/login/link")];
    assert_eq!(browser.post_form("/actions/ask_for_proof", &fields).await.location(), "/login/link/sent");
    let link = app.message_to(EMAIL).await.path();
    let query = link.split_once('?').expect("a query").1;
    let part = |name: &str| {
        let mut parts = url::form_urlencoded::parse(query.as_bytes());
        parts.find(|(own, _)| own == name).expect(name).1.into_owned()
    };
    let (id, secret, address) = (part("userId"), part("secret"), part("address"));
    let fields = [("user_id", id.as_str()), ("secret", &secret), ("address", &address)];
    assert_eq!(browser.call("/actions/open_link", &fields).await.status, 200);
}

#[tokio::test]
async fn forged_links_do_not_lock_sign_in_methods() {
    let app = App::start().await;
    let id = id_of(&app.browser_of("Ann").await).await;
    let (browser, returning) = (app.browser(), ProviderReturn::start(&app).await);
    ask_for_code(&browser).await;
    let code = app.message_to(EMAIL).await.code();
    for _ in 0..6 {
        assert_eq!(open_link(&browser, &id, &made_up_secret()).await.status, 401);
        assert!(returning.open_with(&id, &made_up_secret()).await.contains(START_AGAIN));
    }
    assert_eq!(enter_code(&browser, &code).await.status, 200);
}

#[tokio::test]
async fn short_secret_is_refused_as_a_link_without_asking_appwrite() {
    let app = App::start_in_front_of("http://127.0.0.1:9/v1").await;
    for action in ["/actions/open_link", "/actions/set_new_password", "/actions/confirm_email"] {
        let answer = async |secret: &str| {
            let fields = [("user_id", "ann"), ("secret", secret), ("password", "Brand-new-horse-2")];
            app.browser().call(action, &fields).await.status
        };
        for short in ["123456", &"1".repeat(31)] {
            assert_eq!(answer(short).await, 401, "{action}");
        }
        // A user has to sign in before the confirmation.
        let asked = if action.ends_with("confirm_email") { 401 } else { 503 };
        assert_eq!(answer(&made_up_secret()).await, asked, "{action}");
    }
}

async fn sign_in(browser: &Browser, email: &str, password: &str) -> u16 {
    browser.call("/actions/sign_in", &[("email", email), ("password", password)]).await.status
}

#[tokio::test]
async fn wrong_passwords_elsewhere_do_not_lock_out_known_browser() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let bob = app.browser_of("Bob").await;
    for browser in [&ann, &bob] {
        browser.post_form("/actions/sign_out", &[]).await;
    }
    let stranger = app.browser();
    for _ in 0..10 {
        assert_eq!(sign_in(&stranger, EMAIL, "wrong-password").await, 401);
    }
    assert_eq!(sign_in(&stranger, EMAIL, "Correct-horse-1").await, 429);
    assert_eq!(sign_in(&bob, EMAIL, "Correct-horse-1").await, 429, "his browser is known for another account");
    assert_eq!(sign_in(&ann, "Ann@Example.com", "Correct-horse-1").await, 200);

    let program = app.browser();
    program.plant("known-browser", &ann.cookie("known-browser").expect("a cookie"));
    let body = serde_json::json!({ "email": EMAIL, "password": "Correct-horse-1" });
    assert_eq!(program.post_json("/api/login", &body).await.status, 200);
}

#[tokio::test]
async fn known_browser_and_its_copies_share_five_guesses() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let copy = app.browser();
    copy.plant("known-browser", &ann.cookie("known-browser").expect("a cookie"));
    for _ in 0..5 {
        assert_eq!(sign_in(&copy, EMAIL, "wrong-password").await, 401);
    }
    assert_eq!(sign_in(&copy, EMAIL, "Correct-horse-1").await, 429);
    assert_eq!(sign_in(&ann, EMAIL, "Correct-horse-1").await, 429);
    assert_eq!(sign_in(&app.browser(), EMAIL, "Correct-horse-1").await, 200, "others have their own counter");
}

#[tokio::test]
async fn known_browser_cookie_is_sealed_and_set_after_sign_in() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    for email in [EMAIL, "nobody@example.com"] {
        assert_eq!(sign_in(&browser, email, "wrong-password").await, 401);
    }
    assert_eq!(browser.cookie("known-browser"), None);
    let fields = [("email", EMAIL), ("password", "Correct-horse-1")];
    let cookie = browser.post_form("/actions/sign_in", &fields).await.set_cookie("known-browser").expect("a cookie");
    assert_eq!((cookie.http_only(), cookie.path(), cookie.domain()), (Some(true), Some("/"), None));
    assert_eq!(cookie.same_site().map(|same_site| same_site.to_string()).as_deref(), Some("Strict"));
    assert_eq!(cookie.max_age().map(|age| age.whole_days()), Some(365));
    assert!(!cookie.value().contains("ann"));
    // A forged cookie does not make a browser known.
    let eve = app.browser();
    eve.plant("known-browser", &cookie.value().replace(['a', 'b'], "c"));
    for _ in 0..8 {
        sign_in(&eve, EMAIL, "wrong-password").await;
    }
    assert_eq!(sign_in(&eve, EMAIL, "wrong-password").await, 429, "the stranger's counter had one guess already");
}

#[tokio::test]
async fn emailed_code_makes_a_browser_known() {
    let app = App::start().await;
    app.confirm_email_of(&app.browser_of("Ann").await).await;
    let browser = app.browser();
    ask_for_code(&browser).await;
    let code = app.message_to(EMAIL).await.code();
    assert_eq!(enter_code(&browser, &code).await.status, 200);
    while sign_in(&app.browser(), EMAIL, "wrong-password").await != 429 {}
    assert_eq!(sign_in(&browser, EMAIL, "Correct-horse-1").await, 200);
}

#[tokio::test]
async fn address_limits_are_strict_with_an_https_origin() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let browser = app.browser();
    let fields = [("name", "Ann"), ("email", "ann"), ("password", "Correct-horse-1")];
    for _ in 0..10 {
        let fields = [fields[0], ("email", EMAIL), fields[2]];
        assert_ne!(browser.call("/actions/sign_up", &fields).await.status, 429);
    }
    let fields = [fields[0], ("email", "other@example.com"), fields[2]];
    assert_eq!(browser.call("/actions/sign_up", &fields).await.status, 429);
}
