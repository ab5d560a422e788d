//! Rate limits that several instances count together, in a real Redis.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::post;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use crate::browser::Browser;
use crate::certificates::Certificates;
use crate::logs;
use crate::program::Program;
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal};

const MISSING: &str = "redis-server is missing: run scripts/tools.sh redis, or install it with your system's packages";

/// A Redis on a free port, which ends with the test.
struct Redis {
    address: String,
    program: Child,
    _data: TempDir,
}

impl Redis {
    async fn start() -> Self {
        Self::listening("redis", "--port", &[]).await
    }

    /// A Redis that speaks TLS only.
    async fn start_encrypted(certificates: &Certificates) -> Self {
        let (certificate, key) = (certificates.certificate(), certificates.key());
        let [file, key] = [&certificate, &key].map(|path| path.to_str().expect("text"));
        let tls =
            ["--tls-cert-file", file, "--tls-key-file", key, "--tls-ca-cert-file", file, "--tls-auth-clients", "no"];
        Self::listening("rediss", "--tls-port", &[&["--port", "0"][..], &tls].concat()).await
    }

    async fn listening(scheme: &str, port_option: &str, more: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let data = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("redis-server");
        command.args(more).args([
            port_option,
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
        ]);
        command.arg(data.path()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut program = command.spawn().expect(MISSING);
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        loop {
            let line = lines.next_line().await.expect("text").expect("a Redis that starts");
            if line.contains("Ready to accept connections") {
                break;
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { address: format!("{scheme}://localhost:{port}"), program, _data: data }
    }
}

/// An Appwrite that accepts no password, and the number of guesses that reach it.
async fn appwrite() -> (String, Arc<AtomicUsize>) {
    let guesses = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&guesses);
    let refuse = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { refusal(401, "user_invalid_credentials") }
    };
    (appwrite_with(Router::new().route("/account/sessions/email", post(refuse))).await, guesses)
}

async fn guess(browser: &Browser) -> u16 {
    let fields = [("email", "ann@example.com"), ("password", "wrong-password"), ("page", "/login")];
    browser.call("/actions/sign_in", &fields).await.status
}

#[tokio::test]
async fn guesses_at_two_instances_are_counted_together() {
    let redis = Redis::start().await;
    let (endpoint, guesses) = appwrite().await;
    let environment = [("RATE_LIMIT_REDIS", redis.address.as_str())];
    let first = App::start_in_front_of_with(&endpoint, &environment).await;
    let second = App::start_in_front_of_with(&endpoint, &environment).await;
    let warnings = || {
        logs::so_far().lines().filter(|line| line.contains("RATE_LIMIT_REDIS")).map(str::to_owned).collect::<Vec<_>>()
    };
    for app in [&first, &second] {
        assert_eq!(guess(&app.browser()).await, 401, "{:?}", warnings());
    }
    let browsers = [Arc::new(first.browser()), Arc::new(second.browser())];
    let mut answers = Vec::new();
    for _ in 0..10 {
        let parallel = (0..100).map(|at| Arc::clone(&browsers[at % 2]));
        let parallel: JoinSet<u16> = parallel.map(|browser| async move { guess(&browser).await }).collect();
        answers.extend(parallel.join_all().await);
    }
    assert_eq!(guesses.load(Ordering::SeqCst), 10, "{:?}", warnings());
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 992, "{answers:?}");
}

#[tokio::test]
async fn instances_count_separately_while_redis_is_down() {
    let mut redis = Redis::start().await;
    let (endpoint, guesses) = appwrite().await;
    let environment = [("RATE_LIMIT_REDIS", redis.address.as_str())];
    let first = App::start_in_front_of_with(&endpoint, &environment).await;
    let second = App::start_in_front_of_with(&endpoint, &environment).await;
    while guess(&first.browser()).await != 429 {}
    assert_eq!((guess(&second.browser()).await, guesses.load(Ordering::SeqCst)), (429, 10));

    redis.program.kill().await.expect("an end");
    assert_eq!(guess(&first.browser()).await, 429, "the instance knows what it has counted");
    for _ in 0..3 {
        while guess(&second.browser()).await != 429 {}
    }
    // The number is not exact: the other instance has also counted the refused guess.
    assert_eq!(guesses.load(Ordering::SeqCst), 19);
    let log = logs::so_far();
    let warnings = log.matches("RATE_LIMIT_REDIS is unavailable").count();
    assert!((2..=3).contains(&warnings), "{warnings}: one for each instance, and one of the test below");
    assert!(!log.contains("ann@example.com"));
}

#[tokio::test]
async fn app_starts_while_redis_is_down() {
    let app = App::start_with(&[("RATE_LIMIT_REDIS", "redis://127.0.0.1:9")]).await;
    app.browser_of("Ann").await;
}

/// The program's finding about the store, as `doctor` prints it.
async fn examined(redis: &str, certificates: Option<&Path>) -> Value {
    finding("shared limits", &[("RATE_LIMIT_REDIS", redis)], certificates).await
}

async fn finding(check: &str, environment: &[(&str, &str)], certificates: Option<&Path>) -> Value {
    let mut command = Program::command(environment);
    command.args(["doctor", "--json"]).envs(certificates.map(|file| ("SSL_CERT_FILE", file)));
    let output = command.output().await.expect("the program");
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a list");
    findings.into_iter().find(|finding| finding["check"] == check).expect("a finding")
}

#[tokio::test]
async fn encrypted_redis_requires_a_trusted_certificate() {
    let certificates = Certificates::of("DNS:localhost").await;
    let redis = Redis::start_encrypted(&certificates).await;
    let authority = certificates.authority();
    let known = examined(&redis.address, Some(&authority)).await;
    assert_eq!(known["status"], "ok", "{known}");
    let unknown = examined(&redis.address, None).await;
    assert_eq!(unknown["status"], "warning", "{unknown}");
    assert!(unknown["result"].as_str().is_some_and(|result| result.contains("certificate")), "{unknown}");
    let unencrypted = redis.address.replace("rediss", "redis");
    assert_eq!(examined(&unencrypted, Some(&authority)).await["status"], "warning");
}

#[tokio::test]
async fn doctor_checks_redis() {
    let redis = Redis::start().await;
    let good = examined(&redis.address, None).await;
    assert_eq!(good["status"], "ok", "{good}");
    let bad = examined("redis://127.0.0.1:9", None).await;
    assert_eq!(bad["status"], "warning", "{bad}");
}
