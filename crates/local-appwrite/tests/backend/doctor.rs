//! `local-appwrite doctor`: its findings and its suggested fixes.

use std::path::Path;

use serde_json::Value;

use crate::binary::{Binary, command};

/// Returns the overall result, and the message of each failed check.
fn examined(folder: &Path, arguments: &[&str]) -> (bool, Vec<(String, String, String)>) {
    let ended = command(folder, &[&["doctor", "--json"], arguments].concat()).output().expect("an end");
    let report: Value = serde_json::from_slice(&ended.stdout).expect("a report");
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("text").to_owned();
    let checks = report["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), 6);
    let failed: Vec<_> = checks
        .iter()
        .filter(|finding| finding["ok"] == false)
        .map(|finding| (text(finding, "check"), text(finding, "result"), text(finding, "fix")))
        .collect();
    assert_eq!(report["ok"], failed.is_empty());
    assert_eq!(ended.status.success(), failed.is_empty());
    assert!(failed.iter().all(|(_, _, fix)| !fix.is_empty()), "{failed:?}");
    (failed.is_empty(), failed)
}

fn fails(folder: &Path, arguments: &[&str], check: &str) {
    let (_, failed) = examined(folder, arguments);
    assert_eq!(failed.iter().map(|(check, _, _)| check.as_str()).collect::<Vec<_>>(), [check], "{failed:?}");
}

#[test]
fn doctor_finds_nothing_before_during_and_after_a_run() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("data");
    assert!(examined(&folder, &[]).0);
    assert!(!folder.exists(), "a doctor leaves nothing behind");
    let mut binary = Binary::start(&folder, &[]);
    let address = binary.endpoint.trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let (is_ok, failed) = examined(&folder, &["--listen", &address]);
    assert!(is_ok, "{failed:?}");
    // On other systems, it could not start on this folder.
    fails(&folder, &[], "lock");
    fails(&folder, &["--listen", &address, "--profile", "1.9"], "profile");
    binary.kill();
    assert!(examined(&folder, &["--listen", &address]).0);
}

#[test]
fn used_or_foreign_address_is_reported() {
    let folder = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    fails(folder.path(), &["--listen", &address], "address");
    fails(folder.path(), &["--listen", "0.0.0.0:9380"], "address");
}

#[test]
fn damaged_database_is_reported() {
    let folder = folder();
    std::fs::write(folder.path().join("local-appwrite.sqlite"), "this is no database, whatever its name says")
        .expect("a file");
    restrict(&folder.path().join("local-appwrite.sqlite"), 0o600);
    fails(folder.path(), &[], "database");
}

#[cfg(unix)]
#[test]
fn file_readable_by_others_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let key = folder.path().join("api-key");
    std::fs::write(&key, "key").expect("a file");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    fails(folder.path(), &[], "data folder");
}

#[test]
fn report_names_the_fix() {
    let folder = folder();
    let ended = command(folder.path(), &["doctor", "--listen", "0.0.0.0:9380"]).output().expect("an end");
    let table = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(!ended.status.success());
    assert!(table.contains("ok     data folder") && table.contains("ERROR  address"), "{table}");
    assert!(table.contains("fix:         use --listen 127.0.0.1:9380"), "{table}");
}

/// A folder in the state in which a backend leaves it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    restrict(folder.path(), 0o700);
    folder
}

fn restrict(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
}
