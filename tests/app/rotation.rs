//! The secret of the cookies changes while users sign in.

use crate::running::App;

const OLD: &str = "an old secret of at least 32 characters";
const NEW: &str = "a new secret of at least 32 characters";
const EMAIL: &str = "ann@example.com";

/// Asks for a code at one instance and enters it at another. The email is in the outbox of the first app.
async fn enter_elsewhere(first: &App, asked: &App, entered: &App) -> u16 {
    let browser = asked.browser();
    let fields = [("proof", "email_code"), ("address", EMAIL), ("page", "/login/code")];
    assert_eq!(browser.post_form("/actions/ask_for_proof", &fields).await.location(), "/login/code/enter");
    let code = first.message_to(EMAIL).await.code();
    browser.at(&entered.origin).call("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await.status
}

#[tokio::test]
async fn pending_sign_in_survives_secret_rotation() {
    let old = App::start_with(&[("APP_SECRET", OLD)]).await;
    let rotated = old.another_instance(&[("APP_SECRET", NEW), ("APP_SECRET_PREVIOUS", OLD)]).await;
    let foreign = old.another_instance(&[("APP_SECRET", NEW)]).await;
    assert_eq!(enter_elsewhere(&old, &old, &rotated).await, 200);
    assert_eq!(enter_elsewhere(&old, &rotated, &foreign).await, 200);
    assert_ne!(enter_elsewhere(&old, &old, &foreign).await, 200);
}

#[tokio::test]
async fn idle_limit_survives_secret_rotation() {
    let limit = ("SESSION_IDLE_LIMIT", "8h");
    let old = App::start_with(&[("APP_SECRET", OLD), limit]).await;
    let rotated = old.another_instance(&[("APP_SECRET", NEW), ("APP_SECRET_PREVIOUS", OLD), limit]).await;
    let ann = old.browser_of("Ann").await;
    assert_eq!(ann.at(&rotated.origin).open("/account").await.status, 200);
}
