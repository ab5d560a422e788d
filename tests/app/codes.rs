//! Sign-in by a code, sent by email or text message.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use local_appwrite::{AuthMethod, Clock};

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::magic_link::{phrase_on, without_chance};
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

/// A sign-in method with codes, and its pages.
#[derive(Clone, Copy, Debug)]
struct CodeMethod {
    proof: &'static str,
    ask_page: &'static str,
    enter_page: &'static str,
    address: &'static str,
    other_address: &'static str,
}

const MAIL: CodeMethod = CodeMethod {
    proof: "email_code",
    ask_page: "/login/code",
    enter_page: "/login/code/enter",
    address: "ann@example.com",
    other_address: "bob@example.com",
};

const PHONE: CodeMethod = CodeMethod {
    proof: "phone_code",
    ask_page: "/login/phone",
    enter_page: "/login/phone/enter",
    address: "+442079460018",
    other_address: "+12025550123",
};

const BOTH: [CodeMethod; 2] = [MAIL, PHONE];

impl CodeMethod {
    async fn ask(self, browser: &Browser, address: &str, next: &str) -> Answer {
        let fields = [("proof", self.proof), ("address", address), ("next", next), ("page", self.ask_page)];
        browser.post_form("/actions/ask_for_proof", &fields).await
    }

    /// Requests a code and reads it from the message.
    async fn code(self, app: &App, browser: &Browser, address: &str, next: &str) -> String {
        let answer = self.ask(browser, address, next).await;
        assert_eq!((answer.status, answer.location()), (303, self.enter_page), "{self:?}: {}", answer.body);
        app.message_to(address).await.code()
    }

    async fn enter(self, browser: &Browser, code: &str) -> Answer {
        let fields = [("proof", self.proof), ("code", code), ("page", self.enter_page)];
        browser.post_form("/actions/enter_code", &fields).await
    }

    async fn call_enter(self, browser: &Browser, code: &str) -> Answer {
        browser.call("/actions/enter_code", &[("proof", self.proof), ("code", code)]).await
    }
}

/// Returns a wrong code of the same format.
fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

const WRONG_CODE: &str = "{\"Invalid\":[{\"field\":\"code\",\"problem\":\"WrongCode\"}]}";

#[tokio::test]
async fn code_field_has_the_focus() {
    let app = App::start().await;
    for method in BOTH {
        let browser = app.browser();
        method.ask(&browser, method.address, "").await;
        let page = browser.open(method.enter_page).await;
        assert!(page.field("code").contains("autofocus"), "{}", page.field("code"));
    }
}

#[tokio::test]
async fn code_with_or_without_spaces_signs_in_and_redirects() {
    let app = App::start().await;
    for method in BOTH {
        for (number, write) in [|code: &str| code.to_owned(), |code: &str| format!(" {} {}\n", &code[..3], &code[3..])]
            .into_iter()
            .enumerate()
        {
            let browser = app.browser();
            let code = method.code(&app, &browser, method.address, "/birthdays").await;
            let page = browser.open(method.enter_page).await;
            assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
            assert!(page.main().contains(method.address), "{}", page.main());
            assert!(!page.main().contains("aria-current"), "no link there leads to the page itself: {}", page.main());
            let field = page.field("code");
            assert!(
                field.contains("autocomplete=\"one-time-code\"") && field.contains("inputmode=\"numeric\""),
                "{field}"
            );
            assert!(!field.contains("maxlength"), "spaces must have room: {field}");
            let answer = method.enter(&browser, &write(&code)).await;
            assert_eq!((answer.status, answer.location()), (303, "/birthdays"), "{method:?} {number}");
            let account = browser.open("/account").await;
            assert!(account.status == 200 && account.main().contains(method.address), "{}", account.main());
            assert_eq!(browser.cookie("pending"), None);
        }
    }
}

#[tokio::test]
async fn page_shows_the_phrase_of_the_email() {
    let app = App::start().await;
    let browser = app.browser();
    MAIL.code(&app, &browser, MAIL.address, "").await;
    let page = browser.open(MAIL.enter_page).await;
    let mail = app.message_to(MAIL.address).await;
    assert!(mail.text.contains(phrase_on(&page).expect("words to compare")), "{}", mail.text);
    PHONE.code(&app, &browser, PHONE.address, "").await;
    assert_eq!(phrase_on(&browser.open(PHONE.enter_page).await), None, "messages to phones have none");
}

#[tokio::test]
async fn page_shows_lifetime_of_code_or_link() {
    let app = App::start().await;
    let browser = app.browser();
    for method in BOTH {
        assert_eq!(method.ask(&browser, method.address, "").await.location(), method.enter_page);
        assert!(browser.open(method.enter_page).await.main().contains("15 minutes"), "{method:?}");
    }
    let fields = [("proof", "magic_link"), ("address", MAIL.address), ("page", "/login/link")];
    assert_eq!(browser.post_form("/actions/ask_for_proof", &fields).await.location(), "/login/link/sent");
    for page in ["/login/link/sent", "/recovery/sent", "/login/link/open", "/recovery/open", "/account/confirm"] {
        assert!(browser.open(page).await.main().contains("hour"), "{page}");
    }
}

#[tokio::test]
async fn code_signs_in_to_the_account_with_a_password() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    let code = MAIL.code(&app, &browser, "ann@example.com", "").await;
    assert_eq!(MAIL.enter(&browser, &code).await.location(), "/account");
    let user = browser.call("/actions/current_person", &[]).await.json();
    assert_eq!((&user["name"], &user["email"]), (&"Ann".into(), &"ann@example.com".into()));
}

#[tokio::test]
async fn sign_in_by_code_ends_the_previous_session() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let former = app.browser();
    former.plant("session", &browser.cookie("session").expect("a session"));
    let code = PHONE.code(&app, &browser, PHONE.address, "").await;
    assert_eq!(PHONE.enter(&browser, &code).await.location(), "/account");
    assert_ne!(browser.cookie("session"), former.cookie("session"));
    assert_eq!(former.open("/account").await.status, 303);
}

#[tokio::test]
async fn correct_code_works_after_a_wrong_one() {
    let app = App::start().await;
    for method in BOTH {
        let browser = app.browser();
        let code = method.code(&app, &browser, method.address, "/birthdays").await;
        let answer = method.enter(&browser, &wrong(&code)).await;
        assert_eq!((answer.status, answer.location()), (303, method.enter_page));
        let page = browser.open(method.enter_page).await;
        assert_eq!(page.status, 422);
        assert!(page.main().contains("That code is wrong or expired."), "{}", page.main());
        assert!(page.field("code").contains("aria-invalid=\"true\""), "{}", page.field("code"));
        assert!(page.main().contains(method.address), "the address is still there: {}", page.main());
        assert!(!page.body.contains(&wrong(&code)), "what was typed may be somebody's code");
        let answer = method.call_enter(&browser, &wrong(&code)).await;
        assert_eq!((answer.status, answer.body.as_str()), (422, WRONG_CODE));
        assert_eq!(method.enter(&browser, &code).await.location(), "/birthdays");
    }
}

#[tokio::test]
async fn malformed_code_does_not_count_as_an_attempt() {
    let app = App::start().await;
    let browser = app.browser();
    let code = MAIL.code(&app, &browser, MAIL.address, "").await;
    for typed in ["12345", "1234567", "abcdef", "12345a", "１２３４５６", "<script>"] {
        for _ in 0..3 {
            let answer = MAIL.call_enter(&browser, typed).await;
            assert_eq!((answer.status, answer.body.as_str()), (422, WRONG_CODE), "{typed}");
        }
    }
    assert!(MAIL.call_enter(&browser, " ").await.body.contains("Missing"));
    assert_eq!(MAIL.enter(&browser, &code).await.location(), "/account");
}

#[tokio::test]
async fn five_wrong_codes_are_rate_limited_despite_new_codes() {
    let app = App::start().await;
    for method in BOTH {
        let browser = app.browser();
        let code = method.code(&app, &browser, method.address, "").await;
        for _ in 0..5 {
            assert_eq!(method.call_enter(&browser, &wrong(&code)).await.status, 422);
        }
        let refused = method.call_enter(&browser, &code).await;
        assert_eq!(refused.status, 429, "{method:?}");
        assert!((1..=181).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
        let elsewhere = app.browser();
        let code = method.code(&app, &elsewhere, method.address, "").await;
        method.enter(&elsewhere, &code).await;
        let page = elsewhere.open(method.enter_page).await;
        assert_eq!(page.status, 429);
        assert!(page.main().contains("Too many attempts. Try again in"), "{}", page.main());
        let code = method.code(&app, &elsewhere, method.other_address, "").await;
        assert_eq!(method.enter(&elsewhere, &code).await.location(), "/account", "others need not wait");
    }
}

#[tokio::test]
async fn parallel_guesses_are_all_counted() {
    let app = App::start().await;
    let browser = app.browser();
    let code = MAIL.code(&app, &browser, MAIL.address, "").await;
    let guess = wrong(&code);
    let guesses = futures_util::future::join_all((0..40).map(|_| MAIL.call_enter(&browser, &guess))).await;
    let judged = guesses.iter().filter(|answer| answer.status == 422).count();
    assert_eq!((judged, guesses.iter().filter(|answer| answer.status == 429).count()), (5, 35));
}

#[tokio::test]
async fn code_works_once_and_for_15_minutes() {
    let clock = Clock::manual(jiff::Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| ()).await;
    for method in BOTH {
        let browser = app.browser();
        let code = method.code(&app, &browser, method.address, "").await;
        let copy = app.browser();
        copy.plant("pending", &browser.cookie("pending").expect("a sign-in under method"));
        assert_eq!(method.enter(&browser, &code).await.location(), "/account");
        assert_eq!(method.call_enter(&copy, &code).await.body, WRONG_CODE, "{method:?} twice");

        let late = app.browser();
        let code = method.code(&app, &late, method.other_address, "").await;
        clock.advance(Duration::from_secs(900));
        assert_eq!(method.call_enter(&late, &code).await.body, WRONG_CODE, "{method:?} late");
    }
}

#[tokio::test]
async fn code_works_only_in_the_browser_that_requested_it() {
    let app = App::start().await;
    let (ann, bob) = (app.browser(), app.browser());
    let code = MAIL.code(&app, &ann, "ann@example.com", "").await;
    MAIL.code(&app, &bob, "bob@example.com", "").await;
    assert_eq!(MAIL.call_enter(&bob, &code).await.body, WRONG_CODE);
    for stranger in [app.browser(), app.browser()] {
        stranger.plant("pending", "eyJpZCI6ImFubiJ9");
        let answer = MAIL.call_enter(&stranger, &code).await;
        assert_eq!((answer.status, answer.body.as_str()), (410, "\"StartAgain\""));
        MAIL.enter(&stranger, &code).await;
        let page = stranger.open(MAIL.enter_page).await;
        assert_eq!(page.status, 410);
        assert!(page.main().contains("Start again") && page.main().contains("href=\"/login/code\""), "{}", page.main());
    }
    // Ann's browser waits for an email, so the page for codes by text message has no pending sign-in.
    assert_eq!(ann.open(PHONE.enter_page).await.status, 410);
    assert_eq!(PHONE.call_enter(&ann, &code).await.status, 410);
    assert_eq!(MAIL.enter(&ann, &code).await.location(), "/account");
}

#[tokio::test]
async fn phone_numbers_are_normalized_and_incomplete_ones_are_refused() {
    let app = App::start().await;
    let browser = app.browser();
    for typed in ["+44 (20) 7946-0018", "0044 20 7946 0018"] {
        assert_eq!(PHONE.ask(&browser, typed, "").await.location(), PHONE.enter_page, "{typed}");
        assert!(browser.open(PHONE.enter_page).await.main().contains("+442079460018"));
    }
    assert_eq!(app.messages_to("+442079460018").await.len(), 2);
    let page = browser.open(PHONE.ask_page).await;
    assert!(page.field("address").contains("value=\"+442079460018\""), "{}", page.field("address"));
    for typed in ["020 7946 0018", "+44", "call me"] {
        assert_eq!(PHONE.ask(&browser, typed, "").await.location(), PHONE.ask_page);
        let page = browser.open(PHONE.ask_page).await;
        assert_eq!(page.status, 422);
        assert!(page.main().contains("Enter a phone number with its country code"), "{typed}: {}", page.main());
        assert!(page.field("address").contains(&format!("value=\"{typed}\"")), "{}", page.field("address"));
    }
}

#[tokio::test]
async fn code_is_resent_on_request_until_rate_limited() {
    let app = App::start().await;
    let browser = app.browser();
    let first = PHONE.code(&app, &browser, PHONE.address, "/birthdays").await;
    let fields = [("proof", "phone_code"), ("page", PHONE.enter_page)];
    let answer = browser.post_form("/actions/send_again", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, PHONE.enter_page));
    let page = browser.open(PHONE.enter_page).await;
    assert!(page.main().contains("We sent another one.") && page.main().contains("UTC"), "{}", page.main());
    let second = app.message_to(PHONE.address).await.code();
    assert_eq!(app.messages_to(PHONE.address).await.len(), 2);
    browser.post_form("/actions/send_again", &fields).await;
    browser.post_form("/actions/send_again", &fields).await;
    let page = browser.open(PHONE.enter_page).await;
    assert_eq!(page.status, 429);
    assert!(page.main().contains("Too many attempts."), "{}", page.main());
    assert_eq!(app.messages_to(PHONE.address).await.len(), 3, "each message costs money");
    let answer = PHONE.enter(&browser, if first == second { &first } else { &second }).await;
    assert_eq!(answer.location(), "/birthdays", "where one wanted to go is still known");
}

#[tokio::test]
async fn disabled_method_is_no_longer_offered_and_page_lists_others() {
    let off = [
        (MAIL, "Sign-in by email code is switched off", "/login/link"),
        (PHONE, "Sign-in by text message is switched off", "/login/code"),
    ];
    let app = App::start_in_front_of_local(&[], |settings| {
        settings.disabled_methods = vec![AuthMethod::EmailOtp];
        settings.disable_for_keys = true;
        settings.sms = false;
    })
    .await;
    let browser = app.browser();
    for (method, heading, other) in off {
        assert!(browser.open("/login").await.main().contains(method.ask_page), "offered until it is refused");
        let page = browser.open(method.ask_page).await;
        assert_eq!(page.status, 200);
        assert_eq!(method.ask(&browser, method.address, "").await.location(), method.ask_page);
        let page = browser.open(method.ask_page).await;
        assert_eq!(page.status, 501);
        assert!(page.main().contains(heading), "{}", page.main());
        assert!(page.main().contains("href=\"/login\""), "{}", page.main());
        assert!(page.main().contains(&format!("href=\"{other}\"")) == (method.proof == MAIL.proof), "{}", page.main());
        assert!(!browser.open("/login").await.main().contains(method.ask_page));
    }
    let page = browser.open(PHONE.ask_page).await;
    assert!(page.main().contains("href=\"/login/link\"") && !page.main().contains("/login/code"), "{}", page.main());
}

#[tokio::test]
async fn outage_keeps_address_and_pending_sign_in() {
    for method in BOTH {
        let mut app = App::start().await;
        let browser = app.browser();
        let code = method.code(&app, &browser, method.address, "").await;
        app.stop_backend().await;
        method.enter(&browser, &code).await;
        let page = browser.open(method.enter_page).await;
        assert_eq!(page.status, 503);
        assert!(page.main().contains("We're having trouble connecting."), "{}", page.main());
        assert!(page.main().contains(method.address), "{}", page.main());
        method.ask(&browser, method.other_address, "").await;
        let page = browser.open(method.ask_page).await;
        assert_eq!(page.status, 503);
        assert!(page.field("address").contains(method.other_address), "{}", page.field("address"));
    }
}

#[tokio::test]
async fn refusal_that_reveals_an_account_looks_like_a_sent_code() {
    for kind in ["user_blocked", "user_count_exceeded", "user_email_already_exists"] {
        let routes = Router::new()
            .route("/account/tokens/email", post(move || async move { refusal(409, kind) }))
            .route("/account/sessions/token", post(|| async { refusal(401, "user_invalid_token") }));
        let (refusing, sending) = (App::start_in_front_of(&appwrite_with(routes).await).await, App::start().await);
        let mut shown = Vec::new();
        for app in [refusing, sending] {
            let browser = app.browser();
            let start = Instant::now();
            let answer = MAIL.ask(&browser, MAIL.address, "").await;
            assert!(start.elapsed() >= Duration::from_millis(500), "the time of the answer tells {kind}");
            assert_eq!((answer.status, answer.location()), (303, MAIL.enter_page), "{kind}");
            let page = browser.open(MAIL.enter_page).await;
            let page = (page.status, without_chance(&page));
            let mut guesses = Vec::new();
            for _ in 0..3 {
                guesses.push(MAIL.call_enter(&browser, "not123").await.body);
                guesses.push(MAIL.call_enter(&browser, "000000").await.body);
            }
            MAIL.ask(&browser, MAIL.address, "").await;
            guesses.push(MAIL.call_enter(&browser, "000000").await.body);
            guesses.push(MAIL.call_enter(&browser, "000000").await.body);
            let last = MAIL.call_enter(&browser, "000000").await.status;
            shown.push((page, guesses, last));
        }
        assert_eq!(shown[0], shown[1], "{kind}");
        assert_eq!(shown[0].2, 429, "a new code brings no new guesses, with an account and without");
    }
}

#[tokio::test]
async fn code_and_user_id_are_in_no_page_or_log() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    let code = MAIL.code(&app, &browser, "ann@example.com", "").await;
    let page = browser.open(MAIL.enter_page).await;
    let entered = MAIL.enter(&browser, &code).await;
    let id = browser.call("/actions/current_person", &[]).await.json()["id"].as_str().expect("an id").to_owned();
    assert!(!page.body.contains(&id) && !page.main().contains(&code));
    assert!(!format!("{:?}{}", entered.headers, entered.body).contains(&format!("={code}")));
    let log = logs::so_far();
    assert!(log.contains("/actions/enter_code"), "the log was kept");
    for quoted in [format!("\"{code}\""), format!("={code}"), format!(" {code} ")] {
        assert!(!log.contains(&quoted), "the code is in the log");
    }
}
