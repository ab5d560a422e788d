//! Links and codes by email and text message, from the outbox to their use.

use serde_json::{Value, json};

use crate::client::{As, Backend, PASSWORD, link_in, parameter};

fn digits(message: &Value) -> String {
    let text = message["text"].as_str().expect("a text");
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|part| part.len() == 6)
        .unwrap_or_else(|| panic!("no code: {text}"))
        .to_owned()
}

#[tokio::test]
async fn magic_link_signs_in_and_verifies_the_address() {
    let backend = Backend::start().await;
    let ask = json!({"userId": "unique()", "email": "Kay@example.com", "url": "http://localhost:3000/magic?a=1", "phrase": true});
    let token = backend.post(As::Guest, "/account/tokens/magic-url", ask).await.expect(201);
    assert_eq!(token["secret"], "");
    let message = backend.message_to("kay@example.com").await;
    assert!(message["text"].as_str().expect("a text").contains(token["phrase"].as_str().expect("a phrase")));
    let link = link_in(message["text"].as_str().expect("a text"));
    assert!(link.as_str().starts_with("http://localhost:3000/magic?a=1&userId="));
    let redeem = json!({"userId": parameter(&link, "userId"), "secret": parameter(&link, "secret")});
    let session = backend.post(As::Key, "/account/sessions/token", redeem).await.expect(201);
    assert_eq!(session["provider"], "magic-url");
    let account = backend.get(As::Session(session["secret"].as_str().expect("a secret")), "/account").await.expect(200);
    assert_eq!(account["emailVerification"], true);
}

#[tokio::test]
async fn emailed_and_texted_codes_sign_in() {
    let backend = Backend::start().await;
    for (path, field, to) in
        [("/account/tokens/email", "email", "kay@example.com"), ("/account/tokens/phone", "phone", "+12025551243")]
    {
        let token = backend.post(As::Key, path, json!({"userId": "unique()", field: to})).await.expect(201);
        let code = digits(&backend.message_to(to).await);
        let redeem = json!({"userId": token["userId"], "secret": code});
        backend.post(As::Key, "/account/sessions/token", redeem).await.expect(201);
    }
}

#[tokio::test]
async fn mail_is_in_the_language_of_the_request() {
    let backend = Backend::start().await;
    let ask = json!({"userId": "unique()", "email": "kay@example.com"});
    for (language, subject) in [("de", "Code für Demo"), ("tlh", "OTP for Demo Login")] {
        let request = backend.request(As::Guest, reqwest::Method::POST, "/account/tokens/email").json(&ask);
        crate::client::answer(request.header("x-appwrite-locale", language)).await.expect(201);
        assert_eq!(backend.message_to("kay@example.com").await["subject"], subject);
    }
}

#[tokio::test]
async fn recovery_sets_the_password_and_ends_all_sessions() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let ask = json!({"email": ann.email, "url": "http://localhost:3000/reset"});
    backend.post(As::Guest, "/account/recovery", ask).await.expect(201);
    let link = link_in(backend.message_to(&ann.email).await["text"].as_str().expect("a text"));
    let confirm = json!({
        "userId": parameter(&link, "userId"), "secret": parameter(&link, "secret"), "password": "Third-password-3",
    });
    backend.put(As::Guest, "/account/recovery", confirm.clone()).await.expect(200);
    backend.put(As::Guest, "/account/recovery", confirm).await.expect(401);
    backend.get(As::Session(&ann.secret), "/account").await.expect(401);
    let old = json!({"email": ann.email, "password": PASSWORD});
    backend.post(As::Key, "/account/sessions/email", old).await.expect(401);
    let new = json!({"email": ann.email, "password": "Third-password-3"});
    backend.post(As::Key, "/account/sessions/email", new).await.expect(201);
}

#[tokio::test]
async fn verification_needs_no_session_to_be_confirmed() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    let ask = json!({"url": "http://localhost:3000/verify"});
    backend.post(As::Session(&ann.secret), "/account/verifications/email", ask).await.expect(201);
    let link = link_in(backend.message_to(&ann.email).await["text"].as_str().expect("a text"));
    let confirm = json!({"userId": parameter(&link, "userId"), "secret": parameter(&link, "secret")});
    backend.put(As::Guest, "/account/verification", confirm).await.expect(200);
    let account = backend.get(As::Session(&ann.secret), "/account").await.expect(200);
    assert_eq!(account["emailVerification"], true);
}

#[tokio::test]
async fn guest_becomes_a_member_and_keeps_everything() {
    let backend = Backend::start().await;
    let session = backend.post(As::Key, "/account/sessions/anonymous", json!({})).await.expect(201);
    let secret = session["secret"].as_str().expect("a secret");
    let row = json!({"rowId": "mine", "data": {"name": "Kevin", "birthday": "2012-02-03"}});
    backend.post(As::Session(secret), "/tablesdb/main/tables/birthdays/rows", row).await.expect(201);
    let keep = json!({"email": "anon@example.com", "password": PASSWORD});
    backend.patch(As::Session(secret), "/account/email", keep).await.expect(200);
    let again = backend.sign_in("anon@example.com").await;
    backend.get(As::Session(&again), "/tablesdb/main/tables/birthdays/rows/mine").await.expect(200);
}

#[tokio::test]
async fn outbox_is_readable_on_this_machine_only() {
    let backend = Backend::start().await;
    backend
        .post(As::Key, "/account/tokens/email", json!({"userId": "unique()", "email": "a@example.com"}))
        .await
        .expect(201);
    let page = backend.open(&format!("{}/outbox", backend.origin())).await;
    assert!(page.text.contains("OTP for Demo Login") && page.text.contains("a@example.com"));
    assert_eq!(page.header("cache-control"), "no-store");
    let mail = backend.open(&format!("{}/outbox/1", backend.origin())).await;
    assert!(mail.text.contains("Use OTP"));
    let foreign = crate::client::http().get(format!("{}/outbox", backend.origin())).header("host", "evil.example");
    assert_eq!(crate::client::answer(foreign).await.status, 403);
}
