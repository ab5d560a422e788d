//! A full disk, a folder that cannot be written, and more concurrent sign-ups than the memory is meant for.

use std::path::Path;

use reqwest::Method;
use serde_json::json;

use crate::{
    binary::{Binary, command},
    client::{PASSWORD, answer, http},
};

/// No file can grow beyond a mebibyte, as on a full disk.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn full_disk_loses_no_acknowledged_write() {
    const ROWS: &str = "/tablesdb/main/tables/notes/rows";
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = 0;
    {
        let mut binary = Binary::start_limited(folder.path(), 1024);
        let database = json!({"databaseId": "main", "name": "Main"});
        binary.ask(Method::POST, "/tablesdb", Some(database)).await.expect(201);
        let table = json!({"tableId": "notes", "name": "Notes", "columns": []});
        binary.ask(Method::POST, "/tablesdb/main/tables", Some(table)).await.expect(201);
        let column = json!({"key": "text", "required": true});
        binary.ask(Method::POST, "/tablesdb/main/tables/notes/columns/longtext", Some(column)).await.expect(202);
        let text = "x".repeat(100_000);
        let refused = loop {
            let row = json!({"rowId": format!("r{acknowledged}"), "data": {"text": text}});
            let answer = binary.ask(Method::POST, ROWS, Some(row)).await;
            if answer.status != 201 {
                break answer;
            }
            acknowledged += 1;
            assert!(acknowledged < 100, "the limit has no effect");
        };
        assert_eq!(refused.error(), (500, "general_unknown".to_owned()));
        let message = refused.body()["message"].as_str().expect("a message").to_owned();
        assert!(message.starts_with("local-appwrite cannot write"), "{message}");
        assert_eq!(refused.body()["version"], "2.7.1");
        // Requests that write nothing still succeed.
        assert_eq!(binary.ask(Method::GET, ROWS, None).await.expect(200)["total"], acknowledged);
        binary.kill();
    }
    assert!(acknowledged > 0);
    let binary = Binary::start(folder.path(), &[]);
    assert_eq!(binary.ask(Method::GET, ROWS, None).await.expect(200)["total"], acknowledged);
    let row = json!({"rowId": "more", "data": {"text": "there is room again"}});
    binary.ask(Method::POST, ROWS, Some(row)).await.expect(201);
}

fn refusal(folder: &Path) -> String {
    let ended = command(folder, &[]).output().expect("an end");
    assert!(!ended.status.success());
    String::from_utf8_lossy(&ended.stderr).into_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn folder_that_cannot_be_written_is_named() {
    // Even root cannot create a folder in /proc.
    let error = refusal(Path::new("/proc/local-appwrite"));
    assert!(error.contains("cannot write /proc/local-appwrite") && error.contains("--data"), "{error}");
    assert!(!error.contains("panicked"), "{error}");
}

#[cfg(unix)]
#[test]
fn readable_folder_with_other_files_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("package.json"), "{}").expect("a file");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let error = refusal(folder.path());
    assert!(error.contains("chmod 700"), "{error}");
    assert!(!folder.path().join("api-key").exists());
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundred_concurrent_sign_ups_stay_within_the_memory_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = Binary::start(folder.path(), &[]);
    let (http, key) = (http(), binary.key());
    let sign_ups: Vec<_> = (0..100)
        .map(|count| {
            let user =
                json!({"userId": format!("u{count}"), "email": format!("u{count}@example.com"), "password": PASSWORD});
            let request = http
                .post(format!("{}/account", binary.endpoint))
                .header("x-appwrite-project", "demo")
                .header("x-appwrite-key", &key)
                .json(&user);
            tokio::spawn(answer(request))
        })
        .collect();
    for sign_up in sign_ups {
        sign_up.await.expect("no panic").expect(201);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    // 19 MiB for each hash, one hash for each core, and room for the program itself.
    let most = (cores * 20 + 80) * 1024;
    let peak = binary.peak_memory();
    assert!(peak < most, "{peak} KiB of {most}");
}
