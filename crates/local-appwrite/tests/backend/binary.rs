//! The standalone binary: its output, the settings that it refuses, and its log.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, PASSWORD, answer, http};

/// A running binary. It is killed when this value is dropped.
pub struct Binary {
    child: Child,
    pub first_line: String,
    pub endpoint: String,
    key_file: std::path::PathBuf,
    log: Option<JoinHandle<String>>,
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-appwrite"));
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(folder).args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LOCAL_APPWRITE_")) {
        command.env_remove(name);
    }
    command.env_remove("LEPTOS_ENV");
    command
}

impl Binary {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(folder, command(folder, arguments))
    }

    /// Starts it with a limit on file sizes: writes beyond the limit fail, as on a full disk.
    #[cfg(target_os = "linux")]
    pub fn start_limited(folder: &Path, kibibytes: u32) -> Self {
        let whole = command(folder, &[]);
        let mut limited = Command::new("sh");
        // The shell counts in blocks of 512 bytes. Without `trap`, a signal would end the process before it sees the
        // error.
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\""]).arg((kibibytes * 2).to_string());
        limited.arg(whole.get_program()).args(whole.get_args());
        for (name, value) in whole.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        Self::spawn(folder, limited)
    }

    /// Its highest memory use, in KiB.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    fn spawn(folder: &Path, mut command: Command) -> Self {
        let mut child =
            command.env("RUST_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
        // Another thread reads the pipe, because a full pipe would stop the binary.
        let mut errors = child.stderr.take().expect("a pipe");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("text");
            text
        });
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first_line = String::new();
        output.read_line(&mut first_line).expect("a line");
        std::thread::spawn(move || output.read_to_string(&mut String::new()));
        let address = first_line.split(' ').find(|word| word.starts_with("http"));
        let endpoint = address.unwrap_or_else(|| panic!("no address in {first_line:?}")).to_owned();
        Self { child, first_line, endpoint, key_file: folder.join("api-key"), log: Some(log) }
    }

    /// Calls the API with its own key.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = http()
            .request(method, format!("{}{path}", self.endpoint))
            .header("x-appwrite-project", "demo")
            .header("x-appwrite-key", self.key());
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub fn key(&self) -> String {
        std::fs::read_to_string(&self.key_file).expect("the key").trim().to_owned()
    }

    /// Kills it without a signal handler, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("an end");
    }

    /// The whole log, once the process has ended.
    pub fn log(mut self) -> String {
        self.kill();
        self.log.take().expect("a reader").join().expect("a log")
    }

    #[cfg(unix)]
    fn terminate(&mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(sent.success());
        self.child.wait().expect("an end")
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn first_line_names_address_project_and_profile() {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = Binary::start(folder.path(), &["--project", "mine", "--profile", "1.9"]);
    assert_eq!(
        binary.first_line,
        format!("local-appwrite listening on {} (project mine, profile 1.9)\n", binary.endpoint)
    );
    assert!(binary.endpoint.starts_with("http://127.0.0.1:") && binary.endpoint.ends_with("/v1"));
}

#[cfg(unix)]
#[test]
fn signal_stops_it_cleanly() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut binary = Binary::start(folder.path(), &[]);
    assert!(binary.terminate().success());
}

#[test]
fn closed_output_does_not_stop_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut child = command(folder.path(), &[])
        .stdout(writer)
        .stderr(Stdio::piped())
        .env("RUST_LOG", "debug")
        .spawn()
        .expect("a process");
    let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let said = log.find(|line| line.contains("the output is closed") || line.contains("panicked"));
    child.kill().expect("a kill");
    child.wait().expect("an end");
    assert!(said.is_some_and(|line| !line.contains("panicked")));
}

#[test]
fn production_is_refused_unless_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["PROD", "prod", "production", "Production"] {
        let refused = command(folder.path(), &[]).env("LEPTOS_ENV", name).output().expect("an end");
        assert!(!refused.status.success(), "{name}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-production"));
        assert!(!folder.path().join("local-appwrite.sqlite").exists());
    }
}

#[tokio::test]
async fn trace_log_contains_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = Binary::start(folder.path(), &[]);
    let (http, key) = (http(), binary.key());
    let request = |path: &str| {
        http.post(format!("{}{path}", binary.endpoint))
            .header("x-appwrite-project", "demo")
            .header("x-appwrite-key", &key)
    };
    let user = json!({"userId": "unique()", "email": "ann@example.com", "password": PASSWORD});
    answer(request("/account").json(&user)).await.expect(201);
    let session = answer(request("/account/sessions/email").json(&user)).await.expect(201);
    let token = json!({"userId": "unique()", "email": "ann@example.com", "url": "http://localhost/x"});
    let token = answer(request("/account/tokens/magic-url").json(&token)).await.expect(201);
    let jwt = answer(
        http.post(format!("{}/account/jwts", binary.endpoint))
            .header("x-appwrite-project", "demo")
            .header("x-appwrite-session", session["secret"].as_str().expect("a secret")),
    )
    .await
    .expect(201);
    let log = binary.log();
    assert!(log.contains("/account/jwts"), "the log is talkative");
    for secret in [&json!(PASSWORD), &json!(key), &session["secret"], &token["secret"], &jwt["jwt"]] {
        let secret = secret.as_str().expect("text");
        assert!(!secret.is_empty() && !log.contains(secret), "a secret is in the log");
    }
}
