//! The command `create-tables`, run as a process.
#![cfg(all(feature = "ssr", feature = "local-appwrite"))]

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
    run_program(&[], variables).await
}

async fn run_program(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leptos-birthdays"));
    command.arg("create-tables").args(arguments).env_clear().envs(variables.iter().copied());
    command.output().await.expect("the program starts")
}

async fn run_against(upstream: &Upstream, more: &[(&str, &str)]) -> Output {
    run_with(upstream, &[], more).await
}

async fn run_with(upstream: &Upstream, arguments: &[&str], more: &[(&str, &str)]) -> Output {
    let endpoint = upstream.endpoint().to_string();
    let variables =
        [("APPWRITE_ENDPOINT", endpoint.as_str()), ("APPWRITE_PROJECT_ID", "demo"), ("APPWRITE_API_KEY", "weak_key")];
    run_program(arguments, &[&variables[..], more].concat()).await
}

/// Creates a resource like a user in the console.
async fn post(upstream: &Upstream, path: &str, body: &Value) {
    let request = reqwest::Client::new().post(format!("{}{path}", upstream.endpoint())).json(body);
    assert!(request.send().await.expect("an answer").status().is_success(), "{path}");
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The created resources by request path.
type Created = HashMap<String, Vec<Value>>;

fn id_of(created: &Value) -> &str {
    ["databaseId", "tableId", "collectionId", "key"].into_iter().find_map(|key| created[key].as_str()).expect("an id")
}

fn found<'a>(created: &'a Created, path: &str) -> Option<&'a Value> {
    let (list, id) = path.rsplit_once('/')?;
    created.get(list)?.iter().find(|one| id_of(one) == id)
}

/// Responds like Appwrite: resources exist after their creation, and columns become available after `looks` requests.
fn appwrite(looks: usize, legacy: bool) -> impl Fn(&Received) -> Answer + Send + Sync + 'static {
    let created: Mutex<Created> = Mutex::default();
    let looked = AtomicUsize::new(0);
    move |request| {
        let (service, columns) = if legacy { ("/databases", "attributes") } else { ("/tablesdb", "columns") };
        let path = request.path.trim_start_matches("/v1").to_owned();
        if !path.starts_with(service) {
            return Answer::unknown_route();
        }
        let mut created = created.lock().expect("what was created");
        if request.method == "GET" && (path.ends_with(columns) || path.ends_with("indexes")) {
            let ready = looked.fetch_add(1, Ordering::SeqCst) >= looks;
            let status = if ready { "available" } else { "processing" };
            let below = created.iter().filter(|(list, _)| list.starts_with(&path));
            let kind = |list: &str| list.rsplit('/').next().unwrap_or_default().to_owned();
            let list: Vec<_> = below
                .flat_map(|(list, all)| all.iter().map(move |one| (kind(list), one)))
                .map(|(kind, one)| {
                    json!({ "key": one["key"], "type": kind, "size": one["size"], "required": one["required"], "status": status })
                })
                .collect();
            let name = path.rsplit('/').next().unwrap_or_default();
            return Answer::json(200, json!({ "total": list.len(), name: list }));
        }
        if request.method == "GET" {
            return match found(&created, &path) {
                Some(one) => {
                    let mut one = one.clone();
                    one["$permissions"] = one["permissions"].clone();
                    Answer::json(200, one)
                }
                None => Answer::error(404, "not_found", "not there"),
            };
        }
        let body = request.json();
        if request.method == "PUT" {
            let (list, id) = path.rsplit_once('/').expect("a path");
            let all = created.get_mut(list).expect("what is changed");
            let one = all.iter_mut().find(|one| id_of(one) == id).expect("what is changed");
            for (name, value) in body.as_object().expect("a body") {
                one[name] = value.clone();
            }
            return Answer::json(200, json!({}));
        }
        let there = created.entry(path.clone()).or_default();
        if there.iter().any(|one| id_of(one) == id_of(&body)) {
            return Answer::error(409, "column_already_exists", "there already");
        }
        there.push(body);
        Answer::json(if path.contains(columns) { 202 } else { 201 }, json!({}))
    }
}

fn changes(upstream: &Upstream) -> Vec<(String, Value)> {
    let received = upstream.received();
    let changes = received.iter().filter(|request| request.method != "GET");
    changes.map(|request| (request.path.trim_start_matches("/v1").to_owned(), request.json())).collect()
}

#[tokio::test]
async fn database_tables_and_columns_are_created() {
    let upstream = Upstream::start(appwrite(2, false)).await;
    let output = run_against(&upstream, &[("APPWRITE_SETUP_KEY", "strong_key")]).await;
    assert!(output.status.success(), "{}", err(&output));
    let said = out(&output);
    for part in
        ["database", "table birthdays", "column name of the table birthdays", "index by_name of the table birthdays"]
    {
        let (plan, done) = (format!("The {part} will be created."), format!("The {part} has been created."));
        let (plan, done) = (said.find(&plan).expect(&plan), said.find(&done).expect(&done));
        assert!(plan < done, "{said}");
    }
    assert!(said.contains("The tables are ready"), "{said}");
    assert!(upstream.received().iter().all(|request| request.credentials() == ["strong_key"]), "the setup key");
    let table = "/tablesdb/main/tables/birthdays";
    assert_eq!(
        changes(&upstream),
        [
            ("/tablesdb".into(), json!({ "databaseId": "main", "name": "main" })),
            (
                "/tablesdb/main/tables".into(),
                json!({
                    "tableId": "birthdays", "name": "Birthdays", "rowSecurity": true,
                    "permissions": ["create(\"users\")"],
                }),
            ),
            (format!("{table}/columns/string"), json!({ "key": "name", "size": 128, "required": true })),
            (format!("{table}/columns/datetime"), json!({ "key": "birthday", "required": true })),
            (format!("{table}/columns/string"), json!({ "key": "added_by", "size": 128, "required": false })),
            (format!("{table}/indexes"), json!({ "key": "by_name", "type": "key", "columns": ["name"] })),
        ]
    );
}

#[tokio::test]
async fn second_run_changes_nothing() {
    let upstream = Upstream::start(appwrite(0, false)).await;
    assert!(run_against(&upstream, &[]).await.status.success());
    let first = changes(&upstream).len();
    let output = run_against(&upstream, &[]).await;
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(out(&output).matches("was there already").count(), 6, "{}", out(&output));
    assert_eq!(changes(&upstream).len(), first, "nothing was changed");
}

#[tokio::test]
async fn dry_run_prints_changes_and_makes_none() {
    let upstream = Upstream::start(appwrite(0, false)).await;
    let output = run_with(&upstream, &["--dry-run"], &[]).await;
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(out(&output).matches("will be created").count(), 6, "{}", out(&output));
    assert!(out(&output).contains("Nothing was changed"), "{}", out(&output));
    assert_eq!(changes(&upstream), []);
    let output = run_with(&upstream, &["--dryrun"], &[]).await;
    assert!(!output.status.success() && err(&output).contains("--dry-run"), "{}", err(&output));
    assert_eq!(changes(&upstream), []);
}

#[tokio::test]
async fn different_permissions_and_row_security_are_updated() {
    let upstream = Upstream::start(appwrite(0, false)).await;
    let open =
        json!({ "tableId": "birthdays", "name": "Birthdays", "rowSecurity": false, "permissions": ["read(\"any\")"] });
    post(&upstream, "/tablesdb", &json!({ "databaseId": "main", "name": "main" })).await;
    post(&upstream, "/tablesdb/main/tables", &open).await;
    let prepared = changes(&upstream).len();
    let output = run_against(&upstream, &[]).await;
    assert!(output.status.success(), "{}", err(&output));
    let how = "permissions create(\"users\") instead of read(\"any\"); row security on";
    for said in [format!("birthdays will be changed: {how}."), format!("birthdays has been changed: {how}.")] {
        assert!(out(&output).contains(&said), "{}", out(&output));
    }
    let changed = json!({ "name": "Birthdays", "permissions": ["create(\"users\")"], "rowSecurity": true });
    assert_eq!(changes(&upstream)[prepared], ("/tablesdb/main/tables/birthdays".into(), changed));
}

#[tokio::test]
async fn incompatible_column_is_refused_before_any_change() {
    for (path, column, what) in [
        ("integer", json!({ "key": "name", "required": true }), "is of type integer and should be string"),
        ("string", json!({ "key": "name", "size": 8, "required": true }), "takes 8 characters and should take 128"),
    ] {
        let upstream = Upstream::start(appwrite(0, false)).await;
        post(&upstream, "/tablesdb", &json!({ "databaseId": "main", "name": "main" })).await;
        let table = json!({ "tableId": "birthdays", "name": "x", "rowSecurity": true, "permissions": [] });
        post(&upstream, "/tablesdb/main/tables", &table).await;
        post(&upstream, &format!("/tablesdb/main/tables/birthdays/columns/{path}"), &column).await;
        let prepared = changes(&upstream).len();
        let output = run_against(&upstream, &[]).await;
        assert!(!output.status.success());
        assert!(err(&output).contains(&format!("column name of the table birthdays {what}")), "{}", err(&output));
        assert_eq!(changes(&upstream).len(), prepared);
    }
}

#[tokio::test]
async fn server_before_1_8_gets_a_collection_with_attributes() {
    let upstream = Upstream::start(appwrite(0, true)).await;
    let output = run_against(&upstream, &[("APPWRITE_DATABASE_ID", "family")]).await;
    assert!(output.status.success(), "{}", err(&output));
    let changes = changes(&upstream);
    let of = |path: &str| changes.iter().find(|(changed, _)| changed == path).map(|(_, body)| body).expect("a change");
    let table = of("/databases/family/collections");
    assert_eq!((&table["collectionId"], &table["documentSecurity"]), (&json!("birthdays"), &json!(true)));
    of("/databases/family/collections/birthdays/attributes/datetime");
    assert_eq!(of("/databases/family/collections/birthdays/indexes")["attributes"], json!(["name"]));
}

#[tokio::test]
async fn missing_scopes_of_the_key_are_named() {
    let missing = "app.demo@service (role: applications) missing scopes ([\"databases.write\"])";
    let upstream = Upstream::always(Answer::error(401, "general_unauthorized_scope", missing)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    let error = err(&output);
    assert!(error.contains("databases.write") && error.contains("APPWRITE_SETUP_KEY"), "{error}");
    assert!(!error.contains("weak_key"), "{error}");
}

#[tokio::test]
async fn endpoint_without_appwrite_is_reported() {
    let upstream = Upstream::always(Answer::html(200)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    let upstream = Upstream::always(Answer::html(503)).await;
    let output = run_against(&upstream, &[]).await;
    assert!(err(&output).contains("APPWRITE_ENDPOINT"), "{}", err(&output));
}

#[tokio::test]
async fn column_that_appwrite_fails_to_create_stops_the_command() {
    let whole = appwrite(0, false);
    let upstream = Upstream::start(move |request| match request.method.as_str() {
        "GET" if request.path.ends_with("/columns") => {
            Answer::json(200, json!({ "columns": [{ "key": "birthday", "type": "datetime", "status": "failed" }] }))
        }
        _ => whole(request),
    })
    .await;
    let output = run_against(&upstream, &[]).await;
    assert!(!output.status.success());
    assert!(err(&output).contains("column birthday"), "{}", err(&output));
}

#[tokio::test]
async fn missing_settings_are_named() {
    let output = run(&[]).await;
    assert!(!output.status.success());
    assert!(err(&output).contains("set APPWRITE_ENDPOINT"), "{}", err(&output));
    let output = run(&[("APPWRITE_PROJECT_ID", "demo")]).await;
    assert!(err(&output).contains("APPWRITE_ENDPOINT is missing"), "{}", err(&output));
}

#[tokio::test]
async fn settings_of_the_app_are_ignored() {
    let upstream = Upstream::start(appwrite(0, false)).await;
    let output = run_against(&upstream, &[("LEPTOS_ENV", "PROD"), ("LOCAL_APPWRITE", "yes")]).await;
    assert!(output.status.success(), "{}", err(&output));
}

#[tokio::test]
async fn http_proxy_is_not_used_for_localhost() {
    let upstream = Upstream::start(appwrite(0, false)).await;
    let proxy = Upstream::always(Answer::html(502)).await;
    let address = proxy.endpoint().to_string();
    let output =
        run_against(&upstream, &[("HTTP_PROXY", &address), ("http_proxy", &address), ("ALL_PROXY", &address)]).await;
    assert!(output.status.success(), "{}", err(&output));
    assert!(proxy.received().is_empty());
}

#[tokio::test]
async fn scopes_in_env_example_suffice_for_local_backend() {
    let example = include_str!("../../.env.example");
    let (_, named) = example.split_once("a key with the scopes").expect("the scopes of the setup key");
    let (named, _) = named.split_once(". Default").expect("the end of their list");
    let scopes: Vec<_> = named.split([' ', ',', '#', '\n']).filter(|word| word.contains('.')).collect();
    assert_eq!(scopes.len(), 8, "{scopes:?}");

    let data = tempfile::tempdir().expect("a folder");
    let mut settings = local_appwrite::Settings::new(data.path());
    settings.api_keys = vec![format!("setup_key={}", scopes.join(",")).parse().expect("a key")];
    let local = local_appwrite::start(settings).await.expect("a backend");
    let variables = [
        ("APPWRITE_ENDPOINT", local.endpoint().as_str()),
        ("APPWRITE_PROJECT_ID", local.project_id()),
        ("APPWRITE_SETUP_KEY", "setup_key"),
        ("APPWRITE_DATABASE_ID", "app"),
    ];
    for (run_number, said) in [(1, "has been created"), (2, "was there already")] {
        let output = run(&variables).await;
        assert!(output.status.success(), "run {run_number}: {}", err(&output));
        assert_eq!(out(&output).matches(said).count(), 6, "{}", out(&output));
    }
    local.shutdown().await;
}

#[tokio::test]
async fn local_backend_with_printed_tables_needs_no_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = run_program(&["--print"], &[("APPWRITE_DATABASE_ID", "app")]).await;
    assert!(printed.status.success(), "{}", err(&printed));
    let config = folder.path().join("appwrite.config.json");
    std::fs::write(&config, &printed.stdout).expect("a file");

    let mut settings = local_appwrite::Settings::new(folder.path().join("data"));
    settings.config = Some(config);
    settings.api_keys = vec!["key".parse().expect("a key")];
    let local = local_appwrite::start(settings).await.expect("a backend");
    let variables = [
        ("APPWRITE_ENDPOINT", local.endpoint().as_str()),
        ("APPWRITE_PROJECT_ID", local.project_id()),
        ("APPWRITE_API_KEY", "key"),
        ("APPWRITE_DATABASE_ID", "app"),
    ];
    let planned = out(&run_program(&["--dry-run"], &variables).await);
    assert_eq!(planned.lines().count(), 2, "{planned}");
    assert!(planned.ends_with("Nothing was changed (--dry-run).\n"), "{planned}");
    local.shutdown().await;
}
