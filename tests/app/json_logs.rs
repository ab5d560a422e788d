//! The log in JSON.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use leptos_appwrite::config::LogFormat;
use leptos_appwrite::log::subscriber;
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::running::App;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the lines").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn log_lines_are_json_with_request_id_without_secrets() {
    let app = App::start().await;
    let lines = Lines::default();
    let filter = EnvFilter::new("leptos_appwrite=trace,leptos_birthdays=trace,appwrite_client=trace,tower_http=trace");
    let written = lines.clone();
    // The test's runtime has one thread.
    let _guard = tracing::subscriber::set_default(subscriber(LogFormat::Json, filter, move || written.clone()));
    let browser = app.browser_of("Ann").await;
    let session = browser.cookie("session").expect("a session");
    let answer = browser.open("/nowhere-at-all?token=hush-hush").await;

    let text = String::from_utf8(lines.0.lock().expect("the lines").clone()).expect("text");
    for secret in ["hush-hush", "Correct-horse-1", session.as_str()] {
        assert!(!text.contains(secret), "{text}");
    }
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    assert!(all.iter().all(|line| line["spans"][0]["id"].is_string()), "{text}");
    let id = answer.header("x-request-id");
    let answered = all.iter().find(|line| line["spans"][0]["id"] == id && line["message"] == "answered");
    let answered = answered.unwrap_or_else(|| panic!("no line of {id} in {text}"));
    assert_eq!((&answered["status"], &answered["spans"][0]["path"]), (&404.into(), &"/nowhere-at-all".into()));
}
