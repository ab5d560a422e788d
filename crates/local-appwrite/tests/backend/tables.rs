//! Tables and rows in cases that are easy to get wrong: defaults, nulls, resets, bulk writes.

use std::time::Duration;

use local_appwrite::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{As, Backend, answer};

const TABLE: &str = "/tablesdb/main/tables/things";
const ROWS: &str = "/tablesdb/main/tables/things/rows";

async fn table() -> Backend {
    let backend = Backend::start().await;
    let table = json!({"tableId": "things", "name": "Things", "rowSecurity": true, "enabled": false});
    backend.post(As::Key, "/tablesdb/main/tables", table).await.expect(201);
    for (kind, column) in [
        ("string", json!({"key": "name", "size": 20, "required": true})),
        ("string", json!({"key": "word", "size": 20, "required": false, "default": "hey"})),
        ("text", json!({"key": "tags", "required": false, "array": true})),
    ] {
        backend.post(As::Key, &format!("{TABLE}/columns/{kind}"), column).await.expect(202);
    }
    backend
}

fn values(row: &Value) -> (&Value, &Value, &Value) {
    (&row["name"], &row["word"], &row["tags"])
}

#[tokio::test]
async fn null_is_the_default_and_a_list_is_never_null() {
    let backend = table().await;
    let data = json!({"name": "a", "word": null, "tags": null});
    let row = backend.post(As::Key, ROWS, json!({"rowId": "r", "data": data})).await.expect(201);
    assert_eq!(values(&row), (&json!("a"), &json!("hey"), &json!([])));
    backend.patch(As::Key, &format!("{ROWS}/r"), json!({"data": {"word": "b"}})).await.expect(200);
    let row = backend.patch(As::Key, &format!("{ROWS}/r"), json!({"data": {"word": null}})).await.expect(200);
    assert_eq!(values(&row), (&json!("a"), &json!("hey"), &json!([])));
}

#[tokio::test]
async fn table_put_resets_omitted_fields() {
    let backend = table().await;
    let table = backend.put(As::Key, TABLE, json!({"name": "Renamed"})).await.expect(200);
    assert_eq!((&table["rowSecurity"], &table["enabled"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn row_put_requires_all_fields() {
    let backend = table().await;
    let path = format!("{ROWS}/r");
    for _ in 0..2 {
        let refused = backend.put(As::Key, &path, json!({"data": {"word": "x"}})).await;
        assert_eq!(refused.error(), (400, "row_invalid_structure".to_owned()));
        backend.put(As::Key, &path, json!({"data": {"name": "a", "word": "w"}})).await.expect(200);
    }
    let row = backend.put(As::Key, &path, json!({"data": {"name": "b"}})).await.expect(200);
    assert_eq!(values(&row), (&json!("b"), &json!("w"), &json!([])));
}

#[tokio::test]
async fn unchanged_write_keeps_the_date_and_needs_only_read() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let rows = "/tablesdb/main/tables/birthdays/rows";
    let data = json!({"name": "Kim", "birthday": "2012-02-03T00:00:00.000+00:00", "note": null});
    let row = json!({"rowId": "kim", "data": data, "permissions": [r#"read("users")"#]});
    let row = backend.post(As::Key, rows, row).await.expect(201);
    let path = format!("{rows}/kim");
    let same = backend.patch(As::Session(&bob.secret), &path, json!({"data": {"name": "Kim"}})).await.expect(200);
    let put = backend.put(As::Session(&ann.secret), &path, json!({"data": data})).await.expect(200);
    assert_eq!((&same["$updatedAt"], &put["$updatedAt"]), (&row["$updatedAt"], &row["$updatedAt"]));
    // The same date in another form is a change, and so is a column that PUT omits.
    for answer in [
        backend.patch(As::Session(&bob.secret), &path, json!({"data": {"birthday": "2012-02-03"}})).await,
        backend
            .put(As::Session(&bob.secret), &path, json!({"data": {"name": "Kim", "birthday": data["birthday"]}}))
            .await,
    ] {
        assert_eq!(answer.error(), (401, "user_unauthorized".to_owned()));
    }
    let guest = backend.patch(As::Guest, &path, json!({"data": {"name": "Kim"}})).await;
    assert_eq!(guest.error(), (401, "user_unauthorized".to_owned()), "a guest may not even read it");
    let changed = backend.patch(As::Key, &path, json!({"data": {"name": "Kay"}})).await.expect(200);
    assert_ne!(changed["$updatedAt"], row["$updatedAt"]);
}

#[tokio::test]
async fn row_newer_than_given_time_is_not_changed_or_deleted() {
    let backend = table().await;
    let path = format!("{ROWS}/r");
    backend.put(As::Key, &path, json!({"data": {"name": "a"}})).await.expect(200);
    let at = |method: Method, time: &str| {
        let request = backend.request(As::Key, method, &path).header("x-appwrite-timestamp", time.to_owned());
        answer(request.json(&json!({"data": {"name": "b"}})))
    };
    let old = "2020-01-01T00:00:00.000Z";
    for method in [Method::PATCH, Method::DELETE] {
        assert_eq!(at(method.clone(), old).await.error(), (409, "row_update_conflict".to_owned()));
        assert_eq!(at(method, "oops").await.error(), (400, "general_argument_invalid".to_owned()));
    }
    at(Method::PUT, old).await.expect(200);
    at(Method::PATCH, "2100-01-01").await.expect(200);
}

#[tokio::test]
async fn cursor_may_be_a_row_that_the_caller_cannot_read() {
    let backend = table().await;
    backend.put(As::Key, TABLE, json!({"name": "Things", "rowSecurity": true})).await.expect(200);
    for (id, permissions) in [("a", json!([r#"read("any")"#])), ("b", json!([])), ("c", json!([r#"read("any")"#]))] {
        let row = json!({"rowId": id, "data": {"name": id}, "permissions": permissions});
        backend.post(As::Key, ROWS, row).await.expect(201);
    }
    let queries = json!([r#"{"method":"cursorAfter","values":["b"]}"#]);
    let page = backend.post(As::Guest, &format!("{ROWS}/query"), json!({"queries": queries})).await.expect(200);
    assert_eq!((&page["total"], &page["rows"][0]["$id"]), (&json!(2), &json!("c")));
    assert_eq!(page["rows"].as_array().expect("rows").len(), 1);
}

#[tokio::test]
async fn older_client_gets_responses_of_its_version() {
    let backend = table().await;
    backend.post(As::Key, ROWS, json!({"rowId": "r", "data": {"name": "a"}})).await.expect(201);
    let get = |format: &str| {
        let request = backend.request(As::Key, Method::GET, &format!("{ROWS}/r"));
        answer(request.header("x-appwrite-response-format", format.to_owned()))
    };
    assert_eq!(get("1.8.0").await.expect(200)["$sequence"], 1);
    assert_eq!(get("1.9.0").await.expect(200)["$sequence"], "1");
    let list = answer(backend.request(As::Key, Method::GET, &format!("{ROWS}?ttl=60"))).await;
    assert_eq!(list.header("x-appwrite-cache"), "miss");
    assert_eq!(backend.get(As::Key, &format!("{ROWS}?ttl=90000")).await.error().0, 400);
}

#[tokio::test]
async fn boolean_in_quotes_is_refused_where_appwrite_wants_a_boolean() {
    let backend = table().await;
    for (body, status) in
        [(json!({"name": "T", "enabled": "true"}), 400), (json!({"name": "T", "rowSecurity": "true"}), 200)]
    {
        assert_eq!(backend.put(As::Key, TABLE, body).await.status, status);
    }
}

#[tokio::test]
async fn key_can_write_rows_in_bulk() {
    let backend = table().await;
    let rows = json!({"rows": [{"$id": "a1", "name": "x"}, {"$id": "a2", "name": "y"}]});
    assert_eq!(backend.post(As::Key, ROWS, rows.clone()).await.expect(201)["total"], 2);
    backend.put(As::Key, TABLE, json!({"name": "Open"})).await.expect(200);
    assert_eq!(backend.post(As::Guest, ROWS, rows).await.error(), (401, "general_unauthorized_scope".to_owned()));
    let queries = json!([r#"{"method":"equal","attribute":"$id","values":["a1"]}"#]);
    let changed = backend.patch(As::Key, ROWS, json!({"data": {"name": "z"}, "queries": queries})).await.expect(200);
    assert_eq!((&changed["total"], &changed["rows"][0]["name"]), (&json!(1), &json!("z")));
    let request = backend.request(As::Key, Method::DELETE, ROWS).json(&json!({}));
    assert_eq!(answer(request).await.expect(200)["total"], 2);
    assert_eq!(backend.get(As::Key, ROWS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn row_number_increments_and_decrements_within_bounds() {
    let backend = Backend::start().await;
    let columns = "/tablesdb/main/tables/birthdays/columns";
    backend.post(As::Key, &format!("{columns}/integer"), json!({"key": "gifts", "required": false})).await.expect(202);
    let ann = backend.sign_up("Ann").await;
    let row = json!({"rowId": "kim", "data": {"name": "Kim", "birthday": "2012-02-03"}});
    backend.post(As::Session(&ann.secret), "/tablesdb/main/tables/birthdays/rows", row).await.expect(201);
    let path = "/tablesdb/main/tables/birthdays/rows/kim";
    let ann_asks = As::Session(&ann.secret);
    let counter = format!("{path}/gifts/increment");
    let up = |body: Value| backend.patch(ann_asks, &counter, body);
    assert_eq!(up(json!({})).await.expect(200)["gifts"], 1, "nothing counts as 0");
    assert_eq!(up(json!({"value": 4, "max": 5})).await.expect(200)["gifts"], 5);
    assert_eq!(up(json!({"max": 5})).await.error(), (400, "column_limit_exceeded".to_owned()));
    let down = backend.patch(ann_asks, &format!("{path}/gifts/decrement"), json!({"value": 3, "min": 0})).await;
    assert_eq!(down.expect(200)["gifts"], 2);
    let below = backend.patch(ann_asks, &format!("{path}/gifts/decrement"), json!({"value": 3, "min": 0})).await;
    assert_eq!(below.error(), (400, "column_limit_exceeded".to_owned()));
    assert_eq!(up(json!({"value": 0})).await.error(), (400, "general_argument_invalid".to_owned()));
    let text = backend.patch(ann_asks, &format!("{path}/name/increment"), json!({})).await;
    assert_eq!(text.error(), (400, "attribute_type_invalid".to_owned()));
    let none = backend.patch(ann_asks, &format!("{path}/none/increment"), json!({})).await;
    assert_eq!(none.error(), (404, "column_not_found".to_owned()));
    let bob = backend.sign_up("Bob").await;
    let foreign = backend.patch(As::Session(&bob.secret), &format!("{path}/gifts/increment"), json!({})).await;
    assert_eq!(foreign.error(), (401, "user_unauthorized".to_owned()));
    let transaction = backend.post(As::Key, "/tablesdb/transactions", json!({})).await.expect(201);
    let id = transaction["$id"].as_str().expect("an id");
    let staged = json!({"value": 5, "transactionId": id});
    backend.patch(As::Key, &counter, staged).await.expect(200);
    assert_eq!(backend.get(As::Key, path).await.expect(200)["gifts"], 2, "it is only staged");
    backend.patch(As::Key, &format!("/tablesdb/transactions/{id}"), json!({"commit": true})).await.expect(200);
    assert_eq!(backend.get(As::Key, path).await.expect(200)["gifts"], 7);
}

/// An operator in the format of the SDKs.
fn operator(method: &str, values: Value) -> Value {
    json!({"method": method, "values": values}).to_string().into()
}

async fn numbers() -> Backend {
    let backend = table().await;
    for (kind, key) in [("integer", "count"), ("float", "size"), ("boolean", "done"), ("datetime", "day")] {
        let column = json!({"key": key, "required": false});
        backend.post(As::Key, &format!("{TABLE}/columns/{kind}"), column).await.expect(202);
    }
    let data = json!({
        "name": "abc", "tags": ["a", "b", "a"], "count": 7, "size": 1.5, "done": false, "day": "2030-01-30",
    });
    backend.post(As::Key, ROWS, json!({"rowId": "r", "data": data})).await.expect(201);
    backend
}

#[tokio::test]
async fn operators_change_existing_values() {
    let backend = numbers().await;
    let path = format!("{ROWS}/r");
    let day = |day: &str| json!(format!("{day}T00:00:00.000+00:00"));
    for (column, method, values, result) in [
        ("count", "increment", json!([3]), json!(10)),
        ("count", "increment", json!([3, 12]), json!(10)),
        ("count", "decrement", json!([1]), json!(9)),
        ("count", "decrement", json!([9, 1]), json!(9)),
        ("count", "multiply", json!([2]), json!(18)),
        ("count", "divide", json!([4]), json!(5)),
        ("count", "modulo", json!([3]), json!(2)),
        ("count", "power", json!([5]), json!(32)),
        ("size", "multiply", json!([3]), json!(4.5)),
        ("name", "stringConcat", json!(["-abc"]), json!("abc-abc")),
        ("name", "stringReplace", json!(["abc", "x"]), json!("x-x")),
        ("done", "toggle", json!([]), json!(true)),
        ("day", "dateAddDays", json!([3]), day("2030-02-02")),
        ("day", "dateSubDays", json!([33]), day("2029-12-31")),
        ("tags", "arrayUnique", json!([]), json!(["a", "b"])),
        ("tags", "arrayAppend", json!(["c"]), json!(["a", "b", "c"])),
        ("tags", "arrayPrepend", json!(["z"]), json!(["z", "a", "b", "c"])),
        ("tags", "arrayInsert", json!([1, "y"]), json!(["z", "y", "a", "b", "c"])),
        ("tags", "arrayRemove", json!(["y"]), json!(["z", "a", "b", "c"])),
        ("tags", "arrayDiff", json!(["z"]), json!(["a", "b", "c"])),
        ("tags", "arrayIntersect", json!(["c", "b", "q"]), json!(["b", "c"])),
        ("tags", "arrayFilter", json!(["notEqual", "b"]), json!(["c"])),
    ] {
        let data = json!({"data": {column: operator(method, values)}});
        let row = backend.patch(As::Key, &path, data).await.expect(200);
        assert_eq!(row[column], result, "{method}");
    }
    let row = backend.patch(As::Key, &path, json!({"data": {"day": operator("dateSetNow", json!([]))}})).await;
    assert_ne!(row.expect(200)["day"], day("2029-12-31"));
}

#[tokio::test]
async fn operators_work_in_bulk_upserts_and_transactions() {
    let backend = numbers().await;
    let more = operator("increment", json!([1]));
    let bulk = backend.patch(As::Key, ROWS, json!({"data": {"count": more}})).await.expect(200);
    assert_eq!(bulk["rows"][0]["count"], 8);
    let rows =
        json!({"rows": [{"$id": "r", "name": "abc", "count": more}, {"$id": "new", "name": "n", "count": more}]});
    let bulk = backend.put(As::Key, ROWS, rows).await.expect(200);
    assert_eq!((&bulk["rows"][0]["count"], &bulk["rows"][1]["count"]), (&json!(9), &json!(1)));
    let transaction = backend.post(As::Key, "/tablesdb/transactions", json!({})).await.expect(201);
    let id = transaction["$id"].as_str().expect("an id");
    let staged = json!({"data": {"count": more}, "transactionId": id});
    backend.patch(As::Key, &format!("{ROWS}/r"), staged).await.expect(200);
    backend.patch(As::Key, &format!("/tablesdb/transactions/{id}"), json!({"commit": true})).await.expect(200);
    assert_eq!(backend.get(As::Key, &format!("{ROWS}/r")).await.expect(200)["count"], 10);
}

#[tokio::test]
async fn operators_on_wrong_column_types_are_refused() {
    let backend = numbers().await;
    for (column, method, values) in [
        ("name", "increment", json!([1])),
        ("count", "increment", json!(["x"])),
        ("count", "increment", json!([3_000_000_000_i64])),
        ("count", "divide", json!([0])),
        ("count", "toggle", json!([])),
        ("name", "stringConcat", json!(["x".repeat(18)])),
        ("name", "arrayAppend", json!(["x"])),
        ("tags", "arrayInsert", json!([9, "x"])),
        ("tags", "arrayFilter", json!(["like", "x"])),
        ("day", "dateAddDays", json!(["x"])),
    ] {
        let data = json!({"data": {column: operator(method, values)}});
        let refused = backend.patch(As::Key, &format!("{ROWS}/r"), data).await;
        assert_eq!(refused.error(), (400, "row_invalid_structure".to_owned()), "{method}");
    }
    let data = json!({"data": {"count": "{\"method\": \"increment\", \"values\": 1}"}});
    let refused = backend.patch(As::Key, &format!("{ROWS}/r"), data).await;
    assert_eq!(refused.error(), (400, "general_bad_request".to_owned()));
}

/// Both APIs, each with its error for a row that is newer than the request.
const APIS: [(&str, &str); 2] =
    [(ROWS, "row_update_conflict"), ("/databases/main/collections/things/documents", "document_update_conflict")];

#[tokio::test]
async fn row_newer_than_the_request_is_not_changed() {
    let clock = Clock::manual("2026-11-21T06:00:00Z".parse().expect("a timestamp"));
    let backend = Backend::at(clock.clone(), |_| {}).await;
    let things = json!({"tableId": "things", "name": "Things", "rowSecurity": true});
    backend.post(As::Key, "/tablesdb/main/tables", things).await.expect(201);
    let column = json!({"key": "name", "size": 20, "required": true});
    backend.post(As::Key, &format!("{TABLE}/columns/string"), column).await.expect(202);
    for (rows, conflict) in APIS {
        let ask = async |method: Method, id: &str, known: &str, body: Value| {
            let request = backend.request(As::Key, method, &format!("{rows}/{id}"));
            answer(request.header("x-appwrite-timestamp", known).json(&body)).await
        };
        let change = || json!({"data": {"name": "b"}});
        let row = json!({"rowId": "r", "documentId": "r", "data": {"name": "a"}});
        let row = backend.post(As::Key, rows, row).await.expect(201);
        let first = row["$updatedAt"].as_str().expect("a time").to_owned();
        clock.advance(Duration::from_millis(1));
        let row = ask(Method::PATCH, "r", &first, change()).await.expect(200);
        let second = row["$updatedAt"].as_str().expect("a time").to_owned();
        assert_ne!(first, second);
        for (method, known) in [(Method::PATCH, &*first), (Method::DELETE, &first), (Method::PATCH, "yesterday")] {
            let refused = ask(method.clone(), "r", known, change()).await;
            assert_eq!(refused.error(), (409, conflict.to_owned()), "{method} {known}");
        }
        ask(Method::PATCH, "r", "", json!({"data": {"name": "b"}})).await.expect(200);
        let kept = backend.get(As::Key, &format!("{rows}/r")).await.expect(200);
        assert_eq!((&kept["name"], &kept["$updatedAt"]), (&json!("b"), &json!(second)));
        // The header has no effect on rows that do not exist, and none on an upsert.
        assert_eq!(ask(Method::PATCH, "x", &first, change()).await.status, 404);
        ask(Method::PUT, "r", &first, change()).await.expect(200);
        let wrong = ask(Method::PATCH, "r", "no time", change()).await;
        assert_eq!(wrong.error(), (400, "general_argument_invalid".to_owned()));
        assert_eq!(wrong.body()["message"], "Invalid X-Appwrite-Timestamp header value");
        assert_eq!(ask(Method::DELETE, "r", "now", json!({})).await.status, 204);
    }
}

#[tokio::test]
async fn permission_is_checked_before_the_request_time() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.sign_up("Ann").await, backend.sign_up("Ben").await);
    let rows = "/tablesdb/main/tables/birthdays/rows";
    let row = json!({"rowId": "r", "data": {"name": "Kevin", "birthday": "2012-02-03"}});
    backend.post(As::Session(&ann.secret), rows, row).await.expect(201);
    for (who, error) in [(&ben, (401, "user_unauthorized")), (&ann, (409, "row_update_conflict"))] {
        let request = backend.request(As::Session(&who.secret), Method::PATCH, &format!("{rows}/r"));
        let request = request.header("x-appwrite-timestamp", "2020-01-01T00:00:00.000+00:00");
        let refused = answer(request.json(&json!({"data": {"name": "Una"}}))).await;
        assert_eq!(refused.error(), (error.0, error.1.to_owned()), "{}", who.email);
    }
}
