//! A kill at any moment loses no acknowledged write.

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    binary::Binary,
    client::{Answer, BIRTHDAYS, answer, http},
};

const ROWS: &str = "/tablesdb/main/tables/birthdays/rows";

async fn write(binary: &Address, id: &str) -> Option<Answer> {
    let row = json!({"rowId": id, "data": {"name": id, "birthday": "2012-02-03"}});
    let request = binary.request(reqwest::Method::POST, ROWS).json(&row);
    let response = request.send().await.ok()?;
    let (status, headers) = (response.status(), response.headers().clone());
    Some(Answer { status, headers, text: response.text().await.ok()? })
}

#[derive(Clone)]
struct Address {
    http: reqwest::Client,
    endpoint: String,
    key: String,
}

impl Address {
    fn of(binary: &Binary) -> Self {
        Self { http: http(), endpoint: binary.endpoint.clone(), key: binary.key() }
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.endpoint))
            .header("x-appwrite-project", "demo")
            .header("x-appwrite-key", &self.key)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..rounds() {
        let mut binary = Binary::start(folder.path(), &["--seed", BIRTHDAYS]);
        let address = Address::of(&binary);
        let (acknowledge, mut acknowledgments) = mpsc::unbounded_channel();
        for writer in 0..4 {
            tokio::spawn(keep_writing(address.clone(), format!("r{round}-{writer}"), acknowledge.clone()));
        }
        drop(acknowledge);
        // Kills the backend while all four write, after some writes were acknowledged.
        for _ in 0..5 + round * 7 % 40 {
            acknowledged.push(acknowledgments.recv().await.expect("a write"));
        }
        binary.kill();
        // The writes that were acknowledged before the writers noticed the kill.
        while let Some(id) = acknowledgments.recv().await {
            acknowledged.push(id);
        }
    }
    assert_all_kept(folder.path(), &acknowledged).await;
    assert_sound(folder.path());
    eprintln!("{} kills, {} acknowledged writes, none lost", rounds(), acknowledged.len());
}

/// The number of kills; `make soak` uses 200.
fn rounds() -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

fn assert_sound(folder: &std::path::Path) {
    let database = rusqlite::Connection::open(folder.join("local-appwrite.sqlite")).expect("a database");
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict");
    assert_eq!(verdict, "ok");
}

async fn keep_writing(address: Address, name: String, acknowledge: mpsc::UnboundedSender<String>) {
    for count in 0.. {
        let id = format!("{name}-{count}");
        let Some(answer) = write(&address, &id).await else {
            return;
        };
        assert_eq!(answer.status, 201, "{}", answer.text);
        acknowledge.send(id).expect("a listener");
    }
}

async fn assert_all_kept(folder: &std::path::Path, acknowledged: &[String]) {
    let binary = Binary::start(folder, &[]);
    let address = Address::of(&binary);
    for id in acknowledged {
        let row: Value = answer(address.request(reqwest::Method::GET, &format!("{ROWS}/{id}"))).await.expect(200);
        assert_eq!(row["name"], id.as_str());
    }
}
