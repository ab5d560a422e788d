//! Stands in for Appwrite: answers at once, with one signed-in user and 25 rows.

use axum::http::{HeaderValue, Uri, header};
use axum::response::IntoResponse;
use axum::{Router, serve};
use clap::Parser;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const ROWS: usize = 25;

/// Stands in for Appwrite.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1.
    #[arg(long)]
    port: u16,
}

/// The answers, encoded once.
#[derive(Clone)]
struct Answers {
    version: String,
    account: String,
    session: String,
    rows: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let answers = Answers {
        version: json!({ "version": "1.9.6" }).to_string(),
        account: account().to_string(),
        session: json!({ "$id": "s1", "userId": "kay", "expire": "2099-01-01T00:00:00.000+00:00" }).to_string(),
        rows: rows().to_string(),
    };
    let router = Router::new().fallback(move |uri: Uri| async move { answer(&answers, uri.path()).into_response() });
    let listener = TcpListener::bind(("127.0.0.1", Arguments::parse().port)).await?;
    println!("page-appwrite listening");
    serve(listener, router).await
}

fn answer(answers: &Answers, path: &str) -> impl IntoResponse + use<> {
    let text = match path.strip_prefix("/v1").unwrap_or(path) {
        "/health/version" => &answers.version,
        "/account" => &answers.account,
        "/account/sessions/current" => &answers.session,
        _ => &answers.rows,
    };
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.clone())
}

/// An account as Appwrite 1.9 answers it.
fn account() -> Value {
    json!({
        "$id": "kay", "$createdAt": "2026-05-01T10:00:00.000+00:00", "$updatedAt": "2026-05-02T10:00:00.000+00:00",
        "name": "Kay Example", "registration": "2026-05-01T10:00:00.000+00:00", "status": true, "labels": [],
        "passwordUpdate": "2026-05-01T10:00:00.000+00:00", "email": "kay@example.com", "phone": "",
        "emailVerification": true, "phoneVerification": false, "mfa": false, "prefs": {},
        "targets": [{
            "$id": "t1", "$createdAt": "2026-05-01T10:00:00.000+00:00", "$updatedAt": "2026-05-01T10:00:00.000+00:00",
            "name": "", "userId": "kay", "providerId": null, "providerType": "email",
            "identifier": "kay@example.com", "expired": false
        }],
        "accessedAt": "2026-05-02T10:00:00.000+00:00"
    })
}

/// A list of rows as Appwrite 1.9 answers it.
fn rows() -> Value {
    let rows: Vec<_> = (0..ROWS)
        .map(|index| {
            let owner = if index % 2 == 0 { "kay" } else { "ann" };
            json!({
                "$id": format!("row{index}"), "$sequence": index, "$databaseId": "main", "$tableId": "birthdays",
                "$createdAt": "2026-05-01T10:00:00.000+00:00", "$updatedAt": "2026-05-01T10:00:00.000+00:00",
                "$permissions": [
                    "read(\"users\")", format!("update(\"user:{owner}\")"), format!("delete(\"user:{owner}\")")
                ],
                "name": format!("Person number {index}"), "birthday": format!("{}-{:02}-{:02}T00:00:00.000+00:00", 1960 + 2 * index, 1 + index % 12, 1 + index)
            })
        })
        .collect();
    json!({ "total": ROWS, "rows": rows })
}
