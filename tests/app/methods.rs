//! Sign-in methods for which an app names no pages: they are not offered, and their forms are refused.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri};
use leptos_appwrite::site::Paths;

use crate::running::App;
use crate::stand_in::appwrite_with;

/// Each form with fields that it accepts.
const FORMS: [(&str, &[(&str, &str)]); 28] = [
    ("ask_for_proof", &[("proof", "magic_link"), ("address", "ann@example.com")]),
    ("ask_for_proof", &[("proof", "email_code"), ("address", "ann@example.com")]),
    ("ask_for_proof", &[("proof", "phone_code"), ("address", "+12025550123")]),
    ("send_again", &[("proof", "magic_link")]),
    ("send_again", &[("proof", "phone_code")]),
    ("enter_code", &[("proof", "email_code"), ("code", "123456")]),
    ("enter_code", &[("proof", "phone_code"), ("code", "123456")]),
    ("open_link", &LINK),
    ("ask_recovery", &[("email", "ann@example.com")]),
    ("set_new_password", &[LINK[0], LINK[1], ("password", "Correct-horse-1")]),
    ("send_verification", &[]),
    ("confirm_email", &LINK),
    ("email_is_confirmed", &[]),
    ("continue_as_guest", &[]),
    ("sign_in_with_provider", &[("provider", "github")]),
    ("keep_account", &[("name", "Ann"), ("email", "ann@example.com"), ("password", "Correct-horse-1")]),
    ("ask_passkey", &[]),
    ("sign_in_with_passkey", &[("id", "x"), ("credential", "{}")]),
    ("list_passkeys", &[]),
    ("begin_passkey", &[("name", "Phone"), ("account", "ann")]),
    ("add_passkey", &[("id", "x"), ("credential", "{}"), ("account", "ann")]),
    ("remove_passkey", &[("id", "x"), ("account", "ann")]),
    ("change_name", &[("name", "Ann"), ("account", "ann")]),
    ("change_email", &[("email", "ann@example.com"), ("password", "Correct-horse-1"), ("account", "ann")]),
    ("change_phone", &[("phone", "+12025550123"), ("password", "Correct-horse-1"), ("account", "ann")]),
    ("send_phone_code", &[("account", "ann")]),
    ("confirm_phone", &[("code", "123456"), ("account", "ann")]),
    ("change_password", &[("password", "Correct-horse-1"), ("account", "ann")]),
];

const LINK: [(&str, &str); 2] = [
    ("user_id", "6b013ef8ceed9d5e2056"),
    ("secret", "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"),
];

#[tokio::test]
async fn form_of_a_method_without_pages_is_refused_uncounted() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = {
        let asked = Arc::clone(&asked);
        move |uri: Uri| async move {
            asked.lock().expect("the list").push(uri.path().to_owned());
            StatusCode::NOT_FOUND
        }
    };
    let endpoint = appwrite_with(Router::new().fallback(record)).await;
    let app = App::start_with_paths_in_front_of(&endpoint, Paths::DEFAULT).await;
    let browser = app.browser();
    browser.plant("session", "a-session-that-appwrite-is-never-asked-about");
    // Posts more often than the limits of these forms allow.
    for _ in 0..12 {
        for (form, fields) in FORMS {
            let answer = browser.call(&format!("/actions/{form}"), fields).await;
            assert_eq!((answer.status, answer.body.as_str()), (501, "\"MethodUnavailable\""), "{form} {fields:?}");
        }
    }
    assert_eq!(*asked.lock().expect("the list"), [""; 0]);
}

#[tokio::test]
async fn method_is_offered_if_the_app_has_its_pages() {
    let app = App::start_with_paths(Paths { email_code: Some("/login/code/enter"), ..Paths::DEFAULT }).await;
    let browser = app.browser();
    let page = browser.open("/login").await;
    assert!(page.main().contains("/login/code"), "{}", page.main());
    for other in ["/login/link", "/login/phone", "/recovery", "continue_as_guest", "sign_in_with_provider"] {
        assert!(!page.main().contains(other), "{other}: {}", page.main());
    }
    let answer = browser.post_form("/actions/ask_for_proof", FORMS[1].1).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/code/enter"));
    for (form, fields) in [FORMS[0], FORMS[2]] {
        assert_eq!(browser.call(&format!("/actions/{form}"), fields).await.status, 501, "{fields:?}");
    }
}
