//! Rows within transactions: staged, hidden, kept together, rolled back, in conflict.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::Clock;
use serde_json::{Value, json};

use crate::client::{As, Backend};

const ROWS: &str = "/tablesdb/main/tables/birthdays/rows";

fn row(id: &str, name: &str) -> Value {
    json!({"rowId": id, "data": {"name": name, "birthday": "2012-02-03"}, "permissions": ["read(\"any\")"]})
}

async fn begin(backend: &Backend) -> String {
    let transaction = backend.post(As::Key, "/tablesdb/transactions", json!({})).await.expect(201);
    assert_eq!((&transaction["status"], &transaction["operations"]), (&json!("pending"), &json!(0)));
    transaction["$id"].as_str().expect("an id").to_owned()
}

async fn end(backend: &Backend, id: &str, how: &str) -> (u16, Value) {
    let answer = backend.patch(As::Key, &format!("/tablesdb/transactions/{id}"), json!({how: true})).await;
    (answer.status.as_u16(), answer.body())
}

#[tokio::test]
async fn what_is_staged_is_hidden_until_the_commit() {
    let backend = Backend::start().await;
    let id = begin(&backend).await;
    let mut staged = row("kept", "Kevin");
    staged["transactionId"] = json!(id);
    backend.post(As::Key, ROWS, staged).await.expect(201);
    let path = format!("{ROWS}/kept");
    backend.get(As::Key, &path).await.expect(404);
    let seen = backend.get(As::Key, &format!("{path}?transactionId={id}")).await.expect(200);
    assert_eq!(seen["name"], "Kevin");
    backend.get(As::Key, &path).await.expect(404);
    let (status, transaction) = end(&backend, &id, "commit").await;
    assert_eq!((status, &transaction["status"], &transaction["operations"]), (200, &json!("committed"), &json!(1)));
    assert_eq!(backend.get(As::Key, &path).await.expect(200)["name"], "Kevin");
    assert_eq!(end(&backend, &id, "commit").await.1["type"], "transaction_not_ready");
}

#[tokio::test]
async fn one_that_fails_or_is_rolled_back_keeps_nothing() {
    let backend = Backend::start().await;
    backend.post(As::Key, ROWS, row("taken", "Kim")).await.expect(201);
    let id = begin(&backend).await;
    let path = format!("/tablesdb/transactions/{id}/operations");
    let create = |row_id: &str| {
        json!({
            "databaseId": "main", "tableId": "birthdays", "action": "create", "rowId": row_id,
            "data": {"name": "x", "birthday": "2012-02-03"},
        })
    };
    let operations = json!({"operations": [create("first"), create("taken")]});
    assert_eq!(backend.post(As::Key, &path, operations).await.expect(201)["operations"], 2);
    let (status, error) = end(&backend, &id, "commit").await;
    assert_eq!((status, &error["type"]), (409, &json!("row_already_exists")));
    backend.get(As::Key, &format!("{ROWS}/first")).await.expect(404);

    let id = begin(&backend).await;
    let mut staged = row("second", "Kevin");
    staged["transactionId"] = json!(id);
    backend.post(As::Key, ROWS, staged).await.expect(201);
    assert_eq!(end(&backend, &id, "rollback").await.1["status"], "failed");
    backend.get(As::Key, &format!("{ROWS}/second")).await.expect(404);
}

#[tokio::test]
async fn a_row_that_changed_since_conflicts() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    backend.post(As::Key, ROWS, row("kept", "Kim")).await.expect(201);
    let id = begin(&backend).await;
    let path = format!("{ROWS}/kept");
    backend.patch(As::Key, &path, json!({"data": {"name": "Mine"}, "transactionId": id})).await.expect(201);
    clock.advance(Duration::from_secs(1));
    backend.patch(As::Key, &path, json!({"data": {"name": "Theirs"}})).await.expect(200);
    let (status, error) = end(&backend, &id, "commit").await;
    assert_eq!((status, &error["type"]), (409, &json!("transaction_conflict")));
    assert_eq!(backend.get(As::Key, &path).await.expect(200)["name"], "Theirs");
}

#[tokio::test]
async fn an_unknown_or_ended_transaction_takes_nothing() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let mut staged = row("kept", "Kim");
    staged["transactionId"] = json!("nope");
    assert_eq!(backend.post(As::Key, ROWS, staged.clone()).await.error(), (404, "transaction_not_found".to_owned()));
    staged["transactionId"] = json!(begin(&backend).await);
    clock.advance(Duration::from_secs(301));
    assert_eq!(backend.post(As::Key, ROWS, staged).await.error(), (410, "transaction_expired".to_owned()));
    backend.get(As::Key, &format!("{ROWS}/kept")).await.expect(404);
}

#[tokio::test]
async fn a_persons_transaction_is_theirs_alone() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let own = backend.post(As::Session(&ann.secret), "/tablesdb/transactions", json!({})).await.expect(201);
    let path = format!("/tablesdb/transactions/{}", own["$id"].as_str().expect("an id"));
    backend.get(As::Session(&ann.secret), &path).await.expect(200);
    backend.get(As::Session(&bob.secret), &path).await.expect(404);
}
