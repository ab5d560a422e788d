//! The command `doctor`, in front of the local backend.

use axum::routing::get;
use axum::{Json, Router};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use leptos_appwrite::doctor::{Finding, Health, examine};
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
fn ailing(findings: &[Finding]) -> Vec<(&str, Health, &str)> {
    let ailing = findings.iter().filter(|finding| finding.health != Health::Right);
    ailing.map(|finding| (finding.check.as_str(), finding.health, finding.found.as_str())).collect()
}

#[tokio::test]
async fn correct_setup_has_no_findings() {
    let app = with_scopes(KeyScopes::All).await;
    let findings = examined(&app, &[]).await;
    assert_eq!(ailing(&findings), []);
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
        let [(ailing, Health::Wrong, _)] = ailing(&findings)[..] else { panic!("{variable:?}: {findings:#?}") };
        assert_eq!(ailing, check);
        assert!(findings.iter().all(|finding| !finding.found.contains("a-key-of-nobody")), "{findings:#?}");
    }
}

#[tokio::test]
async fn missing_scopes_are_named() {
    let app = with_scopes(KeyScopes::Only(vec!["sessions.write".into(), "users.read".into()])).await;
    let findings = examined(&app, &[]).await;
    let ailing = ailing(&findings);
    let health = |check: &str| ailing.iter().find(|(ailing, _, _)| *ailing == check).map(|(_, health, _)| *health);
    assert_eq!(health("scope users.write"), Some(Health::Wrong));
    assert_eq!(health("scope rows.write"), Some(Health::Warning));
    assert_eq!(health("table birthdays"), Some(Health::Unknown), "the key cannot look at columns");
    assert_eq!((health("scope users.read"), health("API key")), (None, None));
    let whole = examined(&app, &[("APPWRITE_SETUP_KEY", "a-key-that-creates-tables")]).await;
    assert!(whole.iter().any(|finding| finding.check == "table birthdays" && finding.health == Health::Right));
}

#[tokio::test]
async fn missing_table_is_found_with_and_without_scopes() {
    let database = ("APPWRITE_DATABASE_ID", "elsewhere");
    for scopes in [KeyScopes::All, KeyScopes::Only(vec!["sessions.write".into()])] {
        let app = with_scopes(scopes).await;
        let findings = examined(&app, &[database]).await;
        let table = findings.iter().find(|finding| finding.check == "table birthdays").expect("a finding");
        assert_eq!(table.health, Health::Wrong, "{table:?}");
        assert!(table.cure.contains("create-tables"), "{table:?}");
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
    let ailing: Vec<_> = ailing(&findings).into_iter().map(|(check, health, _)| (check, health)).collect();
    assert!(ailing.contains(&("platform", Health::Wrong)), "{findings:#?}");
    assert!(ailing.contains(&("email", Health::Wrong)), "{findings:#?}");
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
        let expected = if words.is_empty() { Health::Right } else { Health::Warning };
        assert_eq!(clock.health, expected, "{clock:?}");
        assert!(clock.found.contains(words), "{clock:?}");
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
    let well = run(&["doctor"], &[]).await;
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stdout));
    assert!(String::from_utf8_lossy(&well.stdout).contains("0 wrong"));
    let ill = run(&["doctor", "--json"], &[("APPWRITE_API_KEY", "a-key-of-nobody")]).await;
    assert!(!ill.status.success());
    let findings: serde_json::Value = serde_json::from_slice(&ill.stdout).expect("JSON");
    let key = findings.as_array().expect("a list").iter().find(|finding| finding["check"] == "API key");
    assert_eq!(key.expect("a finding")["health"], "wrong");
    assert!(!run(&["doctor", "--xml"], &[]).await.status.success());
}
