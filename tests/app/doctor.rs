//! The command `doctor`, in front of the local backend.

use axum::routing::get;
use axum::{Json, Router};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use leptos_appwrite::doctor::{Finding, Status, examine};
use leptos_birthdays::site::SITE;
use local_appwrite::{ApiKey, KeyScopes};
use serde_json::json;
use tokio::process::Command;

use crate::running::App;
use crate::stand_in::appwrite_with;

const KEY: &str = "a-key-of-the-app";

/// The variables with which the program uses the app's backend and `KEY`.
fn environment(app: &App, more: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let own = [
        ("APPWRITE_ENDPOINT", app.backend_endpoint()),
        ("APPWRITE_PROJECT_ID", app.project_id()),
        ("APPWRITE_API_KEY", KEY.into()),
    ];
    own.into_iter().chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
}

async fn examined(app: &App, more: &[(&'static str, &'static str)]) -> Vec<Finding> {
    let environment = environment(app, more);
    let lookup = |name: &str| Some(environment.iter().rev().find(|(known, _)| *known == name)?.1.clone());
    examine(&SITE, lookup).await
}

async fn with_scopes(scopes: KeyScopes) -> App {
    App::start_in_front_of_local(&[], |settings| settings.api_keys = vec![ApiKey { secret: KEY.into(), scopes }]).await
}

/// The findings that are not ok: name, state, result.
fn failed(findings: &[Finding]) -> Vec<(&str, Status, &str)> {
    let failed = findings.iter().filter(|finding| finding.status != Status::Ok);
    failed.map(|finding| (finding.check.as_str(), finding.status, finding.result.as_str())).collect()
}

#[tokio::test]
async fn correct_setup_has_no_findings() {
    let app = with_scopes(KeyScopes::All).await;
    let findings = examined(&app, &[]).await;
    assert_eq!(failed(&findings), []);
    let checks: Vec<_> = findings.iter().map(|finding| finding.check.as_str()).collect();
    for check in
        ["Appwrite", "clock", "API key", "scope users.write", "platform", "email", "Realtime", "table birthdays"]
    {
        assert!(checks.contains(&check), "{check} is not among {checks:?}");
    }
}

#[tokio::test]
async fn unknown_key_project_and_server_are_distinguished() {
    let app = with_scopes(KeyScopes::All).await;
    for (variable, check) in [
        (("APPWRITE_API_KEY", "a-key-of-nobody"), "API key"),
        (("APPWRITE_PROJECT_ID", "nothing"), "project"),
        (("APPWRITE_ENDPOINT", "http://127.0.0.1:9/v1"), "Appwrite"),
        (("APPWRITE_ENDPOINT", "http://appwrite.example/v1"), "configuration"),
    ] {
        let findings = examined(&app, &[variable]).await;
        let [(failed, Status::Error, _)] = failed(&findings)[..] else { panic!("{variable:?}: {findings:#?}") };
        assert_eq!(failed, check);
        assert!(findings.iter().all(|finding| !finding.result.contains("a-key-of-nobody")), "{findings:#?}");
    }
}

#[tokio::test]
async fn missing_scopes_are_named() {
    let app = with_scopes(KeyScopes::Only(vec!["sessions.write".into(), "users.read".into()])).await;
    let findings = examined(&app, &[]).await;
    let failed = failed(&findings);
    let status = |check: &str| failed.iter().find(|(failed, _, _)| *failed == check).map(|(_, status, _)| *status);
    assert_eq!(status("scope users.write"), Some(Status::Error));
    assert_eq!(status("scope rows.write"), Some(Status::Warning));
    assert_eq!(status("table birthdays"), Some(Status::Unknown), "the key cannot look at columns");
    assert_eq!((status("scope users.read"), status("API key")), (None, None));
    let whole = examined(&app, &[("APPWRITE_SETUP_KEY", "a-key-that-creates-tables")]).await;
    assert!(whole.iter().any(|finding| finding.check == "table birthdays" && finding.status == Status::Ok));
}

#[tokio::test]
async fn missing_table_is_found_with_and_without_scopes() {
    let database = ("APPWRITE_DATABASE_ID", "elsewhere");
    for scopes in [KeyScopes::All, KeyScopes::Only(vec!["sessions.write".into()])] {
        let app = with_scopes(scopes).await;
        let findings = examined(&app, &[database]).await;
        let table = findings.iter().find(|finding| finding.check == "table birthdays").expect("a finding");
        assert_eq!(table.status, Status::Error, "{table:?}");
        assert!(table.fix.contains("create-tables"), "{table:?}");
    }
}

#[tokio::test]
async fn unregistered_host_and_missing_mail_server_are_found() {
    let app = App::start_in_front_of_local(&[], |settings| {
        settings.api_keys = vec![ApiKey { secret: KEY.into(), scopes: KeyScopes::All }];
        settings.smtp = false;
    })
    .await;
    let findings = examined(&app, &[("APP_ORIGIN", "https://app.example"), ("OAUTH_PROVIDERS", "github")]).await;
    let failed: Vec<_> = failed(&findings).into_iter().map(|(check, status, _)| (check, status)).collect();
    assert!(failed.contains(&("platform", Status::Error)), "{findings:#?}");
    assert!(failed.contains(&("email", Status::Error)), "{findings:#?}");
}

#[tokio::test]
async fn clock_five_seconds_off_is_a_warning() {
    let app = with_scopes(KeyScopes::All).await;
    for (seconds, words) in [(-120, "ahead of"), (120, "behind"), (3, "")] {
        let answer = move || async move {
            let time = Timestamp::now() + SignedDuration::from_secs(seconds);
            let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&time).expect("a date");
            ([("date", date)], Json(json!({ "version": "1.9.6" })))
        };
        let endpoint = appwrite_with(Router::new().route("/health/version", get(answer))).await;
        let findings = examined(&app, &[("APPWRITE_ENDPOINT", endpoint.leak())]).await;
        let clock = findings.iter().find(|finding| finding.check == "clock").expect("a finding");
        let expected = if words.is_empty() { Status::Ok } else { Status::Warning };
        assert_eq!(clock.status, expected, "{clock:?}");
        assert!(clock.result.contains(words), "{clock:?}");
    }
}

#[tokio::test]
async fn doctor_exits_with_a_status_and_prints_json() {
    let app = with_scopes(KeyScopes::All).await;
    let run = async |arguments: &[&str], more: &[(&'static str, &'static str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leptos-birthdays"));
        command.args(arguments).env_clear().envs(environment(&app, more));
        command.output().await.expect("the program starts")
    };
    let good = run(&["doctor"], &[]).await;
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
    assert!(String::from_utf8_lossy(&good.stdout).contains("0 failed"));
    let bad = run(&["doctor", "--json"], &[("APPWRITE_API_KEY", "a-key-of-nobody")]).await;
    assert!(!bad.status.success());
    let findings: serde_json::Value = serde_json::from_slice(&bad.stdout).expect("JSON");
    let key = findings.as_array().expect("a list").iter().find(|finding| finding["check"] == "API key");
    assert_eq!(key.expect("a finding")["status"], "error");
    assert!(!run(&["doctor", "--xml"], &[]).await.status.success());
}
