//! Refused and repeated starts.

use local_appwrite::{Profile, Settings, StartError};

use crate::client::{As, Backend, Person};
use serde_json::json;

#[tokio::test]
async fn address_beyond_loopback_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::new(folder.path());
    settings.listen = "0.0.0.0:0".parse().expect("an address");
    let refused = local_appwrite::start(settings).await.err().expect("a refusal");
    assert!(matches!(refused, StartError::NotLoopback(_)), "{refused}");
}

#[tokio::test]
async fn address_in_use_is_named() {
    let backend = Backend::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::new(folder.path());
    settings.listen = backend.origin().trim_start_matches("http://").parse().expect("an address");
    let refused = local_appwrite::start(settings).await.err().expect("a refusal");
    assert!(matches!(refused, StartError::AddressInUse(_)), "{refused}");
}

#[tokio::test]
async fn restart_keeps_sessions_and_rows() {
    let backend = Backend::start().await;
    let key = backend.key();
    let Person { secret, .. } = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&secret), "/account/jwts", json!({})).await.expect(201);
    let row = json!({"rowId": "kept", "data": {"name": "Kevin", "birthday": "2012-02-03"}});
    backend.post(As::Session(&secret), "/tablesdb/main/tables/birthdays/rows", row).await.expect(201);

    let backend = backend.restart().await;

    assert_eq!(backend.key(), key);
    assert_eq!(backend.get(As::Session(&secret), "/account").await.expect(200)["name"], "Ann");
    let jwt = jwt["jwt"].as_str().expect("a JWT");
    assert_eq!(backend.get(As::Jwt(jwt), "/account").await.expect(200)["name"], "Ann");
    let rows = backend.get(As::Session(&secret), "/tablesdb/main/tables/birthdays/rows").await.expect(200);
    assert_eq!(rows["rows"][0]["$id"], "kept");
}

#[tokio::test]
async fn version_of_every_profile_is_public() {
    for (profile, version) in [
        (Profile::Two, "2.7.1"),
        (Profile::OneNineNext, "1.9.5"),
        (Profile::OneNine, "1.9.6"),
        (Profile::OneFive, "1.5.7"),
    ] {
        let backend = Backend::of(profile).await;
        assert_eq!(backend.get(As::Guest, "/health/version").await.expect(200), json!({"version": version}));
    }
}

#[tokio::test]
async fn older_server_has_documents_and_no_rows() {
    let backend = Backend::of(Profile::OneFive).await;
    let person = backend.sign_up("Ann").await;
    let document = json!({"documentId": "unique()", "data": {"name": "Kevin", "birthday": "2012-02-03"}});
    let path = "/databases/main/collections/birthdays/documents";
    let kept = backend.post(As::Session(&person.secret), path, document).await.expect(201);
    assert_eq!(kept["$collectionId"], "birthdays");
    assert!(kept.get("$sequence").is_none());
    let unknown = backend.get(As::Session(&person.secret), "/tablesdb/main/tables/birthdays/rows").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.header("content-type"), "text/html; charset=UTF-8");
}

#[tokio::test]
async fn endless_request_does_not_block_shutdown() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir().expect("a folder");
    let running = local_appwrite::start(Settings::new(folder.path())).await.expect("a start");
    let address = running.endpoint().socket_addrs(|| None).expect("an address")[0];
    let mut socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let head = "POST /v1/account HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n";
    socket.write_all(head.as_bytes()).await.expect("a request");
    // The response to `Expect` shows that the server waits for the body, which never arrives.
    let mut goes_on = [0; 12];
    socket.read_exact(&mut goes_on).await.expect("an interim answer");
    assert_eq!(&goes_on, b"HTTP/1.1 100");
    tokio::time::timeout(std::time::Duration::from_secs(20), running.shutdown()).await.expect("a stop in time");
    local_appwrite::start(Settings::new(folder.path())).await.expect("a start on the same folder");
}

#[cfg(unix)]
#[tokio::test]
async fn data_folder_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("new/data");
    let running = local_appwrite::start(Settings::new(&folder)).await.expect("a start");
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> =
        std::fs::read_dir(&folder).expect("a list").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.iter().any(|path| path.ends_with("local-appwrite.sqlite")), "{files:?}");
    for path in &files {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    running.shutdown().await;

    // A database of an earlier version, which every user of the machine could read.
    let database = folder.join("local-appwrite.sqlite");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let running = local_appwrite::start(Settings::new(&folder)).await.expect("a second start");
    assert_eq!(mode(&database), 0o600);
    running.shutdown().await;
}
