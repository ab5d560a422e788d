//! Malformed email addresses in every form, with and without JavaScript.

use crate::browser::Browser;
use crate::running::App;

/// A form: action, page, email field, other fields.
type Form = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const FORMS: [Form; 6] = [
    ("/actions/sign_up", "/signup", "email", &[("name", "Ann Lee"), ("password", "Correct-horse-1")]),
    ("/actions/sign_in", "/login", "email", &[("password", "Correct-horse-1")]),
    ("/actions/ask_recovery", "/recovery", "email", &[]),
    ("/actions/ask_for_proof", "/login/link", "address", &[("proof", "magic_link")]),
    ("/actions/ask_for_proof", "/login/code", "address", &[("proof", "email_code")]),
    ("/actions/keep_account", "/account", "email", &[("name", "Ann Lee"), ("password", "Correct-horse-1")]),
];

#[tokio::test]
async fn mistyped_email_is_kept_with_a_field_error() {
    let app = App::start().await;
    let long = format!("{}@example.com", "a".repeat(65));
    for (action, page, field, more) in FORMS {
        let browser: Browser = app.browser();
        if page == "/account" {
            browser.post_form("/actions/continue_as_guest", &[]).await;
        }
        for address in ["ann..lee@example.com", "ann,lee@example.com", "ann@exämple.com", "ann@-example.com", &long] {
            let fields = [&[(field, address), ("page", page)], more].concat();
            let answer = browser.call(action, &fields).await;
            let expected = format!("{{\"Invalid\":[{{\"field\":\"{field}\",\"problem\":\"NotAnEmail\"}}]}}");
            assert_eq!((answer.status, answer.body), (422, expected), "{action} {address}");
            assert_eq!(browser.post_form(action, &fields).await.location(), page, "{action} {address}");
            let shown = browser.open(page).await;
            assert_eq!(shown.status, 422, "{action} {address}");
            let tag = shown.field(field);
            assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(address), "{action}: {tag}");
            assert!(shown.main().contains("Enter an email address, such as ann@example.com."), "{action}");
            for (name, value) in more.iter().filter(|(name, _)| *name == "name") {
                assert!(shown.field(name).contains(value), "{action}: {}", shown.field(name));
            }
        }
    }
}
