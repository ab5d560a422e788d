//! The program `create-table`, run as a person runs it.
#![cfg(feature = "ssr")]

#[expect(dead_code, reason = "the tests of the client use more of it")]
#[path = "../../crates/appwrite-client/tests/client/upstream.rs"]
mod upstream;

use std::{
    collections::HashMap,
    process::Output,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::process::Command;

use upstream::{Answer, Received, Upstream};

async fn run(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_create-table"));
    command.env_clear().envs(variables.iter().copied());
    command.output().await.expect("the program starts")
}

async fn run_against(upstream: &Upstream, more: &[(&str, &str)]) -> Output {
    let endpoint = upstream.endpoint().to_string();
    let variables =
        [("APPWRITE_ENDPOINT", endpoint.as_str()), ("APPWRITE_PROJECT_ID", "demo"), ("APPWRITE_API_KEY", "weak_key")];
    run(&[&variables[..], more].concat()).await
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Answers as Appwrite does: things exist once they were created, columns are available after some looks.
fn appwrite(looks: usize, legacy: bool, row_security: bool) -> impl Fn(&Received) -> Answer + Send + Sync + 'static {
    let created: Mutex<HashMap<String, Vec<String>>> = Mutex::default();
    let looked = AtomicUsize::new(0);
    move |request| {
        let (service, columns) = if legacy { ("/databases", "attributes") } else { ("/tablesdb", "columns") };
        let path = request.path.trim_start_matches("/v1");
        if !path.starts_with(service) {
            return Answer::unknown_route();
        }
        if request.method == "GET" && path.ends_with(columns) {
            let ready = looked.fetch_add(1, Ordering::SeqCst) >= looks;
            let status = if ready { "available" } else { "processing" };
            let created = created.lock().expect("what was created");
            let keys = created.iter().filter(|(path, _)| path.contains(columns)).flat_map(|(_, keys)| keys);
            let list: Vec<_> = keys.map(|key| json!({ "key": key, "status": status })).collect();
            return Answer::json(200, json!({ "total": list.len(), columns: list }));
        }
        if request.method == "GET" {
            let key = if legacy { "documentSecurity" } else { "rowSecurity" };
            return Answer::json(200, json!({ "$id": "birthdays", key: row_security }));
        }
        let body = request.json();
        let name = ["databaseId", "tableId", "collectionId", "key"].into_iter().find_map(|key| body[key].as_str());
        let name = name.expect("a name").to_owned();
        let mut created = created.lock().expect("what was created");
        let there = created.entry(path.to_owned()).or_default();
        if there.contains(&name) {
            return Answer::error(409, "column_already_exists", "there already");
        }
        there.push(name);
        Answer::json(if path.contains(columns) { 202 } else { 201 }, json!({}))
    }
}

#[tokio::test]
async fn it_creates_the_database_the_table_and_its_columns_and_waits_for_them() {
    let upstream = Upstream::start(appwrite(2, false, true)).await;
    let output = run_against(&upstream, &[("APPWRITE_SETUP_KEY", "strong_key")]).await;
    assert!(output.status.success(), "{}", err(&output));
    let said = out(&output);
    for sentence in [
        "database main has been created",
        "table birthdays has been created",
        "column note has been created",
        "The table is ready",
    ] {
        assert!(said.contains(sentence), "{said}");
    }
    let received = upstream.received();
    assert!(received.iter().all(|request| request.credentials() == ["strong_key"]), "the setup key, not the app's");
    let posts: Vec<(String, Value)> = received
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| (request.path.trim_start_matches("/v1").to_owned(), request.json()))
        .collect();
    let columns = "/tablesdb/main/tables/birthdays/columns";
    assert_eq!(
        posts,
        [
            ("/tablesdb".into(), json!({ "databaseId": "main", "name": "main" })),
            (
                "/tablesdb/main/tables".into(),
                json!({
                    "tableId": "birthdays", "name": "birthdays", "rowSecurity": true,
                    "permissions": ["create(\"users\")"],
                }),
            ),
            (format!("{columns}/string"), json!({ "key": "name", "size": 128, "required": true })),
            (format!("{columns}/datetime"), json!({ "key": "birthday", "required": true })),
            (format!("{columns}/string"), json!({ "key": "note", "size": 64, "required": false })),
        ]
    );
}

#[tokio::test]
async fn a_second_run_finds_everything_there() {
    let upstream = Upstream::start(appwrite(0, false, true)).await;
    assert!(run_against(&upstream, &[]).await.status.success());
    let output = run_against(&upstream, &[]).await;
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(out(&output).matches("was there already").count(), 5, "{}", out(&output));
}

#[tokio::test]
async fn a_server_before_1_8_gets_a_collection_with_attributes() {
    let upstream = Upstream::start(appwrite(0, true, true)).await;
    let output = run_against(&upstream, &[("APPWRITE_TABLE_ID", "people")]).await;
    assert!(output.status.success(), "{}", err(&output));
    let received = upstream.received();
    let table = received.iter().find(|request| request.path == "/v1/databases/main/collections").expect("a collection");
    assert_eq!(table.json()["collectionId"], "people");
    assert_eq!(table.json()["documentSecurity"], true);
    assert!(received.iter().any(|request| request.path.ends_with("/collections/people/attributes/datetime")));
}

#[tokio::test]
async fn a_table_without_row_security_is_not_good_enough() {
    let upstream = Upstream::start(appwrite(0, false, false)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    assert!(err(&output).contains("switch row security on"), "{}", err(&output));
}

#[tokio::test]
async fn a_key_without_the_scopes_is_told_what_it_lacks() {
    let missing = "app.demo@service (role: applications) missing scopes ([\"databases.write\"])";
    let upstream = Upstream::always(Answer::error(401, "general_unauthorized_scope", missing)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    let told = err(&output);
    assert!(told.contains("databases.write") && told.contains("APPWRITE_SETUP_KEY"), "{told}");
    assert!(!told.contains("weak_key"), "{told}");
}

#[tokio::test]
async fn an_endpoint_that_is_not_appwrite_is_told_as_such() {
    let upstream = Upstream::always(Answer::html(200)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    let upstream = Upstream::always(Answer::html(503)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(err(&output).contains("APPWRITE_ENDPOINT"), "{}", err(&output));
}

#[tokio::test]
async fn a_column_that_appwrite_could_not_make_ends_the_waiting() {
    let whole = appwrite(0, false, true);
    let upstream = Upstream::start(move |request| match request.method.as_str() {
        "GET" if request.path.ends_with("/columns") => {
            Answer::json(200, json!({ "columns": [{ "key": "birthday", "status": "failed" }] }))
        }
        _ => whole(request),
    })
    .await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    assert!(err(&output).contains("column birthday"), "{}", err(&output));
}

#[tokio::test]
async fn without_an_appwrite_it_says_what_to_set() {
    let output = run(&[]).await;
    assert!(!output.status.success());
    assert!(err(&output).contains("set APPWRITE_ENDPOINT"), "{}", err(&output));
    let output = run(&[("APPWRITE_PROJECT_ID", "demo")]).await;
    assert!(err(&output).contains("APPWRITE_ENDPOINT is missing"), "{}", err(&output));
}

#[tokio::test]
async fn the_app_s_own_settings_do_not_stand_in_its_way() {
    let upstream = Upstream::start(appwrite(0, false, true)).await;
    let output = run_against(&upstream, &[("LEPTOS_ENV", "PROD"), ("LOCAL_APPWRITE", "yes")]).await;
    assert!(output.status.success(), "{}", err(&output));
}

#[tokio::test]
async fn a_proxy_for_the_outside_does_not_stand_between_two_programs_of_one_machine() {
    let upstream = Upstream::start(appwrite(0, false, true)).await;
    let proxy = Upstream::always(Answer::html(502)).await;
    let address = proxy.endpoint().to_string();
    let output =
        run_against(&upstream, &[("HTTP_PROXY", &address), ("http_proxy", &address), ("ALL_PROXY", &address)]).await;
    assert!(output.status.success(), "{}", err(&output));
    assert!(proxy.received().is_empty());
}

#[tokio::test]
async fn the_scopes_that_the_example_file_names_are_enough_for_the_local_backend() {
    let example = include_str!("../../.env.example");
    let (_, named) = example.split_once("a key with the scopes").expect("the scopes of the setup key");
    let (named, _) = named.split_once(". Default").expect("the end of their list");
    let scopes: Vec<_> = named.split([' ', ',', '#', '\n']).filter(|word| word.contains('.')).collect();
    assert_eq!(scopes.len(), 6, "{scopes:?}");

    let data = tempfile::tempdir().expect("a folder");
    let mut settings = local_appwrite::Settings::new(data.path());
    settings.seed = false;
    settings.api_keys = vec![format!("setup_key={}", scopes.join(",")).parse().expect("a key")];
    let local = local_appwrite::start(settings).await.expect("a backend");
    let variables = [
        ("APPWRITE_ENDPOINT", local.endpoint().as_str()),
        ("APPWRITE_PROJECT_ID", local.project_id()),
        ("APPWRITE_SETUP_KEY", "setup_key"),
        ("APPWRITE_DATABASE_ID", "app"),
        ("APPWRITE_TABLE_ID", "people"),
    ];
    for (run_number, said) in [(1, "has been created"), (2, "was there already")] {
        let output = run(&variables).await;
        assert!(output.status.success(), "run {run_number}: {}", err(&output));
        assert_eq!(out(&output).matches(said).count(), 5, "{}", out(&output));
    }
    local.shutdown().await;
}
