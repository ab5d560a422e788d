//! A panic of a server function.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use crate::logs;
use crate::running::App;

#[server(prefix = "/actions", endpoint = "fail")]
pub async fn fail() -> Result<(), AppError> {
    panic!("a fault of the app")
}

#[tokio::test]
async fn panic_is_an_error_response_and_the_app_goes_on() {
    let app = App::start().await;
    let browser = app.browser();
    let page = browser.post_form("/actions/fail", &[]).await;
    assert!(page.body.starts_with("<!DOCTYPE html>") && !page.body.contains("a fault of the app"), "{}", page.body);
    let called = browser.call("/actions/fail", &[]).await;
    assert!(called.body.contains("Internal") && !called.body.contains("a fault of the app"), "{}", called.body);
    for answer in [page, called] {
        assert_eq!(answer.status, 500);
        let id = answer.header("x-request-id");
        assert!(!id.is_empty() && logs::so_far().contains(id), "{id}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("cache-control").starts_with("no-store"), "{}", answer.header("cache-control"));
    }
    assert_eq!(browser.open("/login").await.status, 200);
}
