//! Two instances behind a proxy that alternates between them, so that each step of a flow reaches the other instance.

use appwrite_realtime::handshake::Transport;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::oauth2::{ANN, decide, open_own, path_of, start};
use crate::realtime::ticket;
use crate::round_robin::Instances;
use crate::second_factor::code_of;
use crate::socket::Socket;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

async fn assert_signed_in(browser: &Browser) {
    for _ in 0..2 {
        let page = browser.open("/account").await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
}

/// Posts a form, and opens the page to which the response redirects.
async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post_form(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    let page = browser.open(answer.location()).await;
    assert!(page.status == 200 || page.status == 303, "{}: {}", answer.location(), page.status);
    answer.location().to_owned()
}

#[tokio::test]
async fn forms_without_javascript_cross_instances() {
    let instances = Instances::start(&[]).await;
    let browser = instances.browser();
    post(&browser, "/actions/sign_up", &[("name", "Ann"), ("email", EMAIL), ("password", PASSWORD)]).await;
    assert_signed_in(&browser).await;
    // The other instance reads the typed values from a sealed cookie.
    let fields = [("name", "Kept while wrong"), ("date", "no date"), ("page", "/birthdays")];
    let answer = browser.post_form("/actions/add_birthday", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = browser.open(answer.location()).await;
    assert!(page.body.contains("Kept while wrong"), "{}", page.body);
    post(&browser, "/actions/sign_out", &[]).await;
    post(&browser, "/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD), ("page", "/login")]).await;
    assert_signed_in(&browser).await;
    instances.assert_both_served();
}

#[tokio::test]
async fn code_and_link_cross_instances() {
    let instances = Instances::start(&[]).await;
    let browser = instances.browser();
    let asked = [("proof", "email_code"), ("address", EMAIL), ("page", "/login/code")];
    assert_eq!(post(&browser, "/actions/ask_for_proof", &asked).await, "/login/code/enter");
    let code = instances.apps[0].message_to(EMAIL).await.code();
    post(&browser, "/actions/enter_code", &[("proof", "email_code"), ("code", &code), ("page", "/login/code/enter")])
        .await;
    assert_signed_in(&browser).await;
    instances.assert_both_served();

    let browser = instances.browser();
    let asked = [("proof", "magic_link"), ("address", "bob@example.com"), ("page", "/login/link")];
    assert_eq!(post(&browser, "/actions/ask_for_proof", &asked).await, "/login/link/sent");
    let link = instances.apps[0].message_to("bob@example.com").await.path();
    let page = browser.open(&link).await;
    let value = |name: &str| {
        let tag = page.field(name);
        tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").replace("&amp;", "&")
    };
    let fields = ["user_id", "secret", "address", "page"].map(|name| (name, value(name)));
    post(&browser, "/actions/open_link", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_signed_in(&browser).await;
    instances.assert_both_served();
}

#[tokio::test]
async fn provider_sign_in_crosses_instances() {
    let instances = Instances::start(&[]).await;
    let browser = instances.browser();
    let provider = start(&browser, "/birthdays").await;
    let back = path_of(&decide(&provider, ANN).await);
    let answer = open_own(&browser, &back).await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"), "{}", answer.body);
    assert_signed_in(&browser).await;
    instances.assert_both_served();
}

#[tokio::test]
async fn second_factor_crosses_instances() {
    let instances = Instances::start(&[]).await;
    let first = &instances.apps[0];
    let owner = first.browser_of("Ann").await;
    let session = owner.cookie("session").expect("a session");
    let ask = async |method, path, body: Value| first.ask_backend(method, path, Some(&session), body).await;
    let authenticator = ask(reqwest::Method::POST, "/account/mfa/authenticators/totp", json!({})).await;
    let secret = authenticator["secret"].as_str().expect("a secret");
    ask(reqwest::Method::PUT, "/account/mfa/authenticators/totp", json!({ "otp": code_of(secret) })).await;
    ask(reqwest::Method::PATCH, "/account/mfa", json!({ "mfa": true })).await;

    let browser = instances.browser();
    post(&browser, "/actions/sign_in", &[("email", EMAIL), ("password", PASSWORD), ("page", "/login")]).await;
    let page = "/login/factor";
    post(&browser, "/actions/ask_second_factor", &[("factor", "totp"), ("page", page)]).await;
    post(&browser, "/actions/give_second_factor", &[("factor", "totp"), ("code", &code_of(secret)), ("page", page)])
        .await;
    assert_signed_in(&browser).await;
    instances.assert_both_served();
}

#[tokio::test]
async fn relay_works_at_each_instance() {
    let mut instances = Instances::start(&[("REALTIME", "relay")]).await;
    let browser = instances.browser_of("Ann").await;
    // The socket connects to the proxy's address.
    instances.apps[0].origin = instances.origin.clone();
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let ticket = ticket(&browser).await;
        assert!(matches!(ticket.transport, Transport::Relay { .. }));
        let mut socket = Socket::open(&instances.apps[0], &browser, &ticket).await;
        assert_eq!(socket.connected_user().await, Some(ticket.user_id));
        sockets.push(socket);
        // Without this, each socket would reach the same instance.
        browser.open("/account").await;
    }
    let fields = [("name", "Shared"), ("date", "2001-02-03"), ("visibility", "signed-in")];
    assert_eq!(browser.call("/actions/add_birthday", &fields).await.status, 200);
    for socket in &mut sockets {
        assert_eq!(socket.next_event().await.payload()["name"], "Shared");
    }
    instances.assert_both_served();
}
