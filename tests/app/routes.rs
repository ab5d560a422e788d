//! The table of routes: every page has a guard, and paths that are no page show no user data.

use leptos_appwrite::server::page_routes;
use leptos_appwrite::session::Access::{
    self, Always, Anyone, AnyoneButEnded, SameForAll, SecondFactor, SignedIn, SignedOut,
};
use leptos_birthdays::routes::GUARDS;
use leptos_birthdays::site::SITE;
use reqwest::Method;

use crate::browser::Answer;
use crate::running::App;
use crate::stand_in::appwrite_with;

/// Every page with its access. Think before you add a row.
const EXPECTED: [(&str, Access); 40] = [
    ("/signup", SignedOut),
    ("/login", SignedOut),
    ("/", Anyone),
    ("/login/link", SignedOut),
    ("/login/link/sent", SignedOut),
    ("/login/link/open", Always),
    ("/login/code", SignedOut),
    ("/login/code/enter", SignedOut),
    ("/login/phone", SignedOut),
    ("/login/phone/enter", SignedOut),
    ("/login/guest", SignedOut),
    ("/login/factor", SecondFactor),
    ("/recovery", Anyone),
    ("/recovery/sent", Anyone),
    ("/recovery/open", Always),
    ("/account", SignedIn),
    ("/account/confirm", Always),
    ("/account/name", SignedIn),
    ("/account/email", SignedIn),
    ("/account/phone", SignedIn),
    ("/account/phone/confirm", SignedIn),
    ("/account/password", SignedIn),
    ("/account/passkeys", SignedIn),
    ("/account/verify", SignedIn),
    ("/account/devices", SignedIn),
    ("/account/services", SignedIn),
    ("/account/security", SignedIn),
    ("/account/security/authenticator", SignedIn),
    ("/account/security/authenticator/remove", SignedIn),
    ("/account/security/codes", SignedIn),
    ("/account/security/off", SignedIn),
    ("/account/security/verify", SignedIn),
    ("/account/switch", SignedIn),
    ("/account/sign-out", SignedIn),
    ("/account/data", SignedIn),
    ("/account/delete", SignedIn),
    ("/goodbye", Anyone),
    ("/birthdays", AnyoneButEnded),
    ("/birthdays/:id/edit", SignedIn),
    ("/birthdays/:id/delete", SignedIn),
];

/// Paths that are not pages, although some look like one.
pub const NO_PAGES: [&str; 9] = [
    "/birthdays//edit",
    "/nowhere",
    "/nowhere/",
    "/account/nowhere",
    "/%61ccount",
    "//account",
    "/account%2f",
    "/./%61ccount/",
    "/login/link/open/more?userId=kay",
];

#[test]
fn every_route_has_its_listed_guard() {
    assert_eq!(GUARDS.pages, EXPECTED);
    assert_eq!(GUARDS.fallback, SameForAll);
    let routes: Vec<_> = page_routes(&SITE).iter().map(|route| route.path()).collect();
    assert_eq!(routes.len(), GUARDS.pages.len(), "{routes:?}");
    for route in routes {
        assert!(GUARDS.guard(route).is_some(), "{route} has no guard");
    }
}

#[tokio::test]
async fn page_names_the_code_that_its_user_needs() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for (browser, path, parts) in [
        (&app.browser(), "/login", ""),
        (&app.browser(), "/birthdays", "birthdays"),
        (&ann, "/birthdays", "birthdays signed_in"),
        (&ann, "/account", "account signed_in"),
        (&ann, "/nowhere", ""),
    ] {
        let answer = browser.open(path).await;
        assert!(answer.body.contains(&format!("data-parts=\"{parts}\"")), "{path}: {parts}: {}", answer.body);
    }
}

#[tokio::test]
async fn trailing_slash_is_redirected_with_its_query() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    for (path, page) in [
        ("/account/", "/account"),
        ("/account//", "/account"),
        ("/birthdays/?a=b", "/birthdays?a=b"),
        ("/login/?next=%2F%2Fevil.example", "/login?next=%2F%2Fevil.example"),
        ("/birthdays/6b013ef8/edit/", "/birthdays/6b013ef8/edit"),
    ] {
        for browser in [&ann, &app.browser()] {
            for method in [Method::GET, Method::HEAD] {
                let answer = browser.send(browser.request(method, path)).await;
                assert_eq!((answer.status, answer.location()), (308, page), "{path}");
                assert_eq!((answer.cookies().len(), answer.body.as_str()), (0, ""), "{path}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            }
        }
    }
    assert_eq!(ann.open("/account").await.status, 200);
}

#[tokio::test]
async fn trailing_slash_never_redirects_to_another_site() {
    let app = App::start().await;
    let paths = [
        "//evil.example/",
        "/%2f%2fevil/",
        "//evil.example/account/",
        "/\\evil.example/",
        "//",
        "///",
        "/.//evil/",
        "/birthdays/%2f%2fevil/edit/",
    ];
    for path in paths {
        let answer = app.browser().open(path).await;
        assert_eq!(answer.location(), "", "{path}");
        assert_ne!(answer.status, 308, "{path}");
    }
}

#[tokio::test]
async fn files_actions_and_api_keep_their_slashes() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    for path in ["/robots.txt/", "/pkg/", "/pkg/x.js/", "/api/", "/api/user/", "/actions/sign_in/", "/realtime/"] {
        let answer = browser.open(path).await;
        assert!((400..500).contains(&answer.status) && answer.location().is_empty(), "{path}: {}", answer.status);
    }
}

fn assert_shows_nobody(answer: &Answer, path: &str) {
    assert_eq!((answer.status, answer.header("cache-control")), (404, "no-cache, no-transform"), "{path}");
    assert!(answer.body.contains("Page not found"), "{path}: {}", answer.body);
    for private in ["Ann", "ann@example.com", "Sign out", "Signed in as", "Sign in<", "Confirm your e-mail"] {
        assert!(!answer.body.contains(private), "{path}: {private}: {}", answer.body);
    }
    assert!(answer.cookies().is_empty(), "{path}: {:?}", answer.cookies());
}

#[tokio::test]
async fn unknown_path_shows_no_user() {
    let app = App::start().await;
    let ann = app.browser_of("Ann").await;
    assert!(ann.open("/").await.body.contains("Signed in as "));
    for path in NO_PAGES {
        assert_shows_nobody(&ann.open(path).await, path);
        let posted = ann.post_form(path, &[]).await;
        assert!(!posted.body.contains("Ann"), "{path}: {}", posted.body);
    }
    assert!(ann.cookie("session").is_some());
}

#[tokio::test]
async fn unknown_path_causes_no_appwrite_call() {
    let app = App::start_in_front_of(&appwrite_with(axum::Router::new()).await).await;
    let browser = app.browser();
    browser.plant("session", "a-session-that-nobody-knows");
    browser.plant("signed-in", "1");
    for path in NO_PAGES {
        assert_shows_nobody(&browser.open(path).await, path);
    }
    assert!(browser.cookie("session").is_some(), "Appwrite was not asked, and so did not refuse the session");
}
