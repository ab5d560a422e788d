//! Account data that the pages receive, and data that they must not.

use crate::logs;
use crate::running::App;

#[tokio::test]
async fn session_secret_appears_only_in_its_cookie() {
    let app = App::start().await;
    let browser = app.browser_of("Ann").await;
    let secret = browser.cookie("session").expect("a session");
    // Appwrite's secret is base64 of JSON. Leaking a part of it would be as bad.
    let pieces = [secret.trim_end_matches('='), &secret[secret.len() / 2..secret.len() - 4]];
    for path in ["/", "/account", "/birthdays", "/nowhere", "/api/user"] {
        let answer = browser.open(path).await;
        let headers = format!("{:?}", answer.headers);
        for piece in pieces {
            assert!(!answer.body.contains(piece), "the secret is in the body of {path}");
            assert!(!headers.contains(piece), "the secret is in the headers of {path}");
        }
    }
    for action in ["/actions/current_person", "/actions/list_birthdays", "/actions/realtime_ticket"] {
        let answer = browser.call(action, &[]).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        assert!(pieces.iter().all(|piece| !answer.body.contains(piece)), "the secret is in the answer of {action}");
    }
    browser.post_form("/actions/sign_out", &[]).await;
    let logs = logs::so_far();
    assert!(logs.contains("/actions/sign_out"), "the log was kept");
    assert!(pieces.iter().all(|piece| !logs.contains(piece)), "the secret is in the log");
    assert!(!logs.contains("Correct-horse-1"), "a password is in the log");
}

#[tokio::test]
async fn log_lines_have_a_request_id_that_clients_cannot_choose() {
    let app = App::start().await;
    let browser = app.browser();
    let request = browser.request(reqwest::Method::GET, "/nowhere-at-all?token=hush-hush");
    let answer = browser.send(request.header("x-request-id", "forged-by-me")).await;
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty() && id != "forged-by-me");
    let logs = logs::so_far();
    let lines: Vec<_> = logs.lines().filter(|line| line.contains("/nowhere-at-all")).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.contains(&id)), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("hush-hush")), "a query is in the log: {lines:#?}");
}
