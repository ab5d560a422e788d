//! Sign-up.

use crate::running::App;

const ANN: [(&str, &str); 3] = [("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1")];

#[tokio::test]
async fn sign_up_signs_in_and_redirects_to_the_account() {
    let app = App::start().await;
    let browser = app.browser();
    let answer = browser.post_form("/actions/sign_up", &ANN).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    let page = browser.open("/account").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Ann") && page.body.contains("ann@example.com"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store, no-transform");
}

#[tokio::test]
async fn sign_up_redirects_to_the_next_page() {
    let app = App::start().await;
    let fields = [ANN.as_slice(), &[("next", "/birthdays?x=1")]].concat();
    assert_eq!(app.browser().post_form("/actions/sign_up", &fields).await.location(), "/birthdays?x=1");
}

#[tokio::test]
async fn invalid_fields_are_reported_and_other_values_kept() {
    let app = App::start().await;
    let browser = app.browser();
    let long = "x".repeat(129);
    let fields = [("name", long.as_str()), ("email", "ann"), ("password", "short12"), ("page", "/signup?next=%2Fx")];
    let answer = browser.post_form("/actions/sign_up", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/signup?next=%2Fx"));
    let page = browser.open(answer.location()).await;
    assert_eq!(page.status, 422);
    for (field, sentence) in [
        ("name", "Use at most 128 characters."),
        ("email", "Enter an email address, such as ann@example.com."),
        ("password", "Use at least 8 characters."),
    ] {
        let tag = page.field(field);
        assert!(tag.contains("aria-invalid=\"true\""), "{tag}");
        assert!(tag.contains(&format!("sign-up-{field}-error")), "{tag}");
        assert!(page.body.contains(sentence), "{sentence}");
    }
    assert!(page.field("name").contains(&long));
    assert!(page.field("email").contains("value=\"ann\""));
    assert!(!page.body.contains("short12"));
}

#[tokio::test]
async fn errors_are_shown_once() {
    let app = App::start().await;
    let browser = app.browser();
    browser.post_form("/actions/sign_up", &[("email", "ann"), ("page", "/signup")]).await;
    assert_eq!(browser.open("/signup").await.status, 422);
    let again = browser.open("/signup").await;
    assert_eq!(again.status, 200);
    assert!(!again.body.contains("aria-invalid"), "{}", again.body);
}

#[tokio::test]
async fn used_address_is_a_conflict() {
    let app = App::start().await;
    app.browser_of("Ann").await;
    let browser = app.browser();
    let answer = browser.call("/actions/sign_up", &ANN).await;
    assert_eq!(answer.status, 409);
    assert!(answer.set_cookie("session").is_none());
    let fields = [ANN.as_slice(), &[("page", "/signup")]].concat();
    browser.post_form("/actions/sign_up", &fields).await;
    let page = browser.open("/signup").await;
    assert_eq!(page.status, 409);
    assert_eq!(page.main().matches("already exists").count(), 1, "{}", page.main());
    assert!(page.main().contains("<a href=\"/login\">Sign in instead?"), "{}", page.main());
    assert!(page.field("email").contains("aria-invalid=\"true\""), "{}", page.field("email"));
    let fields = [ANN.as_slice(), &[("page", "/signup?next=%2Faccount")]].concat();
    browser.post_form("/actions/sign_up", &fields).await;
    let page = browser.open("/signup?next=%2Faccount").await;
    assert!(page.main().contains("<a href=\"/login?next=%2Faccount\">Sign in instead?"), "{}", page.main());
}

#[tokio::test]
async fn name_with_markup_is_shown_as_text() {
    let app = App::start().await;
    let browser = app.browser();
    let name = "</script><img src=x onerror=alert(1)>";
    let fields = [("name", name), ("email", "mallory@example.com"), ("password", "Correct-horse-1")];
    assert_eq!(browser.post_form("/actions/sign_up", &fields).await.status, 303);
    let page = browser.open("/account").await;
    assert!(!page.body.contains("<img src=x"), "{}", page.body);
    assert!(page.body.contains("&lt;img src=x"), "{}", page.body);
}

#[tokio::test]
async fn disabled_sign_up_creates_no_account() {
    let app = App::start_without_sign_up().await;
    let refused = app.browser().call("/actions/sign_up", &ANN).await;
    assert_eq!((refused.status, refused.body.as_str()), (501, "\"MethodUnavailable\""));
    let users = app.ask_backend(reqwest::Method::GET, "/users", None, serde_json::json!({})).await;
    assert_eq!(users["total"], 0);
}
