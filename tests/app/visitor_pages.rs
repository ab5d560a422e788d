//! Pages that are the same for all visitors: one rendering serves many, and nobody gets another's page.

use reqwest::Method;

use crate::browser::{Answer, Browser};
use crate::running::App;

/// Opens the sign-in page with nothing that tells users apart.
async fn open(browser: &Browser, method: Method, languages: &str) -> Answer {
    let request = browser.request(method, "/login").header("accept", "text/html").header("accept-language", languages);
    let answer = browser.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).expect("a nonce").0;
    nonce.to_owned()
}

#[tokio::test]
async fn visitors_get_the_same_page_with_a_nonce_of_their_own() {
    let app = App::start().await;
    let (one, other) = (open(&app.browser(), Method::GET, "en").await, open(&app.browser(), Method::GET, "en").await);
    assert_ne!(nonce(&one), nonce(&other));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    for answer in [&one, &other] {
        let own = format!("nonce=\"{}\"", nonce(answer));
        let all = answer.body.matches("nonce=\"").count();
        assert!(all > 1 && answer.body.matches(&own).count() == all, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store, no-transform");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    }
    let without_nonce = |answer: &Answer| answer.body.replace(&nonce(answer), "");
    assert_eq!(without_nonce(&one), without_nonce(&other));
    let head = open(&app.browser(), Method::HEAD, "en").await;
    assert_eq!((head.body.as_str(), head.header("content-length")), ("", one.header("content-length")));
}

#[tokio::test]
async fn users_and_queries_get_pages_of_their_own() {
    let app = App::start().await;
    let visitor = open(&app.browser(), Method::GET, "en").await;
    let with_query = app.browser().open("/login?next=%2Faccount%2Fdevices").await;
    assert!(with_query.body.contains("value=\"/account/devices\""), "{}", with_query.body);
    let dark = app.browser();
    assert_eq!(dark.post_form("/actions/set_theme", &[("theme", "dark"), ("page", "/")]).await.status, 303);
    let page = open(&dark, Method::GET, "en").await;
    assert!(page.body.contains("data-theme=\"dark\""), "{}", page.body);
    let failed = app.browser();
    let fields = [("email", "ann@example.com"), ("password", "wrong-password"), ("page", "/login")];
    assert_eq!(failed.post_form("/actions/sign_in", &fields).await.status, 303);
    let page = failed.open("/login").await;
    assert!(page.body.contains("ann@example.com") && page.status == 401, "{}", page.body);
    let ann = app.browser_of("Ann").await;
    assert_eq!(ann.open("/login").await.status, 303, "a signed-in user leaves the page");
    assert!(ann.open("/").await.body.contains("Ann"));
    for path in ["/", "/login"] {
        let page = app.browser().open(path).await.body;
        assert!(!page.contains("Ann") && !page.contains("ann@example.com"), "{page}");
        assert!(!page.contains("data-theme"), "{page}");
    }
    let again = open(&app.browser(), Method::GET, "en").await;
    assert_eq!(again.body.replace(&nonce(&again), ""), visitor.body.replace(&nonce(&visitor), ""));
}
