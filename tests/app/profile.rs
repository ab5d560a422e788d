//! Changes to the user's own account: name, email, phone number, password.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::json;

use crate::browser::{Answer, Browser, assert_takes_focus};
use crate::running::App;

const EMAIL: &str = "ann@example.com";
const OLD: &str = "Correct-horse-1";
const NEW: &str = "Brand-new-horse-2";

async fn id_of(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

/// Submits the form of `page` without JavaScript, for the user who is signed in.
async fn save(browser: &Browser, page: &str, fields: &[(&str, &str)]) -> Answer {
    let id = id_of(browser).await;
    let action = format!("/actions/change_{}", page.rsplit('/').next().expect("a name"));
    let fields = [fields, &[("account", &id), ("page", page), ("next", "/account")]].concat();
    browser.post_form(&action, &fields).await
}

/// Asserts that the form of `page` is refused and says `sentence` at `field`.
async fn assert_refused(browser: &Browser, page: &str, fields: &[(&str, &str)], field: &str, sentence: &str) {
    let answer = save(browser, page, fields).await;
    assert_eq!((answer.status, answer.location()), (303, page), "{fields:?}");
    let shown = browser.open(page).await;
    assert_eq!(shown.status, 422, "{fields:?}");
    assert!(shown.field(field).contains("aria-invalid=\"true\""), "{fields:?}: {}", shown.field(field));
    assert!(shown.main().contains(sentence), "{fields:?}: {}", shown.main());
    for (name, value) in fields.iter().filter(|(name, value)| name.contains("password") && !value.is_empty()) {
        assert!(!shown.body.contains(&format!("value=\"{value}\"")), "{name} is on the page");
    }
}

/// Asserts that the form of `page` is accepted and that the account page says `sentence`. Returns the account page.
async fn assert_saved(browser: &Browser, page: &str, fields: &[(&str, &str)], sentence: &str) -> Answer {
    let answer = save(browser, page, fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", browser.open(page).await.main());
    let shown = browser.open("/account").await;
    assert_eq!(shown.status, 200);
    assert_takes_focus(&shown, sentence);
    shown
}

async fn sign_in(app: &App, email: &str, password: &str) -> (Browser, u16) {
    let browser = app.browser();
    let status = browser.call("/actions/sign_in", &[("email", email), ("password", password)]).await.status;
    (browser, status)
}

/// A user who signed in by a code from an email, and has no password.
async fn browser_without_password(app: &App) -> Browser {
    let browser = app.browser();
    let fields = [("proof", "email_code"), ("address", EMAIL), ("page", "/login/code")];
    assert_eq!(browser.post_form("/actions/ask_for_proof", &fields).await.location(), "/login/code/enter");
    let code = app.message_to(EMAIL).await.code();
    let fields = [("proof", "email_code"), ("code", code.as_str())];
    assert_eq!(browser.post_form("/actions/enter_code", &fields).await.location(), "/account");
    browser
}

#[tokio::test]
async fn account_page_links_to_each_change() {
    let app = App::start().await;
    let page = app.browser_of("Ann").await.open("/account").await;
    for path in ["/account/name", "/account/email", "/account/phone", "/account/password"] {
        assert!(page.main().contains(&format!("href=\"{path}\"")), "{path}: {}", page.main());
    }
    assert!(page.main().contains("Not confirmed"), "{}", page.main());
    assert!(page.main().contains("class=\"avatar\">A<"), "the initials: {}", page.main());
}

#[tokio::test]
async fn new_name_is_shown_everywhere() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let long = "x".repeat(129);
    assert_refused(&ann, "/account/name", &[("name", " ")], "name", "Name is required.").await;
    assert_refused(&ann, "/account/name", &[("name", &long)], "name", "Use at most 128 characters.").await;
    let page = assert_saved(&ann, "/account/name", &[("name", " Ann Lee ")], "Name changed to Ann Lee.").await;
    assert_eq!(page.body.matches("Ann Lee<").count(), 2, "in the header and on the page: {}", page.body);
    assert!(ann.open("/account/name").await.field("name").contains("value=\"Ann Lee\""));
}

#[tokio::test]
async fn new_email_needs_the_password_and_a_confirmation() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    ann.post_form("/actions/send_verification", &[("page", "/account")]).await;
    let (page, new) = ("/account/email", "ann.lee@example.com");
    assert_refused(&ann, page, &[("email", "ann"), ("password", OLD)], "email", "Enter an email address").await;
    assert_refused(&ann, page, &[("email", new), ("password", "")], "password", "Password is required.").await;
    for wrong in ["wrong-password", "short", &"x".repeat(300)] {
        let sentence = "not your password. Try again.";
        assert_refused(&ann, page, &[("email", new), ("password", wrong)], "password", sentence).await;
    }
    assert!(ann.open(page).await.main().contains(EMAIL));
    let saved =
        assert_saved(&ann, page, &[("email", new), ("password", OLD)], "Email changed to ann.lee@example.com.").await;
    assert!(saved.main().contains(new) && saved.main().contains("Not confirmed"), "{}", saved.main());
    assert!(saved.body.contains("to secure your account."), "the banner that offers the mail");
    ann.post_form("/actions/send_verification", &[("page", "/account")]).await;
    assert!(app.message_to(new).await.path().starts_with("/account/confirm?"));
    assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 401);
    assert_eq!(sign_in(&app, new, OLD).await.1, 200);
}

#[tokio::test]
async fn later_save_of_two_tabs_wins_and_names_the_value() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for (page, field, values) in [
        ("/account/name", "name", ["Ann Lee", "Annie"]),
        ("/account/email", "email", ["ann.lee@example.com", "annie@example.com"]),
        ("/account/phone", "phone", ["+442079460018", "+12025550123"]),
    ] {
        // Both tabs were opened before the first one was saved.
        for value in values {
            let sentence = format!("changed to {value}.");
            let fields = [(field, value), ("password", OLD)];
            let shown = assert_saved(&ann, page, &fields, &sentence).await;
            assert!(shown.main().matches(value).count() > 1, "{}", shown.main());
        }
    }
    for theme in ["dark", "light"] {
        ann.post_form("/actions/set_theme", &[("theme", theme), ("page", "/account")]).await;
        let shown = ann.open("/account").await;
        assert!(shown.body.contains(&format!("Theme changed to {theme}.")), "{}", shown.body);
    }
}

#[tokio::test]
async fn taken_and_unchanged_email_are_distinguished() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    app.browser_of("Bob").await;
    let fields = |email| [("email", email), ("password", OLD)];
    let taken = "Another account already uses this.";
    assert_refused(&ann, "/account/email", &fields("bob@example.com"), "email", taken).await;
    assert!(ann.open("/account/email").await.status == 200);
    let unchanged = "Your account already uses this.";
    assert_refused(&ann, "/account/email", &fields("Ann@Example.com"), "email", unchanged).await;
    let wrong = [("email", "bob@example.com"), ("password", "wrong-password")];
    assert_refused(&ann, "/account/email", &wrong, "password", "not your password").await;
}

#[tokio::test]
async fn phone_number_is_changed_by_password() {
    let app = App::start().await;
    let (ann, bob) = (app.browser_of("Ann").await, app.browser_of("Bob").await);
    let page = "/account/phone";
    assert_refused(&ann, page, &[("phone", "020 7946"), ("password", OLD)], "phone", "country code").await;
    assert_refused(&ann, page, &[("phone", ""), ("password", OLD)], "phone", "required").await;
    let fields = [("phone", "+44 20 7946-0018"), ("password", OLD)];
    assert_refused(&ann, page, &[fields[0], ("password", "wrong-password")], "password", "not your password").await;
    let saved = assert_saved(&ann, page, &fields, "Phone number changed to ").await;
    assert!(saved.main().contains("+442079460018"), "{}", saved.main());
    assert_refused(&ann, page, &fields, "phone", "Your account already uses this.").await;
    assert_refused(&bob, page, &fields, "phone", "Another account already uses this.").await;
}

#[tokio::test]
async fn account_without_password_sets_one_before_its_email_changes() {
    let app = App::start().await;
    let ann = browser_without_password(&app).await;
    let page = ann.open("/account/email").await;
    assert!(page.main().contains("Your account has no password."), "{}", page.main());
    assert!(page.main().contains("href=\"/account/password\"") && !page.main().contains("<form"), "{}", page.main());
    let id = id_of(&ann).await;
    let fields = [("email", "ann.lee@example.com"), ("password", NEW), ("account", &id)];
    let answer = ann.call("/actions/change_email", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "\"NoPassword\""));
    assert_eq!(sign_in(&app, EMAIL, NEW).await.1, 401, "the refused form set no password");

    let page = ann.open("/account/password").await;
    assert!(page.main().contains("has no password yet.") && !page.main().contains("old_password"), "{}", page.main());
    let set = [("password", NEW), ("others", "yes")];
    assert_saved(&ann, "/account/password", &set, "Password set.").await;
    assert_eq!(sign_in(&app, EMAIL, NEW).await.1, 200);
    let fields = [("email", "ann.lee@example.com"), ("password", NEW)];
    assert_saved(&ann, "/account/email", &fields, "Email changed to ann.lee@example.com.").await;
}

#[tokio::test]
async fn removed_password_is_set_again_by_a_reset_link() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    app.confirm_email_of(&ann).await;
    let id = id_of(&ann).await;
    app.ask_backend(Method::PATCH, &format!("/users/{id}/password"), None, json!({ "password": "" })).await;
    let account = ann.open("/account").await;
    assert_eq!(account.main().matches("Not set").count(), 2, "number and password: {}", account.main());
    for page in ["/account/email", "/account/phone"] {
        let page = ann.open(page).await;
        assert!(page.main().contains("Your account has no password."), "{}", page.main());
    }
    assert!(!ann.open("/account/verify").await.main().contains("name=\"password\""));
    let page = ann.open("/account/password").await;
    assert!(page.main().contains("Your password was removed."), "{}", page.main());
    assert_eq!(page.field("email").matches(EMAIL).count(), 1, "{}", page.main());
    let asked = ann.post_form("/actions/ask_recovery", &[("email", EMAIL)]).await;
    assert_eq!(asked.location(), "/recovery/sent");
    assert!(app.message_to(EMAIL).await.path().starts_with("/recovery/open?"));
}

#[tokio::test]
async fn password_without_an_email_is_not_a_recent_sign_in() {
    let app = App::start().await;
    let (ann, number) = (app.browser(), "+442079460018");
    ann.post_form("/actions/ask_for_proof", &[("proof", "phone_code"), ("address", number)]).await;
    let code = app.message_to(number).await.code();
    ann.post_form("/actions/enter_code", &[("proof", "phone_code"), ("code", &code)]).await;
    assert_saved(&ann, "/account/password", &[("password", NEW)], "Password set.").await;
    let page = ann.open("/account/verify").await;
    assert!(page.main().contains("Use two-step verification"), "{}", page.main());
    assert!(!page.main().contains("name=\"password\""), "{}", page.main());
}

#[tokio::test]
async fn without_users_read_the_current_password_is_requested() {
    let narrow = |settings: &mut local_appwrite::Settings| {
        settings.api_keys = vec!["narrow=sessions.write".parse().expect("a key")];
    };
    let app = App::start_in_front_of_local(&[], narrow).await;
    let page = app.browser_of("Ann").await.open("/account/password").await;
    assert!(page.main().contains("old_password"), "{}", page.main());
}

#[tokio::test]
async fn set_password_form_cannot_replace_a_password() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let fields = [("password", NEW)];
    assert_refused(&ann, "/account/password", &fields, "old_password", "Current password is required.").await;
    assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 200);
}

#[tokio::test]
async fn guest_is_told_to_save_the_account_first() {
    let app = App::start().await;
    let guest = app.browser();
    guest.post_form("/actions/continue_as_guest", &[]).await;
    for path in ["/account/email", "/account/phone", "/account/password"] {
        let page = guest.open(path).await;
        assert!(page.main().contains("href=\"/account#keep\""), "{path}: {}", page.main());
        assert!(!page.main().contains("<form"), "{path}: {}", page.main());
    }
    let id = id_of(&guest).await;
    let answer = guest.call("/actions/change_password", &[("password", NEW), ("account", &id)]).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "\"Forbidden\""));
    assert_saved(&guest, "/account/name", &[("name", "Gus")], "Name changed to Gus.").await;
}

#[tokio::test]
async fn wrong_old_password_changes_nothing() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for wrong in ["wrong-password", "short"] {
        let fields = [("old_password", wrong), ("password", NEW), ("others", "yes")];
        assert_refused(&ann, "/account/password", &fields, "old_password", "not your password. Try again.").await;
    }
    let same = [("old_password", OLD), ("password", OLD)];
    assert_refused(&ann, "/account/password", &same, "password", "used this password before").await;
    assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 200);
}

#[tokio::test]
async fn password_change_ends_the_other_sessions_only() {
    for profile in [Profile::OneFive, Profile::Two] {
        let app = App::start_with_profile(profile, &[]).await;
        let ann = app.browser_of("Ann").await;
        let others = [sign_in(&app, EMAIL, OLD).await.0, sign_in(&app, EMAIL, OLD).await.0];
        assert!(ann.open("/account/password").await.field("others").contains("checked"));
        let session = ann.cookie("session");
        let fields = [("old_password", OLD), ("password", NEW), ("others", "yes")];
        assert_saved(&ann, "/account/password", &fields, "Password changed.").await;
        assert_eq!(ann.cookie("session"), session, "{profile:?}");
        for other in others {
            assert_eq!(other.open("/account").await.status, 303, "{profile:?}");
        }
        assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 401, "{profile:?}");
        assert_eq!(sign_in(&app, EMAIL, NEW).await.1, 200, "{profile:?}");
    }
}

#[tokio::test]
async fn other_sessions_stay_if_the_user_wants_it() {
    // From 1.8 on, Appwrite ends the other sessions itself.
    let app = App::start_with_profile(Profile::OneFive, &[]).await;
    let ann = app.browser_of("Ann").await;
    let (other, _) = sign_in(&app, EMAIL, OLD).await;
    assert_saved(&ann, "/account/password", &[("old_password", OLD), ("password", NEW)], "Password changed.").await;
    assert_eq!(other.open("/account").await.status, 200);
}

#[tokio::test]
async fn wrong_passwords_on_the_account_pages_are_limited_together() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let id = id_of(&ann).await;
    for guess in 0..10 {
        let (action, field) = if guess % 2 == 0 {
            ("change_email", ("email", "a@example.com"))
        } else {
            ("change_phone", ("phone", "+12025550123"))
        };
        let fields = [field, ("password", "wrong-password"), ("account", &id)];
        assert_eq!(ann.call(&format!("/actions/{action}"), &fields).await.status, 422, "{guess}");
    }
    let fields = [("old_password", OLD), ("password", NEW), ("account", &id)];
    let answer = ann.call("/actions/change_password", &fields).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 200, "sign-in has its own counter");
}

#[tokio::test]
async fn page_of_a_former_user_cannot_change_the_next() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let id = id_of(&ann).await;
    assert!(ann.open("/account/name").await.field("account").contains(&id));
    let bob = app.browser_of("Bob").await;
    for (action, fields) in [
        ("name", &[("name", "Ann Lee")][..]),
        ("email", &[("email", "ann.lee@example.com"), ("password", OLD)]),
        ("phone", &[("phone", "+12025550123"), ("password", OLD)]),
        ("password", &[("old_password", OLD), ("password", NEW)]),
    ] {
        for account in [id.as_str(), ""] {
            let fields = [fields, &[("account", account)]].concat();
            let answer = bob.call(&format!("/actions/change_{action}"), &fields).await;
            assert_eq!((answer.status, answer.body.as_str()), (409, "\"OtherAccount\""), "{action}");
        }
    }
    let fields = [("name", "Ann Lee"), ("account", &id), ("page", "/account/name")];
    assert_eq!(bob.post_form("/actions/change_name", &fields).await.location(), "/account/name");
    let page = bob.open("/account/name").await;
    assert!(page.main().contains("You're signed in with a different account now."), "{}", page.main());
    assert!(page.field("name").contains("value=\"Bob\"") && page.field("account").contains(&id_of(&bob).await));
}

#[tokio::test]
async fn ended_session_leads_to_sign_in_and_back() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let id = id_of(&ann).await;
    app.ask_backend(Method::DELETE, &format!("/users/{id}/sessions"), None, json!({})).await;
    for page in ["/account/name", "/account/email", "/account/phone", "/account/password"] {
        let action = page.replace("/account/", "/actions/change_");
        let browser = app.browser();
        browser.plant("session", &ann.cookie("session").unwrap_or_default());
        let fields = [("name", "Ann Lee"), ("account", &id), ("page", page), ("password", NEW)];
        let answer = browser.post_form(&action, &fields).await;
        let expected = format!("/login?next={}", page.replace('/', "%2F"));
        assert_eq!((answer.status, answer.location()), (303, expected.as_str()));
        assert!(browser.cookie("session").is_none());
        assert!(browser.open(answer.location()).await.main().contains("You are signed out."));
    }
}

#[tokio::test]
async fn forced_password_change_succeeds_by_recovery() {
    let clock = Clock::manual(Timestamp::now());
    let rotation = Some(Duration::from_secs(24 * 3600));
    let app = App::start_at(clock.clone(), &[], |settings| settings.policies.rotation = rotation).await;
    app.browser_of("Ann").await;
    clock.advance(Duration::from_secs(48 * 3600));
    let browser = app.browser();
    browser.post_form("/actions/sign_in", &[("email", EMAIL), ("password", OLD), ("page", "/login")]).await;
    assert!(browser.open("/login").await.main().contains("href=\"/recovery\""));
    browser.post_form("/actions/ask_recovery", &[("email", EMAIL), ("page", "/recovery")]).await;
    let link = app.message_to(EMAIL).await.path();
    let parts: Vec<(String, String)> = url::form_urlencoded::parse(link.split_once('?').expect("a query").1.as_bytes())
        .into_owned()
        .map(|(name, value)| (name.replace("userId", "user_id"), value))
        .collect();
    let mut fields: Vec<_> = parts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("password", NEW));
    assert_eq!(browser.post_form("/actions/set_new_password", &fields).await.location(), "/login");
    assert_eq!(sign_in(&app, EMAIL, NEW).await.1, 200);
}

const COMPOSED: &str = "caf\u{e9}-horse-1";
const DECOMPOSED: &str = "cafe\u{301}-horse-1";

#[tokio::test]
async fn composed_and_decomposed_passwords_are_the_same() {
    let app = App::start().await;
    let browser = app.browser();
    let fields = [("name", "Ann"), ("email", EMAIL), ("password", DECOMPOSED)];
    assert_eq!(browser.call("/actions/sign_up", &fields).await.status, 200);
    for password in [COMPOSED, DECOMPOSED] {
        assert_eq!(sign_in(&app, EMAIL, password).await.1, 200);
    }
    let fields = [("old_password", DECOMPOSED), ("password", "na\u{69}\u{308}ve-horse-2")];
    assert_saved(&browser, "/account/password", &fields, "Password changed.").await;
    assert_eq!(sign_in(&app, EMAIL, "na\u{ef}ve-horse-2").await.1, 200);
}

#[tokio::test]
async fn older_account_with_decomposed_password_signs_in_and_changes_it() {
    let app = App::start().await;
    let account = json!({ "userId": "unique()", "email": EMAIL, "password": DECOMPOSED, "name": "Ann" });
    app.ask_backend(Method::POST, "/account", None, account).await;
    let (browser, status) = sign_in(&app, EMAIL, DECOMPOSED).await;
    assert_eq!(status, 200);
    let fields = [("email", "ann.lee@example.com"), ("password", DECOMPOSED)];
    assert_saved(&browser, "/account/email", &fields, "Email changed to ann.lee@example.com.").await;
    let fields = [("old_password", DECOMPOSED), ("password", COMPOSED)];
    assert_refused(&browser, "/account/password", &fields, "password", "used this password before").await;
    let fields = [("old_password", DECOMPOSED), ("password", NEW)];
    assert_saved(&browser, "/account/password", &fields, "Password changed.").await;
    assert_eq!(sign_in(&app, "ann.lee@example.com", NEW).await.1, 200);
}

#[tokio::test]
async fn password_tried_in_two_forms_counts_once() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    for guess in 0..10 {
        assert_eq!(sign_in(&app, EMAIL, &format!("{DECOMPOSED}{guess}")).await.1, 401, "{guess}");
    }
    assert_eq!(sign_in(&app, EMAIL, OLD).await.1, 429);
}

#[tokio::test]
async fn password_managers_find_the_password_page() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let answer = ann.open("/.well-known/change-password").await;
    assert_eq!((answer.status, answer.location()), (303, "/account/password"));
    let page = ann.open("/account/password").await;
    assert!(page.field("username").contains("autocomplete=\"username\"") && page.field("username").contains(EMAIL));
    assert!(page.field("old_password").contains("autocomplete=\"current-password\""));
    assert!(page.field("password").contains("autocomplete=\"new-password\""));
    assert!(!page.body.contains("class=\"button button-quiet reveal\""), "no button that needs JavaScript");
}
