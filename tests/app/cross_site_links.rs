//! Navigation from another site's link, for which browsers send no `Strict` cookies.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE};
use serde_json::json;

use crate::browser::FetchMetadata::{Missing, Sent};
use crate::browser::{Answer, Browser};
use crate::running::App;

/// Every route that renders a page or redirects to one.
fn routes() -> Vec<String> {
    let secret = "a1".repeat(32);
    let by_mail = |path: &str| format!("{path}?userId=kay&secret={secret}");
    let plain = [
        "/",
        "/signup",
        "/login",
        "/login?next=%2Fbirthdays",
        "/login/link",
        "/login/link/sent",
        "/login/code",
        "/login/code/enter",
        "/login/phone",
        "/login/phone/enter",
        "/login/factor",
        "/recovery",
        "/recovery/sent",
        "/account",
        "/account?tab=1&x=%22%3E",
        "/birthdays",
        "/birthdays/6b013ef8ceed9d5e2056/edit",
        "/login/provider/return?userId=kay&secret=x&state=y",
        "/login/provider/refused?state=y&error=%7B%7D",
    ];
    let mails = ["/login/link/open", "/recovery/open", "/account/confirm"].map(by_mail);
    plain.into_iter().map(str::to_owned).chain(mails).collect()
}

fn reopened(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.opened().is_some()).count()
}

fn page(answers: &[Answer]) -> &Answer {
    answers.last().expect("an answer")
}

fn shows_somebody(answer: &Answer) -> bool {
    answer.body.contains("Signed in as ")
}

async fn guest(app: &App) -> Browser {
    let browser = app.browser();
    assert_eq!(browser.post_form("/actions/continue_as_guest", &[]).await.status, 303);
    browser
}

#[tokio::test]
async fn cross_site_link_reopens_every_page_once() {
    let app = App::start().await;
    for browser in [app.browser_of("Ann").await, guest(&app).await] {
        for path in routes() {
            for metadata in [Sent, Missing] {
                let answers = browser.open_from_other_site(&path, metadata).await;
                assert_eq!(reopened(&answers), 1, "{path} {metadata:?}");
                let first = &answers[0];
                assert_eq!(first.opened().as_deref(), Some(path.as_str()));
                assert_eq!(
                    (first.header("cache-control"), first.header("vary")),
                    ("no-store, no-transform", "Cookie"),
                    "{path}"
                );
                assert_eq!(first.header("referrer-policy"), "no-referrer", "{path}");
                assert!(first.body.contains(">Continue</a>"), "{}", first.body);
                assert!(shows_somebody(page(&answers)), "{path} {metadata:?}: {}", page(&answers).body);
                assert_eq!(page(&answers).header("cache-control"), "no-store, no-transform", "{path}");
            }
        }
    }
}

#[tokio::test]
async fn signed_out_visitors_are_never_bounced() {
    let app = App::start().await;
    for path in routes() {
        for metadata in [Sent, Missing] {
            let answers = app.browser().open_from_other_site(&path, metadata).await;
            assert_eq!(reopened(&answers), 0, "{path} {metadata:?}");
            assert!(!shows_somebody(page(&answers)), "{path}");
            assert!(answers.iter().all(|answer| answer.set_cookie("signed-in").is_none()), "{path}");
        }
    }
}

#[tokio::test]
async fn stale_marker_is_cleared_after_one_bounce() {
    let app = App::start().await;
    for path in routes() {
        for metadata in [Sent, Missing] {
            let browser = app.browser();
            browser.plant("signed-in", "1");
            let answers = browser.open_from_other_site(&path, metadata).await;
            assert_eq!(reopened(&answers), 1, "{path} {metadata:?}");
            assert!(!shows_somebody(page(&answers)), "{path}");
            for cookie in ["signed-in", "reopened", "reopenings"] {
                assert_eq!(browser.cookie(cookie), None, "{path} {metadata:?}: {cookie}");
            }
            assert_eq!(reopened(&browser.open_from_other_site(&path, metadata).await), 0, "{path} {metadata:?}");
        }
    }
}

#[tokio::test]
async fn stale_marker_is_cleared_on_direct_navigation() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("signed-in", "1");
    let first = browser.open("/").await;
    assert_eq!((first.opened().as_deref(), first.header("cache-control")), (Some("/"), "no-store, no-transform"));
    let again = browser.open("/").await;
    assert_eq!((again.opened(), again.header("cache-control")), (None, "no-store, no-transform"));
    assert_eq!(browser.open("/").await.header("cache-control"), "no-cache, no-transform");
}

#[tokio::test]
async fn browser_without_strict_cookies_is_not_reopened_in_a_loop() {
    let app = App::start().await;
    let browser = app.browser();
    browser.plant("signed-in", "1");
    let mut tries = 0;
    loop {
        browser.lose("reopened");
        let answer = browser.open("/account").await;
        if answer.opened().is_none() {
            assert_eq!(answer.location(), "/login?next=%2Faccount");
            break;
        }
        tries += 1;
        assert!(tries < 10);
    }
    assert_eq!(tries, 5);
}

#[tokio::test]
async fn client_that_stores_no_cookies_is_bounced_once() {
    let app = App::start().await;
    for path in ["/", "/account", "/login/provider/return?userId=kay&secret=x&state=y"] {
        let open = |site| {
            let browser = app.browser();
            let request = browser.request(Method::GET, path).header(COOKIE, "signed-in=1").header(ACCEPT, "text/html");
            async move { browser.send(request.header("sec-fetch-site", site)).await }
        };
        assert!(open("cross-site").await.opened().is_some(), "{path}");
        let second = open("same-origin").await;
        assert_eq!(second.opened(), None, "{path}");
        let marker = second.set_cookie("signed-in").expect("a marker that is cleared");
        assert_eq!((marker.value(), marker.expires_datetime().map(|at| at.unix_timestamp())), ("", Some(0)), "{path}");
    }
}

#[tokio::test]
async fn head_is_bounced_like_get() {
    let app = App::start().await;
    let browser = app.browser();
    let request = browser.request(Method::HEAD, "/account").header(COOKIE, "signed-in=1").header(ACCEPT, "text/html");
    let answer = browser.send(request).await;
    assert_eq!((answer.status, answer.set_cookie("reopened").is_some()), (200, true));
}

#[tokio::test]
async fn bounce_leads_to_own_paths_only() {
    let app = App::start().await;
    let address = app.origin.strip_prefix("http://").expect("an origin");
    for (target, opened) in [
        ("/account?a=';url=//evil&b='", Some("/account?a=%27;url=//evil&b=%27")),
        (
            "/birthdays/a\";url=evil/edit?b=&quot;c;url=//evil",
            Some("/birthdays/a%22;url=evil/edit?b=&quot;c;url=//evil"),
        ),
        ("/account?a=\"><script>", None),
        ("/account?next=https://evil", Some("/account?next=https://evil")),
        ("http://evil/account", None),
        ("//evil/account", None),
        ("/%2f%2fevil", None),
        ("/.//evil", None),
        ("/%5Cevil", None),
    ] {
        // Writes the request by hand, because HTTP clients normalize paths.
        let head =
            format!("GET {target} HTTP/1.1\r\nhost: {address}\r\ncookie: signed-in=1\r\nconnection: close\r\n\r\n");
        let answer = crate::wire::exchange(address, head.as_bytes()).await;
        let refresh = answer.split_once("content=\"0;url=").map(|(_, rest)| rest.split('"').next().unwrap_or_default());
        assert_eq!(refresh.map(|target| target.replace("&amp;", "&")).as_deref(), opened, "{target}: {answer}");
        assert!(!answer.contains("<script>&"), "{answer}");
    }
}

#[tokio::test]
async fn sign_in_sets_marker_and_session_end_clears_it() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    let is_marked = |browser: &Browser| browser.cookie("signed-in").is_some();
    assert!(is_marked(&ann) && is_marked(&guest(&app).await));

    ann.post_form("/actions/sign_out", &[]).await;
    assert!(!is_marked(&ann));
    let body = json!({ "email": "ann@example.com", "password": "Correct-horse-1" });
    let answer = ann.post_json("/api/login", &body).await;
    let (session, marker) = (answer.set_cookie("session").expect("a session"), answer.set_cookie("signed-in"));
    let marker = marker.expect("a marker");
    assert_eq!(marker.expires_datetime(), session.expires_datetime());
    assert_eq!((marker.value(), marker.http_only(), marker.path()), ("1", Some(true), Some("/")));
    assert_eq!(marker.same_site().map(|same_site| same_site.to_string()).as_deref(), Some("Lax"));
    ann.call("/actions/sign_out", &[]).await;
    assert!(!is_marked(&ann));

    for path in ["/account", "/", "/api/user"] {
        ann.plant("session", "garbage");
        ann.plant("signed-in", "1");
        ann.open(path).await;
        assert_eq!((ann.cookie("session"), is_marked(&ann)), (None, false), "{path}");
    }
    ann.plant("session", "garbage");
    ann.plant("signed-in", "1");
    ann.call("/actions/list_birthdays", &[]).await;
    assert!(!is_marked(&ann));
}

#[tokio::test]
async fn marker_is_bound_to_the_host_on_https() {
    let app = App::start_with(&[("APP_ORIGIN", "https://localhost")]).await;
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1")];
    let browser = app.browser();
    let answer = browser.call("/actions/sign_up", &fields).await;
    // The test's `Origin` differs from the app's; `Sec-Fetch-Site` takes precedence.
    let marker = answer.set_cookie("__Host-signed-in").expect("a marker");
    assert_eq!((marker.secure(), marker.path(), marker.domain()), (Some(true), Some("/"), None));
    assert_eq!(reopened(&browser.open_from_other_site("/account", Sent).await), 1);
}

#[tokio::test]
async fn existing_session_without_a_marker_gets_one() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    browser.lose("signed-in");
    assert_eq!(
        browser.open("/").await.set_cookie("signed-in").map(|marker| marker.value().to_owned()),
        Some("0".into()),
        "the server does not know how long the browser keeps the session"
    );
    assert!(browser.open("/").await.set_cookie("signed-in").is_none());
}

#[tokio::test]
async fn marker_outlives_an_outage() {
    let mut app = App::start().await;
    let browser = app.browser_of("Ann").await;
    app.stop_backend().await;
    let answers = browser.open_from_other_site("/account", Missing).await;
    assert_eq!((reopened(&answers), page(&answers).status), (1, 503));
    assert!(browser.cookie("signed-in").is_some() && browser.cookie("session").is_some());
}

#[tokio::test]
async fn ended_session_is_reported_after_a_cross_site_link() {
    let app = App::start_with_sessions_of(Duration::from_secs(3600), &[]).await;
    let browser = app.browser_of("Ann").await;
    let secret = browser.cookie("session").expect("a session");
    app.ask_backend(Method::DELETE, "/account/sessions/current", Some(&secret), json!({})).await;
    let answers = browser.open_from_other_site("/account", Sent).await;
    assert_eq!(reopened(&answers), 1);
    assert!(page(&answers).body.contains("You are signed out."), "{}", page(&answers).body);
    assert_eq!((browser.cookie("session"), browser.cookie("signed-in")), (None, None));
}

#[tokio::test]
async fn guest_who_opens_an_emailed_link_is_warned() {
    let app = App::start().await;
    let browser = guest(&app).await;
    browser.post_form("/actions/ask_for_proof", &[("proof", "magic_link"), ("address", "ann@example.com")]).await;
    let path = app.message_to("ann@example.com").await.path();
    for metadata in [Sent, Missing] {
        let answers = browser.open_from_other_site(&path, metadata).await;
        let main = page(&answers).main();
        assert!(main.contains("Continuing will switch accounts."), "{main}");
    }
}

#[tokio::test]
async fn cross_site_link_does_not_sign_out() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let session = browser.cookie("session");
    let others =
        ["/api/user", "/api/login", "/api/nowhere", "/api/birthdays", "/actions/sign_out", "/realtime", "/nowhere"];
    for path in routes().into_iter().chain(others.map(str::to_owned)) {
        for metadata in [Sent, Missing] {
            browser.open_from_other_site(&path, metadata).await;
            assert_eq!(browser.cookie("session"), session, "{path}");
            assert!(browser.cookie("signed-in").is_some(), "{path}");
        }
    }
}
