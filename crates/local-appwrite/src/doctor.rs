//! Checks if the backend could start with these settings and suggests fixes. Changes nothing.

use std::{
    fs::{File, TryLockError},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{
    Settings,
    store::{DATABASE_FILE, SCHEMA, lock::LOCK_FILE, private, secrets::API_KEY_FILE},
};

/// The timeout for a program on the port to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// True if the check passed.
    pub ok: bool,
    /// The result as a text.
    pub result: String,
    /// The suggested fix; empty if the check passed.
    pub fix: String,
}

impl Finding {
    fn ok(check: &'static str, result: impl Into<String>) -> Self {
        Self { check, ok: true, result: result.into(), fix: String::new() }
    }

    fn failed(check: &'static str, result: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, ok: false, result: result.into(), fix: fix.into() }
    }
}

/// Checks everything that a start needs.
#[must_use]
pub fn examine(settings: &Settings) -> Vec<Finding> {
    let running = settings.listen.ip().is_loopback().then(|| version_at(settings.listen)).flatten();
    vec![
        folder(&settings.data),
        lock(&settings.data, running.as_deref()),
        database(&settings.data),
        address(settings.listen, running.as_deref()),
        profile(settings, running.as_deref()),
        key(settings),
    ]
}

fn folder(path: &Path) -> Finding {
    const CHECK: &str = "data folder";
    let shown = path.display();
    if !path.exists() {
        let parent = path.ancestors().skip(1).find(|parent| parent.exists() || parent.as_os_str().is_empty());
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match is_writable(parent) {
            true => Finding::ok(CHECK, format!("{shown} will be made at the first start")),
            false => Finding::failed(
                CHECK,
                format!("{shown} cannot be made in {}", parent.display()),
                "choose another folder with --data",
            ),
        };
    }
    if !path.is_dir() {
        return Finding::failed(CHECK, format!("{shown} is no folder"), "choose another folder with --data");
    }
    if !is_writable(path) {
        return Finding::failed(
            CHECK,
            format!("{shown} cannot be written"),
            format!("run chmod u+rwx {shown}, or choose another folder with --data"),
        );
    }
    let own = private::own_files(path).unwrap_or_default();
    let open =
        std::iter::once(path.to_path_buf()).chain(own).find(|path| private::is_open_to_others(path).unwrap_or(true));
    match open {
        None => Finding::ok(CHECK, format!("{shown} is readable by its owner only")),
        Some(open) => Finding::failed(
            CHECK,
            format!("other users may read {}", open.display()),
            format!("run chmod -R go= {shown}"),
        ),
    }
}

fn is_writable(folder: &Path) -> bool {
    // Tries to write, because the mode does not show a read-only file system.
    let probe = folder.join(format!(".local-appwrite-doctor-{}", std::process::id()));
    let made = File::create_new(&probe).is_ok();
    made && std::fs::remove_file(&probe).is_ok()
}

fn lock(folder: &Path, running: Option<&str>) -> Finding {
    const CHECK: &str = "lock";
    let Ok(file) = File::open(folder.join(LOCK_FILE)) else {
        return Finding::ok(CHECK, "nothing uses the data folder");
    };
    match (file.try_lock(), running) {
        (Ok(()), _) => Finding::ok(CHECK, "nothing uses the data folder"),
        (Err(TryLockError::WouldBlock), Some(_)) => Finding::ok(CHECK, "held by the local-appwrite that is running"),
        (Err(TryLockError::WouldBlock), None) => Finding::failed(
            CHECK,
            "a local-appwrite on another address uses the data folder",
            "stop that one, or choose another folder with --data",
        ),
        (Err(TryLockError::Error(error)), _) => {
            Finding::failed(CHECK, error.to_string(), "choose a folder on a local disk with --data")
        }
    }
}

fn database(folder: &Path) -> Finding {
    const CHECK: &str = "database";
    let path = folder.join(DATABASE_FILE);
    if !path.exists() {
        return Finding::ok(CHECK, "will be made at the first start");
    }
    let fix = format!("move {} away, or bring it back with local-appwrite import FILE --replace", path.display());
    let looked_at = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|database| {
        let verdict: String = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let schema: u32 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok((verdict, schema))
    });
    match looked_at {
        Err(error) => Finding::failed(CHECK, format!("cannot be read: {error}"), fix),
        Ok((verdict, _)) if verdict != "ok" => Finding::failed(CHECK, format!("is damaged: {verdict}"), fix),
        Ok((_, schema)) if schema > SCHEMA => Finding::failed(
            CHECK,
            format!("has schema {schema}, and this version knows only {SCHEMA}"),
            "use a newer local-appwrite, or another folder with --data",
        ),
        Ok((_, schema)) => Finding::ok(CHECK, format!("is sound (schema {schema})")),
    }
}

fn address(listen: SocketAddr, running: Option<&str>) -> Finding {
    const CHECK: &str = "address";
    if !listen.ip().is_loopback() {
        return Finding::failed(CHECK, format!("{listen} is not a loopback address"), "use --listen 127.0.0.1:9380");
    }
    if running.is_some() {
        return Finding::ok(CHECK, format!("a local-appwrite answers on {listen}"));
    }
    match TcpListener::bind(listen) {
        Ok(_) => Finding::ok(CHECK, format!("{listen} is free")),
        Err(error) => Finding::failed(
            CHECK,
            format!("{listen} cannot be used: {error}"),
            "stop the program that listens there, or choose another port with --listen; port 0 takes a free one",
        ),
    }
}

fn profile(settings: &Settings, running: Option<&str>) -> Finding {
    const CHECK: &str = "profile";
    let (name, version) = (settings.profile.name(), settings.profile.version());
    match running.filter(|running| *running != version) {
        None => Finding::ok(CHECK, format!("{name} (answers as Appwrite {version}), project {}", settings.project_id)),
        Some(running) => Finding::failed(
            CHECK,
            format!("{name} answers as {version}, and the running one answers as {running}"),
            format!("start it again with --profile {name}"),
        ),
    }
}

fn key(settings: &Settings) -> Finding {
    const CHECK: &str = "API key";
    let path = settings.data.join(API_KEY_FILE);
    if !settings.api_keys.is_empty() {
        return Finding::ok(CHECK, format!("{} given by --api-key or the environment", settings.api_keys.len()));
    }
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Finding::ok(CHECK, format!("is in {}", path.display())),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Finding::failed(
            CHECK,
            format!("cannot be read: {error}"),
            format!("remove {}; the next start makes another", path.display()),
        ),
        _ => Finding::ok(CHECK, "will be made at the first start"),
    }
}

/// The version of the local-appwrite at this address; `None` if none answers.
fn version_at(address: SocketAddr) -> Option<String> {
    let mut socket = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    socket.set_read_timeout(Some(TIMEOUT)).ok()?;
    write!(socket, "GET /v1/health/version HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    socket.take(64 * 1024).read_to_string(&mut answer).ok()?;
    let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
    body["version"].as_str().map(str::to_owned)
}
