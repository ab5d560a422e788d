//! The providers that sign in to an account: listed, and unlinked.

use leptos_appwrite::site::Paths;
use leptos_birthdays::site::SITE;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::oauth2::{ANN, decide, open_own, path_of, start};
use crate::running::App;

const PAGE: &str = "/account/services";

async fn sign_in_by_provider(app: &App) -> Browser {
    let browser = app.browser();
    let page = start(&browser, "/account").await;
    assert_eq!(open_own(&browser, &path_of(&decide(&page, ANN).await)).await.status, 303);
    browser
}

async fn linked(browser: &Browser) -> Vec<Value> {
    let answer = browser.call("/actions/list_linked_providers", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().expect("providers").clone()
}

async fn unlink(browser: &Browser, id: &str) -> Answer {
    let account = browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    browser.post_form("/actions/unlink_provider", &[("id", id), ("account", &account), ("page", PAGE)]).await
}

#[tokio::test]
async fn provider_is_listed_and_unlinked() {
    let app = App::start().await;
    let ann = sign_in_by_provider(&app).await;
    let page = ann.open(PAGE).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, no-transform"));
    for text in ["Mock provider", "ann@example.com", "and it's linked automatically", "Unlink"] {
        assert!(page.main().contains(text), "{text}: {}", page.main());
    }
    assert!(!page.body.contains("AccessToken") && !page.body.contains("providerUid"), "{}", page.body);
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    let answer = unlink(&ann, &id).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    let page = ann.open(PAGE).await;
    assert!(page.main().contains("The service is unlinked.") && page.main().contains("No service is linked."));
    assert_eq!(unlink(&ann, &id).await.location(), PAGE, "a provider that is gone is no error");
}

#[tokio::test]
async fn provider_links_again_by_verified_address() {
    let app = App::start().await;
    let ann = sign_in_by_provider(&app).await;
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    unlink(&ann, &id).await;
    let again = sign_in_by_provider(&app).await;
    assert_eq!(linked(&again).await.len(), 1);
    assert_eq!(linked(&ann).await.len(), 1, "the same account");
}

#[tokio::test]
async fn last_sign_in_method_cannot_be_unlinked() {
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths(paths).await;
    let ann = sign_in_by_provider(&app).await;
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    unlink(&ann, &id).await;
    let page = ann.open(PAGE).await;
    assert!(page.status == 409 && page.main().contains("Set one first."), "{}", page.body);
    assert_eq!(linked(&ann).await.len(), 1);
}

#[tokio::test]
async fn password_counts_as_another_sign_in_method() {
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths(paths).await;
    let ann = sign_in_by_provider(&app).await;
    let session = ann.cookie("session").expect("a session");
    let password = json!({ "password": "Correct-horse-1" });
    app.ask_backend(Method::PATCH, "/account/password", Some(&session), password).await;
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(unlink(&ann, &id).await.location(), PAGE);
    assert!(linked(&ann).await.is_empty());
}

#[tokio::test]
async fn removed_password_does_not_count_as_sign_in_method() {
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths(paths).await;
    app.browser_of("Ann").await;
    // This is the first proof of the address, so the password is removed.
    let ann = sign_in_by_provider(&app).await;
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    unlink(&ann, &id).await;
    assert_eq!((ann.open(PAGE).await.status, linked(&ann).await.len()), (409, 1));
}

#[tokio::test]
async fn unconfirmed_number_does_not_count_as_sign_in_method() {
    let paths = Paths { magic_link: None, email_code: None, ..SITE.paths };
    let app = App::start_with_paths(paths).await;
    let ann = sign_in_by_provider(&app).await;
    let user = ann.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let set = async |what: &str, body| {
        app.ask_backend(Method::PATCH, &format!("/users/{user}/{what}"), None, body).await;
    };
    set("verification", json!({ "emailVerification": true })).await;
    set("phone", json!({ "number": "+442079460018" })).await;
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    unlink(&ann, &id).await;
    assert_eq!((ann.open(PAGE).await.status, linked(&ann).await.len()), (409, 1));
    set("verification/phone", json!({ "phoneVerification": true })).await;
    unlink(&ann, &id).await;
    assert!(linked(&ann).await.is_empty());
}

#[tokio::test]
async fn provider_of_another_user_cannot_be_unlinked() {
    let app = App::start().await;
    let (ann, ben) = (sign_in_by_provider(&app).await, app.browser_of("Ben").await);
    let id = linked(&ann).await[0]["id"].as_str().expect("an id").to_owned();
    unlink(&ben, &id).await;
    assert_eq!(linked(&ann).await.len(), 1);
    let account = ben.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
    let answer = ann.call("/actions/unlink_provider", &[("id", &id), ("account", &account)]).await;
    assert_eq!(answer.status, 409, "the form of another user");
}

#[tokio::test]
async fn linked_providers_require_their_page_and_a_session() {
    let app = App::start_with_paths(Paths { linked_providers: None, ..SITE.paths }).await;
    let ann = app.browser_of("Ann").await;
    for action in ["/actions/list_linked_providers", "/actions/unlink_provider"] {
        assert_eq!(ann.call(action, &[]).await.status, 501, "{action}");
    }
    let app = App::start().await;
    assert_eq!(app.browser().call("/actions/list_linked_providers", &[]).await.status, 401);
}
