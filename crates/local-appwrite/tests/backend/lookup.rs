//! Filters on indexed columns: the same rows as without an index, found without reading all of them.

use local_appwrite::Profile;
use serde_json::{Value, json};

use crate::client::{As, Backend};

const TABLE: &str = "/tablesdb/main/tables/things";
const ROWS: &str = "/tablesdb/main/tables/things/rows";

async fn table(profile: Profile) -> Backend {
    let backend = Backend::of(profile).await;
    let table = json!({"tableId": "things", "name": "Things", "rowSecurity": true});
    backend.post(As::Key, "/tablesdb/main/tables", table).await.expect(201);
    for (kind, column) in [
        ("string", json!({"key": "word", "size": 40, "required": false})),
        ("string", json!({"key": "plain", "size": 40, "required": false})),
        ("integer", json!({"key": "number", "required": false})),
        ("datetime", json!({"key": "day", "required": false})),
    ] {
        backend.post(As::Key, &format!("{TABLE}/columns/{kind}"), column).await.expect(202);
    }
    backend
}

async fn index(backend: &Backend, key: &str, kind: &str, columns: &[&str]) -> Value {
    let index = json!({"key": key, "type": kind, "columns": columns});
    backend.post(As::Key, &format!("{TABLE}/indexes"), index).await.expect(202)
}

async fn found(backend: &Backend, queries: &[Value]) -> Vec<String> {
    let mut path = url::form_urlencoded::Serializer::new(format!("{ROWS}?"));
    for query in queries {
        path.append_pair("queries[]", &query.to_string());
    }
    let rows = backend.get(As::Key, &path.finish()).await.expect(200);
    let list = rows["rows"].as_array().expect("rows").clone();
    assert_eq!(rows["total"], list.len());
    list.iter().map(|row| row["$id"].as_str().expect("an id").to_owned()).collect()
}

fn query(method: &str, attribute: &str, values: Value) -> Value {
    json!({"method": method, "attribute": attribute, "values": values})
}

#[tokio::test]
async fn index_does_not_change_results() {
    let backend = table(Profile::Two).await;
    for (count, word) in ["Äpfel", "apfelmus", "Birne", "birnen saft", "", "Zitrone süß"].iter().enumerate() {
        let day = format!("2030-01-{:02}T00:00:00.000+00:00", count + 1);
        let data = json!({"word": word, "plain": word, "number": count, "day": day});
        backend.post(As::Key, ROWS, json!({"rowId": format!("r{count}"), "data": data})).await.expect(201);
    }
    backend.post(As::Key, ROWS, json!({"rowId": "nothing", "data": {"word": null}})).await.expect(201);
    let cases: Vec<Vec<Value>> = vec![
        vec![query("equal", "word", json!(["APFEL", "birne"]))],
        vec![query("equal", "word", json!(["none"]))],
        vec![query("startsWith", "word", json!(["apfel"]))],
        vec![query("startsWith", "word", json!([""]))],
        vec![query("lessThan", "word", json!(["birne"]))],
        vec![query("between", "word", json!(["b", "zz"]))],
        vec![query("notEqual", "word", json!(["birne"]))],
        vec![query("isNull", "word", json!([]))],
        vec![query("greaterThanEqual", "number", json!([3])), query("equal", "word", json!([""]))],
        vec![query("between", "day", json!(["2030-01-02", "2030-01-04"])), query("orderDesc", "number", json!([]))],
        vec![query("lessThanEqual", "number", json!([2])), query("cursorAfter", "", json!(["r0"]))],
        vec![query("greaterThan", "number", json!([3])), query("cursorAfter", "", json!(["r1"]))],
    ];
    let mut before = Vec::new();
    for case in &cases {
        before.push(answer(&backend, case).await);
    }
    assert_eq!(index(&backend, "by_word", "key", &["word"]).await["status"], "processing");
    index(&backend, "by_number", "key", &["number"]).await;
    index(&backend, "by_day", "key", &["day"]).await;
    for (case, before) in cases.iter().zip(&before) {
        assert_eq!(answer(&backend, case).await, *before, "{case:?}");
    }
    let row = json!({"data": {"word": "Pfirsich"}});
    backend.patch(As::Key, &format!("{ROWS}/r2"), row).await.expect(200);
    assert_eq!(found(&backend, &[query("equal", "word", json!(["pfirsich"]))]).await, ["r2"]);
    assert_eq!(found(&backend, &[query("equal", "word", json!(["birne"]))]).await, Vec::<String>::new());
    assert_eq!(backend.delete(As::Key, &format!("{ROWS}/r2")).await.status, 204);
    assert_eq!(found(&backend, &[query("equal", "word", json!(["pfirsich"]))]).await, Vec::<String>::new());
}

async fn answer(backend: &Backend, queries: &[Value]) -> Value {
    let mut path = url::form_urlencoded::Serializer::new(format!("{ROWS}?"));
    for query in queries {
        path.append_pair("queries[]", &query.to_string());
    }
    backend.get(As::Key, &path.finish()).await.expect(200)
}

#[tokio::test]
async fn search_finds_words_beginnings_and_phrases() {
    let backend = table(Profile::Two).await;
    index(&backend, "by_words", "fulltext", &["word"]).await;
    for (id, word) in [("fox", "the quick brown fox"), ("silver", "quick silver"), ("dog", "lazy dogs")] {
        backend.post(As::Key, ROWS, json!({"rowId": id, "data": {"word": word}})).await.expect(201);
    }
    for (searched, expected) in [
        ("quick", vec!["fox", "silver"]),
        ("bro", vec!["fox"]),
        ("silver dog", vec!["silver", "dog"]),
        ("\"quick brown\"", vec!["fox"]),
        ("QUÍCK", vec!["fox", "silver"]),
        ("cat", vec![]),
    ] {
        assert_eq!(found(&backend, &[query("search", "word", json!([searched]))]).await, expected, "{searched}");
    }
}

#[tokio::test]
async fn unique_index_refuses_equal_values() {
    for (profile, kind) in [(Profile::Two, "row_unique_constraint_violation"), (Profile::OneNine, "row_already_exists")]
    {
        let backend = table(profile).await;
        index(&backend, "one", "unique", &["word", "number"]).await;
        let row = |id: &str, word: Value, number: i64| json!({"rowId": id, "data": {"word": word, "number": number}});
        backend.post(As::Key, ROWS, row("a", json!("Same"), 1)).await.expect(201);
        backend.post(As::Key, ROWS, row("b", json!("same"), 2)).await.expect(201);
        backend.post(As::Key, ROWS, row("c", Value::Null, 1)).await.expect(201);
        backend.post(As::Key, ROWS, row("d", Value::Null, 1)).await.expect(201);
        let refused = backend.post(As::Key, ROWS, row("e", json!("sáme"), 1)).await;
        assert_eq!(refused.error(), (409, kind.to_owned()));
        let change = json!({"data": {"number": 1}});
        assert_eq!(backend.patch(As::Key, &format!("{ROWS}/b"), change).await.error(), (409, kind.to_owned()));
        backend.patch(As::Key, &format!("{ROWS}/a"), json!({"data": {"number": 1}})).await.expect(200);
        index(&backend, "late", "unique", &["number"]).await;
        let late = backend.get(As::Key, &format!("{TABLE}/indexes/late")).await.expect(200);
        assert_eq!(late["status"], "failed", "two rows have the number 1");
    }
}

#[tokio::test]
async fn older_data_is_indexed_at_startup() {
    let backend = table(Profile::Two).await;
    index(&backend, "by_word", "key", &["word"]).await;
    backend.post(As::Key, ROWS, json!({"rowId": "r", "data": {"word": "Kept"}})).await.expect(201);
    let file = backend.folder.path().join("local-appwrite.sqlite");
    let forget = move || {
        let db = rusqlite::Connection::open(file).expect("the file");
        let sql =
            "UPDATE tables SET document = json_remove(document, '$.indexes[0].is_filled'); DELETE FROM index_entries;";
        db.execute_batch(sql).expect("a change");
    };
    tokio::task::spawn_blocking(forget).await.expect("a change");
    let query = [query("equal", "word", json!(["kept"]))];
    assert_eq!(found(&backend, &query).await, ["r"], "an index that is not filled is not used");
    let backend = backend.restart().await;
    assert_eq!(found(&backend, &query).await, ["r"]);
    let file = backend.folder.path().join("local-appwrite.sqlite");
    let count = move || {
        let db = rusqlite::Connection::open(file).expect("the file");
        db.query_row("SELECT count(*) FROM index_entries", [], |row| row.get::<_, i64>(0)).expect("a count")
    };
    assert_eq!(tokio::task::spawn_blocking(count).await.expect("a count"), 1);
}

#[tokio::test]
async fn unique_index_fails_on_duplicate_existing_values() {
    let backend = table(Profile::Two).await;
    for id in ["a", "b"] {
        backend.post(As::Key, ROWS, json!({"rowId": id, "data": {"word": "same"}})).await.expect(201);
    }
    index(&backend, "one", "unique", &["word"]).await;
    let file = backend.folder.path().join("local-appwrite.sqlite");
    let forget = move || {
        let db = rusqlite::Connection::open(file).expect("the file");
        let sql =
            "UPDATE tables SET document = json_remove(document, '$.indexes[0].is_filled', '$.indexes[0].has_failed');
                   DELETE FROM index_entries;";
        db.execute_batch(sql).expect("a change");
    };
    tokio::task::spawn_blocking(forget).await.expect("a change");
    let backend = backend.restart().await;
    let found = backend.get(As::Key, &format!("{TABLE}/indexes/one")).await.expect(200);
    assert_eq!(found["status"], "failed");
    backend.patch(As::Key, &format!("{ROWS}/a"), json!({"data": {"plain": "new"}})).await.expect(200);
}

#[tokio::test]
async fn deleted_column_is_removed_from_its_indexes() {
    let backend = table(Profile::Two).await;
    for (id, number) in [("a", 1), ("b", 2)] {
        let data = json!({"word": "same", "number": number});
        backend.post(As::Key, ROWS, json!({"rowId": id, "data": data})).await.expect(201);
    }
    let both = json!({
        "key": "both", "type": "unique", "columns": ["number", "word"], "orders": ["DESC", "ASC"], "lengths": [0, 20],
    });
    backend.post(As::Key, &format!("{TABLE}/indexes"), both).await.expect(202);
    index(&backend, "by_word", "key", &["number", "plain"]).await;
    index(&backend, "by_plain", "key", &["plain"]).await;
    assert_eq!(backend.delete(As::Key, &format!("{TABLE}/columns/number")).await.status, 204);
    let list = backend.get(As::Key, &format!("{TABLE}/indexes")).await.expect(200);
    assert_eq!(list["total"], 2, "the index that became like another one is gone: {list}");
    let both = &list["indexes"][0];
    assert_eq!((&both["columns"], &both["orders"]), (&json!(["word"]), &json!(["ASC"])));
    assert_eq!((&both["lengths"], &both["status"]), (&json!([20]), &json!("failed")));
    backend.patch(As::Key, &format!("{ROWS}/a"), json!({"data": {"plain": "new"}})).await.expect(200);
}

#[tokio::test]
async fn index_keeps_the_order_of_a_list() {
    let backend = table(Profile::Two).await;
    for (id, word, number) in
        [("a", "Birne", 2), ("b", "Äpfel", 2), ("c", "zitrone", 1), ("d", "", 3), ("e", "birne", 0)]
    {
        let data = json!({"word": word, "number": number});
        backend.post(As::Key, ROWS, json!({"rowId": id, "data": data})).await.expect(201);
    }
    let order = |method: &str, attribute: &str| json!({"method": method, "attribute": attribute});
    let page = |limit: u32, offset: u32| {
        [json!({"method": "limit", "values": [limit]}), json!({"method": "offset", "values": [offset]})]
    };
    let mut cases = Vec::new();
    for (method, attribute) in
        [("orderAsc", "word"), ("orderDesc", "word"), ("orderAsc", "number"), ("orderDesc", "number")]
    {
        cases.push(vec![order(method, attribute)]);
        cases.push([vec![order(method, attribute)], page(2, 1).to_vec()].concat());
    }
    let mut before = Vec::new();
    for case in &cases {
        before.push(answer(&backend, case).await);
    }
    index(&backend, "by_word", "key", &["word"]).await;
    index(&backend, "by_number", "key", &["number", "word"]).await;
    for (case, before) in cases.iter().zip(&before) {
        assert_eq!(answer(&backend, case).await, *before, "{case:?}");
    }
    backend.post(As::Key, ROWS, json!({"rowId": "null", "data": {"number": 9}})).await.expect(201);
    assert_eq!(found(&backend, &[order("orderAsc", "word")]).await[0], "null");
    assert_eq!(found(&backend, &[order("orderDesc", "number")]).await[0], "null");
}
