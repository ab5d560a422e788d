//! Rows in transactions: staged, hidden, committed together, rolled back, in conflict.

use std::time::Duration;

use jiff::Timestamp;
use local_appwrite::Clock;
use serde_json::{Value, json};

use crate::client::{Answer, As, Backend};

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
    end_as(backend, As::Key, id, how).await
}

async fn end_as(backend: &Backend, who: As<'_>, id: &str, how: &str) -> (u16, Value) {
    let answer = backend.patch(who, &format!("/tablesdb/transactions/{id}"), json!({how: true})).await;
    (answer.status.as_u16(), answer.body())
}

#[tokio::test]
async fn staged_rows_are_hidden_until_the_commit() {
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
async fn failed_or_rolled_back_transaction_changes_nothing() {
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
    assert_eq!((status, &error["type"]), (409, &json!("transaction_conflict")));
    backend.get(As::Key, &format!("{ROWS}/first")).await.expect(404);

    let id = begin(&backend).await;
    let mut staged = row("second", "Kevin");
    staged["transactionId"] = json!(id);
    backend.post(As::Key, ROWS, staged).await.expect(201);
    assert_eq!(end(&backend, &id, "rollback").await.1["status"], "failed");
    backend.get(As::Key, &format!("{ROWS}/second")).await.expect(404);
}

#[tokio::test]
async fn row_changed_since_staging_conflicts() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    backend.post(As::Key, ROWS, row("kept", "Kim")).await.expect(201);
    let id = begin(&backend).await;
    let path = format!("{ROWS}/kept");
    backend.patch(As::Key, &path, json!({"data": {"name": "Mine"}, "transactionId": id})).await.expect(200);
    clock.advance(Duration::from_secs(1));
    backend.patch(As::Key, &path, json!({"data": {"name": "Theirs"}})).await.expect(200);
    let (status, error) = end(&backend, &id, "commit").await;
    assert_eq!((status, &error["type"]), (409, &json!("transaction_conflict")));
    assert_eq!(backend.get(As::Key, &path).await.expect(200)["name"], "Theirs");
}

#[tokio::test]
async fn failed_commit_uses_the_older_error_names() {
    let backend = Backend::start().await;
    let id = begin(&backend).await;
    let mut staged = row("long", &"x".repeat(1000));
    staged["transactionId"] = json!(id);
    backend.post(As::Key, ROWS, staged).await.expect(201);
    let (status, error) = end(&backend, &id, "commit").await;
    assert_eq!((status, &error["type"]), (400, &json!("document_invalid_structure")));
}

#[tokio::test]
async fn unknown_or_ended_transaction_accepts_no_operations() {
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
async fn transaction_belongs_to_its_user() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let own = backend.post(As::Session(&ann.secret), "/tablesdb/transactions", json!({})).await.expect(201);
    let path = format!("/tablesdb/transactions/{}", own["$id"].as_str().expect("an id"));
    backend.get(As::Session(&ann.secret), &path).await.expect(200);
    backend.get(As::Session(&bob.secret), &path).await.expect(404);
}

/// Sends operations on the table of birthdays to a new transaction.
async fn stage(backend: &Backend, who: As<'_>, operations: &[Value]) -> (String, Answer) {
    let transaction = backend.post(who, "/tablesdb/transactions", json!({})).await.expect(201);
    let id = transaction["$id"].as_str().expect("an id").to_owned();
    let mut all = Vec::new();
    for operation in operations {
        let mut whole = json!({"databaseId": "main", "tableId": "birthdays"});
        whole.as_object_mut().expect("fields").extend(operation.as_object().expect("fields").clone());
        all.push(whole);
    }
    let path = format!("/tablesdb/transactions/{id}/operations");
    let answer = backend.post(who, &path, json!({"operations": all})).await;
    (id, answer)
}

fn data() -> Value {
    json!({"name": "x", "birthday": "2012-02-03"})
}

#[tokio::test]
async fn operations_are_checked_when_they_are_staged() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let own = As::Session(&ann.secret);
    let mut theirs = row("theirs", "Bob");
    theirs["permissions"] = json!([format!("update(\"user:{}\")", bob.id)]);
    backend.post(As::Key, ROWS, theirs).await.expect(201);
    let update = |id: &str| json!({"action": "update", "rowId": id, "data": {"name": "Mine"}});
    let delete = |id: &str| json!({"action": "delete", "rowId": id});
    let create = |id: &str| json!({"action": "create", "rowId": id, "data": data()});
    let mut foreign = create("foreign");
    foreign["data"]["$permissions"] = json!([format!("read(\"user:{}\")", bob.id)]);
    for (operation, status, kind) in [
        (update("theirs"), 401, "user_unauthorized"),
        (delete("theirs"), 401, "user_unauthorized"),
        (update("missing"), 404, "document_not_found"),
        (delete("missing"), 404, "document_not_found"),
        (create("$%&/ bad"), 400, "general_argument_invalid"),
        (foreign, 401, "user_unauthorized"),
        (json!({"action": "bulkUpdate", "data": {"queries": [], "data": {}}}), 401, "user_unauthorized"),
        (json!({"action": "increment", "rowId": "theirs", "data": {}}), 400, "general_argument_invalid"),
        (json!({"action": "create", "rowId": "x"}), 400, "general_argument_invalid"),
    ] {
        let (_, answer) = stage(&backend, own, std::slice::from_ref(&operation)).await;
        assert_eq!(answer.error(), (status, kind.to_owned()), "{operation}");
    }
    let (_, answer) = stage(&backend, own, &[]).await;
    assert_eq!(answer.error(), (400, "general_bad_request".to_owned()));
    let (_, answer) = stage(&backend, As::Key, &[create("new"), update("new")]).await;
    assert_eq!(answer.expect(201)["operations"], 2, "a row that is created before may be updated");

    let permissions = json!([format!("read(\"user:{}\")", ann.id), format!("update(\"user:{}\")", ann.id)]);
    let mut mine = create("mine");
    mine["data"]["$permissions"] = permissions.clone();
    let (id, answer) = stage(&backend, own, &[mine]).await;
    answer.expect(201);
    let change = json!({"data": {"name": "Mine"}, "transactionId": id});
    backend.patch(own, &format!("{ROWS}/mine"), change).await.expect(200);
    assert_eq!(end_as(&backend, own, &id, "commit").await.0, 200);
    let made = backend.get(own, &format!("{ROWS}/mine")).await.expect(200);
    assert_eq!((&made["name"], &made["$permissions"]), (&json!("Mine"), &permissions));

    let off = json!({"name": "Birthdays", "enabled": false});
    backend.put(As::Key, "/tablesdb/main/tables/birthdays", off).await.expect(200);
    let (_, answer) = stage(&backend, own, &[create("new")]).await;
    assert_eq!(answer.error(), (404, "collection_not_found".to_owned()));
}

#[tokio::test]
async fn bulk_operations_conflict_only_with_others() {
    let clock = Clock::manual(Timestamp::now());
    let backend = Backend::at(clock.clone(), |_| {}).await;
    backend.post(As::Key, ROWS, row("kept", "Kim")).await.expect(201);
    let all = json!({"action": "bulkUpdate", "data": {"queries": [], "data": {"name": "All"}}});
    let one = json!({"action": "update", "rowId": "kept", "data": {"name": "One"}});
    let (id, answer) = stage(&backend, As::Key, &[all.clone(), one]).await;
    answer.expect(201);
    clock.advance(Duration::from_secs(1));
    assert_eq!(end(&backend, &id, "commit").await.0, 200);
    assert_eq!(backend.get(As::Key, &format!("{ROWS}/kept")).await.expect(200)["name"], "One");

    let (id, answer) = stage(&backend, As::Key, &[all]).await;
    answer.expect(201);
    clock.advance(Duration::from_secs(1));
    backend.patch(As::Key, &format!("{ROWS}/kept"), json!({"data": {"name": "Theirs"}})).await.expect(200);
    let (status, error) = end(&backend, &id, "commit").await;
    assert_eq!((status, &error["type"]), (409, &json!("transaction_conflict")));
}

#[tokio::test]
async fn transactions_increment_and_decrement() {
    let backend = Backend::start().await;
    for (kind, key) in [("integer", "visits"), ("bigint", "stars")] {
        let column = json!({"key": key, "required": false});
        backend.post(As::Key, &format!("/tablesdb/main/tables/birthdays/columns/{kind}"), column).await.expect(202);
    }
    backend.post(As::Key, ROWS, row("kept", "Kim")).await.expect(201);
    let count = |action: &str, data: Value| json!({"action": action, "rowId": "kept", "data": data});
    let operations = [
        count("increment", json!({"column": "visits", "value": 5, "max": 5})),
        count("decrement", json!({"column": "visits", "min": 0})),
        count("increment", json!({"column": "stars"})),
    ];
    let (id, answer) = stage(&backend, As::Key, &operations).await;
    answer.expect(201);
    assert_eq!(end(&backend, &id, "commit").await.0, 200);
    let kept = backend.get(As::Key, &format!("{ROWS}/kept")).await.expect(200);
    assert_eq!((&kept["visits"], &kept["stars"]), (&json!(4), &json!(1)));
    let path = format!("{ROWS}/kept/stars/increment");
    assert_eq!(backend.patch(As::Key, &path, json!({"value": 2})).await.expect(200)["stars"], 3);
}

#[tokio::test]
async fn staged_update_returns_the_whole_row() {
    let backend = Backend::start().await;
    backend.post(As::Key, ROWS, row("kept", "Kim")).await.expect(201);
    let id = begin(&backend).await;
    let change = json!({"data": {"name": "New"}, "transactionId": id});
    let missing = backend.patch(As::Key, &format!("{ROWS}/missing"), change.clone()).await;
    assert_eq!(missing.error(), (404, "row_not_found".to_owned()));
    let kept = backend.patch(As::Key, &format!("{ROWS}/kept"), change).await.expect(200);
    assert_eq!((&kept["name"], &kept["birthday"]), (&json!("New"), &json!("2012-02-03T00:00:00.000+00:00")));
    let read = backend.get(As::Key, &format!("{ROWS}/kept?transactionId={id}")).await.expect(200);
    assert_eq!(read["name"], "New");
}
