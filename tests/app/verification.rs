//! Email verification.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::{Clock, Profile};

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::running::{App, STRICT_LIMITS};

const REMINDER: &str = "to secure your account.";
const SENT: &str = "We emailed a link to";
/// The path of the confirmation link.
const PAGE: &str = "/account/confirm";

async fn send(browser: &Browser, page: &str) -> Answer {
    browser.post_form("/actions/send_verification", &[("page", page)]).await
}

/// Requests a confirmation email for Ann and returns the link's path.
async fn link_of(app: &App, ann: &Browser) -> String {
    let answer = send(ann, "/account").await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
    ann.open("/account").await;
    app.message_to("ann@example.com").await.path()
}

fn fields_of(link: &str) -> Vec<(String, String)> {
    let query = link.split_once('?').expect("a query").1;
    let parts = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let named = parts.filter_map(|(name, value)| match name.as_str() {
        "userId" => Some(("user_id".to_owned(), value)),
        "secret" | "address" => Some((name, value)),
        _ => None,
    });
    named.chain([("page".to_owned(), PAGE.to_owned())]).collect()
}

async fn confirm(browser: &Browser, link: &str) -> Answer {
    let fields = fields_of(link);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post_form("/actions/confirm_email", &fields).await
}

async fn is_reminded(browser: &Browser) -> bool {
    let page = browser.open("/account").await;
    page.body.contains(REMINDER) || page.body.contains(SENT)
}

#[tokio::test]
async fn page_with_a_former_address_cannot_send_a_link() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let page = ann.open("/account").await;
    assert_eq!(page.field("to").matches("ann@example.com").count(), 1, "the form names the address: {}", page.body);
    let fields = [("to", "former@example.com")];
    let answer = ann.call("/actions/send_verification", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "\"OutOfDate\""));
    assert_eq!(ann.call("/actions/send_verification", &[("to", "ann@example.com")]).await.status, 200);
}

#[tokio::test]
async fn link_to_a_former_address_cannot_confirm_the_new() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    let id = ann.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let change = async |email: &str| {
        let fields = [("account", id.as_str()), ("email", email), ("password", "Correct-horse-1")];
        assert_eq!(ann.call("/actions/change_email", &fields).await.status, 200, "{email}");
    };
    change("victim@example.com").await;
    confirm(&ann, &link).await;
    assert!(is_reminded(&ann).await, "the link went to another address");
    change("ann@example.com").await;
    confirm(&ann, &link).await;
    assert!(!is_reminded(&ann).await, "the link went to this address");
}

#[tokio::test]
async fn only_unconfirmed_users_see_the_reminder_on_each_page() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for path in ["/", "/account", "/birthdays", "/recovery"] {
        let page = ann.open(path).await;
        assert!(page.body.contains(REMINDER) && page.body.contains("Send email"), "{path}: {}", page.body);
        assert!(!app.browser().open(path).await.body.contains(REMINDER), "{path}");
    }
}

#[tokio::test]
async fn dismissed_reminder_stays_hidden_for_the_visit() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let answer = ann.post_form("/actions/dismiss_reminder", &[("page", "/birthdays")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
    let cookie = answer.set_cookie("reminder_off").expect("a cookie");
    assert_eq!((cookie.max_age(), cookie.expires(), cookie.http_only()), (None, None, Some(true)));
    assert!(!is_reminded(&ann).await);
    send(&ann, "/account").await;
    assert!(ann.open("/account").await.body.contains("We emailed a link to"), "the answer to an own form is shown");
    let value = ann.cookie("reminder_off").expect("the cookie");
    let lou = app.browser_of("Lou").await;
    lou.plant("reminder_off", &value);
    assert!(is_reminded(&lou).await, "it is the choice of another user");
    ann.lose("reminder_off");
    assert!(is_reminded(&ann).await, "the next visit");
    assert_eq!(app.browser().call("/actions/dismiss_reminder", &[]).await.status, 401);
}

#[tokio::test]
async fn sent_reminder_stays_sent_and_can_be_dismissed() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let answer = send(&ann, "/account").await;
    let cookie = answer.set_cookie("verification_sent").expect("a cookie");
    assert!(cookie.http_only() == Some(true) && !cookie.value().contains('@'), "{cookie}");
    for path in ["/account", "/account", "/birthdays"] {
        let page = ann.open(path).await;
        assert!(page.body.contains(SENT) && !page.body.contains(REMINDER), "{path}: {}", page.body);
        assert!(page.body.contains("Send it again") && page.body.contains("Not now"), "{path}: {}", page.body);
    }
    let id = ann.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let change = [("account", id.as_str()), ("email", "anna@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(ann.call("/actions/change_email", &change).await.status, 200);
    ann.open("/account").await;
    assert!(ann.open("/account").await.body.contains(REMINDER), "nothing was sent to the new address");
    ann.post_form("/actions/dismiss_reminder", &[("page", "/account")]).await;
    assert!(!is_reminded(&ann).await);
}

#[tokio::test]
async fn link_confirms_the_email_only_by_its_button() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let answer = send(&ann, "/birthdays").await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
    let page = ann.open("/birthdays").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("We emailed a link to") && page.body.contains("Send it again"), "{}", page.body);
    let link = app.message_to("ann@example.com").await.path();
    assert!(link.starts_with("/account/confirm?address="), "{link}");
    let (_, secret) = fields_of(&link).into_iter().find(|(name, _)| name == "secret").expect("a secret");
    for _ in 0..2 {
        let page = ann.open(&link).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
        assert!(page.body.contains("Confirm email"), "{}", page.body);
        assert_eq!(page.body.matches(secret.as_str()).count(), 1, "in its field, and in no other form: {}", page.body);
    }
    assert!(is_reminded(&ann).await, "opening the link changes nothing");
    let answer = confirm(&ann, &link).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
    let page = ann.open("/account").await;
    assert!(page.body.contains("Your email address is confirmed."), "{}", page.body);
    assert!(!page.body.contains(REMINDER));
    assert!(!is_reminded(&ann).await);
}

#[tokio::test]
async fn email_is_confirmed_on_older_servers_too() {
    for profile in [Profile::OneNine, Profile::OneFive] {
        let app = App::start_with_profile(profile, &[]).await;
        let ann = app.browser_of("Ann").await;
        let link = link_of(&app, &ann).await;
        assert_eq!(confirm(&ann, &link).await.location(), "/account");
        assert!(!is_reminded(&ann).await, "{profile:?}");
    }
}

#[tokio::test]
async fn link_requires_its_account_to_be_signed_in() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    for (browser, control) in [(app.browser(), "href=\"/login\""), (app.browser_of("Bob").await, "Sign out")] {
        let page = browser.open(&link).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
        assert!(
            page.main().contains("Sign in to confirm your email") && page.main().contains(control),
            "{}",
            page.main()
        );
        assert!(!page.main().contains("Confirm email"), "{}", page.main());
        let fields = fields_of(&link);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = browser.call("/actions/confirm_email", &fields).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, "\"SignInToConfirm\""));
        assert_eq!(confirm(&browser, &link).await.location(), PAGE);
        let page = browser.open(PAGE).await;
        assert!(page.status == 401 && page.main().contains("Sign in to confirm your email"), "{}", page.main());
    }
    assert!(is_reminded(&ann).await);

    let phone = app.browser();
    phone.post_form("/actions/sign_in", &[("email", "ann@example.com"), ("password", "Correct-horse-1")]).await;
    assert_eq!(confirm(&phone, &link).await.location(), "/account", "the link is not used up");
    assert!(!is_reminded(&ann).await);
}

#[tokio::test]
async fn used_link_succeeds_for_its_user() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    for _ in 0..2 {
        assert_eq!(confirm(&ann, &link).await.location(), "/account");
        assert!(ann.open("/account").await.body.contains("Your email address is confirmed."));
    }
}

#[tokio::test]
async fn altered_and_incomplete_links_confirm_nothing() {
    let app = App::start().await;
    let (ann, bob) = (app.browser_of("Ann").await, app.browser_of("Bob").await);
    let link = link_of(&app, &ann).await;
    let bobs_id = bob.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let anns_id = ann.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    confirm(&bob, &link.replace(&anns_id, &bobs_id)).await;
    confirm(&ann, &link.replace("secret=", "secret=0")).await;
    let secret = "0".repeat(256);
    for (user_id, secret) in [(anns_id.as_str(), secret.as_str()), ("../users", &secret), (&anns_id, "")] {
        let answer = ann.call("/actions/confirm_email", &[("user_id", user_id), ("secret", secret)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, "\"LinkInvalid\""), "{user_id} {secret}");
    }
    assert!(is_reminded(&ann).await && is_reminded(&bob).await);
    for path in ["/account/confirm", "/account/confirm?userId=kay", "/account/confirm?userId=kay&secret=short"] {
        let page = app.browser().open(path).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.body.contains("This link does not work"), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn link_is_refused_after_an_hour() {
    let clock = Clock::manual(Timestamp::now());
    let app = App::start_at(clock.clone(), &[], |_| {}).await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    clock.advance(Duration::from_secs(3601));
    assert_eq!(confirm(&ann, &link).await.location(), PAGE);
    let page = ann.open(PAGE).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("You can request a new email"), "{}", page.body);
    assert_eq!(confirm(&ann, &link_of(&app, &ann).await).await.location(), "/account");
    assert!(!is_reminded(&ann).await);
}

#[tokio::test]
async fn open_page_learns_that_the_address_is_confirmed() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    confirm(&ann, &link).await;
    ann.open("/account").await;
    let answer = send(&ann, "/birthdays").await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
    let page = ann.open("/birthdays").await;
    assert!(page.body.contains("Your email address is confirmed.") && !page.body.contains(REMINDER), "{}", page.body);
    assert_eq!(app.messages_to("ann@example.com").await.len(), 1, "no second mail");
    assert_eq!(ann.call("/actions/email_is_confirmed", &[]).await.body, "true");
}

#[tokio::test]
async fn verification_mails_are_limited_per_mailbox() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for _ in 0..5 {
        assert_eq!(ann.call("/actions/send_verification", &[]).await.status, 200);
    }
    let refused = ann.call("/actions/send_verification", &[]).await;
    assert_eq!(refused.status, 429);
    assert!((1..=301).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
    send(&ann, "/birthdays").await;
    let page = ann.open("/birthdays").await;
    assert_eq!(page.status, 429);
    assert!(page.body.contains("Too many attempts. Try again in"), "{}", page.body);
    assert_eq!(app.messages_to("ann@example.com").await.len(), 5);
}

#[tokio::test]
async fn guessed_secrets_are_rate_limited_per_client_address() {
    let app = App::start_with(&STRICT_LIMITS).await;
    let browser = app.browser();
    let guess = async |id: u8| {
        // Uses another account each time, because Appwrite has its own limit per account.
        let (user_id, secret) = (format!("user{id}"), "0".repeat(256));
        browser.call("/actions/confirm_email", &[("user_id", &user_id), ("secret", &secret)]).await.status
    };
    let statuses = futures_util::future::join_all((0..30).map(guess)).await;
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    assert_eq!(guess(30).await, 429);
}

#[tokio::test]
async fn reminder_disappears_once_mail_is_unavailable() {
    let app = App::start_in_front_of_local(&[], |settings| settings.smtp = false).await;
    let ann = app.browser_of("Ann").await;
    send(&ann, "/account").await;
    let page = ann.open("/account").await;
    assert_eq!(page.status, 501);
    assert!(page.body.contains("This site can't send email right now"), "{}", page.body);
    let page = ann.open("/account").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains(REMINDER) && !page.body.contains("can't send email"), "{}", page.body);
}

#[tokio::test]
async fn verification_mail_requires_an_account_with_an_email() {
    let app = App::start().await;
    assert_eq!(app.browser().call("/actions/send_verification", &[]).await.status, 401);
    let guest = app.browser();
    guest.post_form("/actions/continue_as_guest", &[]).await;
    assert_eq!(guest.call("/actions/send_verification", &[]).await.status, 403);
}

#[tokio::test]
async fn outage_is_reported_and_link_stays_valid() {
    let mut app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    app.stop_backend().await;
    assert_eq!(ann.call("/actions/send_verification", &[]).await.status, 503);
    let fields = fields_of(&link);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(ann.call("/actions/confirm_email", &fields).await.status, 503);
    assert_eq!(confirm(&ann, &link).await.location(), PAGE);
    let page = ann.open(PAGE).await;
    assert!(page.body.contains("We're having trouble connecting."), "{}", page.body);
    assert!(page.body.contains("Confirm email"), "the form can be sent again");
}

#[tokio::test]
async fn log_holds_no_link() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let link = link_of(&app, &ann).await;
    ann.open(&link).await;
    confirm(&ann, &link).await;
    let (_, secret) = fields_of(&link).into_iter().find(|(name, _)| name == "secret").expect("a secret");
    let logs = logs::so_far();
    assert!(logs.contains("/actions/confirm_email"), "the log was kept");
    assert!(!logs.contains(&secret[..64]), "the link's secret is in the log");
}
