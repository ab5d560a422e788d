//! The confirmation of the phone number, by a code in a text message.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};
use reqwest::Method;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::running::App;

const NUMBER: &str = "+442079460018";
const PHONE: &str = "/account/phone";
const PAGE: &str = "/account/phone/confirm";

async fn id_of(browser: &Browser) -> String {
    browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned()
}

/// A user with an unconfirmed phone number.
async fn with_phone(app: &App, name: &str, number: &str) -> Browser {
    let browser = app.browser_of(name).await;
    let id = id_of(&browser).await;
    app.ask_backend(Method::PATCH, &format!("/users/{id}/phone"), None, json!({ "number": number })).await;
    browser
}

async fn send(browser: &Browser) -> Answer {
    let id = id_of(browser).await;
    browser.post_form("/actions/send_phone_code", &[("account", &id), ("page", PHONE)]).await
}

async fn confirm(browser: &Browser, code: &str) -> Answer {
    let id = id_of(browser).await;
    let fields = [("account", id.as_str()), ("code", code), ("page", PAGE), ("next", "/account")];
    browser.post_form("/actions/confirm_phone", &fields).await
}

/// The code of the last text message to `number`.
async fn code_to(app: &App, number: &str) -> String {
    app.message_to(number).await.code()
}

async fn assert_wrong(browser: &Browser, code: &str, sentence: &str) {
    assert_eq!(confirm(browser, code).await.location(), PAGE, "{code}");
    let page = browser.open(PAGE).await;
    assert!(page.status == 422 && page.main().contains(sentence), "{code}: {}", page.main());
    assert!(page.field("code").contains("aria-invalid=\"true\""), "{}", page.main());
}

async fn is_confirmed(browser: &Browser) -> bool {
    browser.open(PHONE).await.main().contains("It's confirmed.")
}

#[tokio::test]
async fn texted_code_confirms_the_phone_number() {
    for profile in [Profile::Two, Profile::OneNine, Profile::OneFive] {
        let app = App::start_with_profile(profile, &[]).await;
        let ann = with_phone(&app, "Ann", NUMBER).await;
        let page = ann.open(PHONE).await;
        assert!(
            page.main().contains("It isn't confirmed yet") && page.main().contains("Text me a code"),
            "{}",
            page.main()
        );
        let answer = send(&ann).await;
        assert_eq!((answer.status, answer.location()), (303, PAGE), "{profile:?}");
        let page = ann.open(PAGE).await;
        assert!(page.main().contains("We texted you a code.") && page.main().contains(NUMBER), "{}", page.main());
        assert!(page.field("code").contains("one-time-code"), "{}", page.field("code"));
        let code = code_to(&app, NUMBER).await;
        let answer = confirm(&ann, &format!("{} {}", &code[..3], &code[3..])).await;
        assert_eq!((answer.status, answer.location()), (303, "/account"), "{profile:?}: {}", answer.body);
        let page = ann.open("/account").await;
        assert!(page.main().contains("Your phone number is confirmed."), "{}", page.main());
        assert!(is_confirmed(&ann).await, "{profile:?}");
        assert!(ann.open(PAGE).await.main().contains("is confirmed."));
        assert_eq!(send(&ann).await.location(), PAGE, "a page from before");
        assert_eq!(app.messages_to(NUMBER).await.len(), 1, "no second message");
        assert_eq!(confirm(&ann, "").await.location(), "/account", "a page from before");
    }
}

#[tokio::test]
async fn wrong_used_and_expired_codes_are_refused() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    let ann = with_phone(&app, "Ann", NUMBER).await;
    send(&ann).await;
    let code = code_to(&app, NUMBER).await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    assert_wrong(&ann, "", "Code is required.").await;
    for wrong in [wrong, "12345", "abcdef"] {
        assert_wrong(&ann, wrong, "That code is wrong or expired.").await;
    }
    clock.advance(Duration::from_secs(901));
    assert_wrong(&ann, &code, "That code is wrong or expired.").await;
    assert!(!is_confirmed(&ann).await);
    send(&ann).await;
    confirm(&ann, &code_to(&app, NUMBER).await).await;
    assert!(is_confirmed(&ann).await);
}

#[tokio::test]
async fn code_of_another_user_is_refused() {
    let app = App::start().await;
    let (ann, bob) = (with_phone(&app, "Ann", NUMBER).await, with_phone(&app, "Bob", "+12025550123").await);
    send(&ann).await;
    send(&bob).await;
    let (anns, bobs) = (code_to(&app, NUMBER).await, code_to(&app, "+12025550123").await);
    if anns != bobs {
        assert_wrong(&bob, &anns, "That code is wrong or expired.").await;
    }
    let former = id_of(&ann).await;
    let fields = [("account", former.as_str()), ("code", bobs.as_str())];
    assert_eq!(bob.call("/actions/confirm_phone", &fields).await.status, 409, "the form of another user");
    assert_eq!(bob.call("/actions/send_phone_code", &fields[..1]).await.status, 409, "the form of another user");
    assert!(!is_confirmed(&ann).await && !is_confirmed(&bob).await);
    assert_eq!(app.browser().call("/actions/confirm_phone", &fields).await.status, 401);
    assert_eq!(app.browser().call("/actions/send_phone_code", &[]).await.status, 401);
}

#[tokio::test]
async fn messages_and_guesses_are_limited() {
    let app = App::start().await;
    let ann = with_phone(&app, "Ann", NUMBER).await;
    let id = id_of(&ann).await;
    for _ in 0..3 {
        assert_eq!(ann.call("/actions/send_phone_code", &[("account", &id)]).await.status, 200);
    }
    assert_eq!(ann.call("/actions/send_phone_code", &[("account", &id)]).await.status, 429);
    assert_eq!(app.messages_to(NUMBER).await.len(), 3);
    let code = code_to(&app, NUMBER).await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(ann.call("/actions/confirm_phone", &[("account", &id), ("code", wrong)]).await.status, 422);
    }
    assert_eq!(ann.call("/actions/confirm_phone", &[("account", &id), ("code", &code)]).await.status, 429);
}

#[tokio::test]
async fn server_without_text_messages_says_so_and_hides_the_button() {
    let app = App::start_in_front_of_local(&[], |settings| settings.sms = false).await;
    let ann = with_phone(&app, "Ann", NUMBER).await;
    assert_eq!(send(&ann).await.location(), PHONE);
    let page = ann.open(PHONE).await;
    assert!(page.status == 501 && page.main().contains("so you can't confirm it"), "{}", page.main());
    let page = ann.open(PHONE).await;
    assert!(page.status == 200 && !page.main().contains("Text me a code"), "{}", page.main());
}

#[tokio::test]
async fn account_without_a_number_is_asked_for_one() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    assert!(!ann.open(PHONE).await.main().contains("Text me a code"));
    assert!(ann.open(PAGE).await.main().contains("Your account has no phone number."));
    let id = id_of(&ann).await;
    assert_eq!(ann.call("/actions/send_phone_code", &[("account", &id)]).await.body, "\"OutOfDate\"");
}
