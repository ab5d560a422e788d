//! Columns of every kind: created, changed, renamed; points, lines and polygons with their queries.

use local_appwrite::Profile;
use serde_json::{Value, json};

use crate::client::{As, Backend};

const TABLE: &str = "/tablesdb/main/tables/things";
const OLD: &str = "/databases/main/collections/things";

async fn table() -> Backend {
    let backend = Backend::start().await;
    backend.post(As::Key, "/tablesdb/main/tables", json!({"tableId": "things", "name": "Things"})).await.expect(201);
    backend
}

async fn column(backend: &Backend, kind: &str, column: Value) -> Value {
    backend.post(As::Key, &format!("{TABLE}/columns/{kind}"), column).await.expect(202)
}

async fn row(backend: &Backend, id: &str, data: Value) {
    backend.post(As::Key, &format!("{TABLE}/rows"), json!({"rowId": id, "data": data})).await.expect(201);
}

async fn found(backend: &Backend, query: Value) -> Vec<String> {
    let query: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
    let rows = backend.get(As::Key, &format!("{TABLE}/rows?queries[]={query}")).await.expect(200);
    let rows = rows["rows"].as_array().expect("rows").clone();
    rows.iter().map(|row| row["$id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn column_is_changed_by_both_apis() {
    let backend = table().await;
    for (kind, key, created, changed, expected) in [
        ("string", "s", json!({"size": 20}), json!({"size": 30, "default": "x"}), json!({"size": 30, "default": "x"})),
        ("varchar", "v", json!({"size": 20}), json!({"size": 25, "default": null}), json!({"size": 25})),
        ("text", "t", json!({}), json!({"default": "long"}), json!({"default": "long"})),
        (
            "integer",
            "i",
            json!({"min": 1, "max": 9}),
            json!({"max": 20, "default": 15}),
            json!({"min": 1, "max": 20, "default": 15}),
        ),
        ("bigint", "b", json!({}), json!({"min": 5, "default": 7}), json!({"min": 5, "default": 7, "type": "bigint"})),
        ("float", "f", json!({"max": 9.5}), json!({"min": -1.5, "default": null}), json!({"min": -1.5, "max": 9.5})),
        ("boolean", "o", json!({}), json!({"default": true}), json!({"default": true})),
        (
            "datetime",
            "d",
            json!({}),
            json!({"default": "2030-01-31T12:00:00.000Z"}),
            json!({"default": "2030-01-31T12:00:00.000+00:00"}),
        ),
        ("email", "e", json!({}), json!({"default": "a@b.test"}), json!({"default": "a@b.test"})),
        ("url", "u", json!({}), json!({"default": "https://a.test"}), json!({"default": "https://a.test"})),
        ("ip", "p", json!({}), json!({"default": "::1"}), json!({"default": "::1"})),
        (
            "enum",
            "n",
            json!({"elements": ["a"]}),
            json!({"elements": ["a", "b"], "default": "b"}),
            json!({"elements": ["a", "b"], "default": "b"}),
        ),
        ("point", "g", json!({}), json!({"default": [1, 2.5]}), json!({"default": [1, 2.5], "type": "point"})),
    ] {
        let mut created = created;
        created["key"] = key.into();
        created["required"] = false.into();
        column(&backend, kind, created).await;
        let mut change = changed;
        change["required"] = false.into();
        for path in [format!("{TABLE}/columns/{kind}/{key}"), format!("{OLD}/attributes/{kind}/{key}")] {
            let answer = backend.patch(As::Key, &path, change.clone()).await.expect(200);
            assert_eq!((&answer["key"], &answer["status"]), (&json!(key), &json!("available")));
            for (field, value) in expected.as_object().expect("fields") {
                assert_eq!(answer[field], *value, "{kind}: {field}");
            }
        }
        let kept = backend.get(As::Key, &format!("{TABLE}/columns/{key}")).await.expect(200);
        assert_eq!(kept["default"], expected["default"], "{kind}");
    }
}

#[tokio::test]
async fn column_refuses_changes_that_do_not_fit() {
    let backend = table().await;
    column(&backend, "string", json!({"key": "s", "size": 20, "required": false})).await;
    column(&backend, "string", json!({"key": "many", "size": 20, "required": false, "array": true})).await;
    column(&backend, "integer", json!({"key": "i", "min": 1, "max": 9, "required": false})).await;
    row(&backend, "r", json!({"s": "twelve chars"})).await;
    for (path, change, status, kind) in [
        ("string/zzz", json!({"required": false, "default": null}), 404, "column_not_found"),
        ("nothing/s", json!({"required": false, "default": null}), 404, "general_route_not_found"),
        ("string/s", json!({"default": null}), 400, "general_argument_invalid"),
        ("string/s", json!({"required": false}), 400, "general_argument_invalid"),
        ("string/s", json!({"required": false, "default": 5}), 400, "general_argument_invalid"),
        ("string/s", json!({"required": true, "default": "x"}), 400, "column_default_unsupported"),
        ("string/many", json!({"required": false, "default": "x"}), 400, "column_default_unsupported"),
        ("string/s", json!({"required": false, "default": null, "size": 5}), 400, "column_invalid_resize"),
        ("string/s", json!({"required": false, "default": null, "newKey": "i"}), 409, "column_already_exists"),
        ("integer/i", json!({"required": false, "default": 50}), 400, "column_value_invalid"),
        ("integer/i", json!({"required": false, "default": null, "min": 20}), 400, "column_value_invalid"),
    ] {
        let refused = backend.patch(As::Key, &format!("{TABLE}/columns/{path}"), change).await;
        if kind == "general_route_not_found" {
            assert_eq!(refused.status, status);
        } else {
            assert_eq!(refused.error(), (status, kind.to_owned()), "{path}");
        }
    }
    let unscoped = backend.patch(As::Guest, &format!("{TABLE}/columns/string/s"), json!({})).await;
    assert_eq!(unscoped.error(), (401, "general_unauthorized_scope".to_owned()));
}

#[tokio::test]
async fn renamed_column_keeps_values_and_indexes() {
    let backend = table().await;
    column(&backend, "string", json!({"key": "s", "size": 20, "required": true})).await;
    let index = json!({"key": "by_s", "type": "key", "columns": ["s"]});
    backend.post(As::Key, &format!("{TABLE}/indexes"), index).await.expect(202);
    row(&backend, "r", json!({"s": "kept"})).await;
    let change = json!({"required": true, "default": null, "newKey": "word"});
    let renamed = backend.patch(As::Key, &format!("{TABLE}/columns/string/s"), change).await.expect(200);
    assert_eq!((&renamed["key"], &renamed["required"]), (&json!("word"), &json!(true)));
    let row = backend.get(As::Key, &format!("{TABLE}/rows/r")).await.expect(200);
    assert_eq!((&row["word"], row.get("s")), (&json!("kept"), None));
    let index = backend.get(As::Key, &format!("{TABLE}/indexes/by_s")).await.expect(200);
    assert_eq!(index["columns"], json!(["word"]));
    assert_eq!(found(&backend, json!({"method": "equal", "attribute": "word", "values": ["KEPT"]})).await, ["r"]);
}

#[tokio::test]
async fn spatial_values_are_stored_and_queried() {
    let backend = table().await;
    let place = column(&backend, "point", json!({"key": "at", "required": false})).await;
    assert_eq!((&place["type"], &place["default"]), (&json!("point"), &Value::Null));
    let way = column(&backend, "line", json!({"key": "way", "required": false})).await;
    assert_eq!(way["type"], "linestring");
    column(&backend, "polygon", json!({"key": "area", "required": false})).await;
    let ring = json!([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]);
    row(&backend, "berlin", json!({"at": [13.405, 52.52], "area": [ring]})).await;
    row(&backend, "paris", json!({"at": "POINT(2.3522 48.8566)", "way": [[0, 0], [1, 1.5]], "area": ring})).await;
    row(&backend, "nowhere", json!({"way": null})).await;
    let paris = backend.get(As::Key, &format!("{TABLE}/rows/paris")).await.expect(200);
    assert_eq!((&paris["at"], &paris["way"]), (&json!([2.3522, 48.8566]), &json!([[0, 0], [1, 1.5]])));
    assert_eq!(paris["area"], json!([[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]));
    let query = |method: &str, attribute: &str, values: Value| json!({"method": method, "attribute": attribute, "values": values});
    for (query, expected) in [
        (query("distanceLessThan", "at", json!([[[13.4, 52.5], 5000, true]])), vec!["berlin"]),
        (query("distanceGreaterThan", "at", json!([[[13.4, 52.5], 5000, true]])), vec!["paris"]),
        (query("distanceLessThan", "area", json!([[[7, 8], 5.5, false]])), vec!["berlin", "paris"]),
        (query("distanceEqual", "at", json!([[[13.405, 52.52], 0, true]])), vec!["berlin"]),
        (query("intersects", "way", json!([[[0, 1], [1, 0]]])), vec!["paris"]),
        (query("notIntersects", "area", json!([[9, 9]])), vec!["berlin", "paris"]),
        (query("contains", "area", json!([[1, 1]])), vec!["berlin", "paris"]),
        (query("notContains", "area", json!([[9, 9]])), vec!["berlin", "paris"]),
        (query("equal", "at", json!([[13.405, 52.52]])), vec!["berlin"]),
        (query("isNull", "at", json!([])), vec!["nowhere"]),
    ] {
        assert_eq!(found(&backend, query.clone()).await, expected, "{query}");
    }
    for (query, status, why) in [
        (query("crosses", "way", json!([[[0, 1], [1, 0]]])), 405, "local-appwrite does not answer"),
        (query("distanceLessThan", "at", json!([[[1, 2], 5]])), 400, "Distance query requires [[geometry, distance]]"),
        (
            query("distanceLessThan", "area", json!([[[1, 2], 5, true]])),
            400,
            "Distance in meters is not supported between polygon and point",
        ),
        (query("intersects", "$id", json!([[1, 2]])), 400, "cannot be applied on non-spatial attribute: $id"),
        (query("equal", "at", json!([1, 2])), 400, "Spatial data must be an array"),
    ] {
        let text: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
        let refused = backend.get(As::Key, &format!("{TABLE}/rows?queries[]={text}")).await;
        assert_eq!(refused.status, status, "{query}: {}", refused.text);
        assert!(refused.body()["message"].as_str().is_some_and(|message| message.contains(why)), "{}", refused.text);
    }
    for (data, why) in [
        (
            json!({"at": [1]}),
            "Attribute \"at\" has invalid type. Value must be a valid point: Point must be an array of two numeric values [x, y]",
        ),
        (json!({"area": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}), "Ring #0 must be closed"),
        (
            json!({"way": [[1, 200], [1, 1]]}),
            "Invalid coordinates at point #0: Latitude (y) must be between -90 and 90, got 200",
        ),
    ] {
        let refused = backend.post(As::Key, &format!("{TABLE}/rows"), json!({"rowId": "x", "data": data})).await;
        assert_eq!(refused.error(), (400, "row_invalid_structure".to_owned()));
        assert!(refused.body()["message"].as_str().is_some_and(|message| message.contains(why)), "{}", refused.text);
    }
}

#[tokio::test]
async fn spatial_indexes_are_for_required_spatial_columns() {
    let backend = table().await;
    column(&backend, "point", json!({"key": "loose", "required": false})).await;
    column(&backend, "point", json!({"key": "fixed", "required": true})).await;
    column(&backend, "string", json!({"key": "s", "size": 9, "required": true})).await;
    let index =
        |kind: &str, column: &str| json!({"key": format!("{kind}_{column}"), "type": kind, "columns": [column]});
    for (kind, column) in [("spatial", "loose"), ("spatial", "s"), ("key", "fixed")] {
        let refused = backend.post(As::Key, &format!("{TABLE}/indexes"), index(kind, column)).await;
        assert_eq!(refused.error(), (400, "column_index_invalid".to_owned()), "{kind} {column}");
    }
    backend.post(As::Key, &format!("{TABLE}/indexes"), index("spatial", "fixed")).await.expect(202);
    row(&backend, "r", json!({"fixed": [1, 2], "s": "x"})).await;
    let late = json!({"key": "late", "required": true});
    let refused = backend.post(As::Key, &format!("{TABLE}/columns/polygon"), late).await;
    assert_eq!(refused.error(), (400, "row_invalid_structure".to_owned()));
}

#[tokio::test]
async fn big_numbers_are_also_read_from_strings() {
    let backend = table().await;
    column(&backend, "bigint", json!({"key": "n", "required": true, "min": 0})).await;
    row(&backend, "r", json!({"n": "9007199254740993"})).await;
    let kept = backend.get(As::Key, &format!("{TABLE}/rows/r")).await.expect(200);
    assert_eq!(kept["n"].as_i64(), Some(9_007_199_254_740_993));
    for bad in [json!(-1), json!("x"), json!(1.5)] {
        let refused = backend.post(As::Key, &format!("{TABLE}/rows"), json!({"rowId": "x", "data": {"n": bad}})).await;
        assert_eq!(refused.error(), (400, "row_invalid_structure".to_owned()));
    }
    assert_eq!(found(&backend, json!({"method": "greaterThan", "attribute": "n", "values": [5]})).await, ["r"]);
}

#[tokio::test]
async fn older_servers_have_no_newer_column_types() {
    for (profile, kind, status) in [
        (Profile::OneFive, "point", 404),
        (Profile::OneSix, "text", 404),
        (Profile::OneEight, "bigint", 404),
        (Profile::OneEight, "point", 202),
        (Profile::OneNine, "bigint", 202),
    ] {
        let backend = Backend::of(profile).await;
        let path = format!("/databases/main/collections/birthdays/attributes/{kind}");
        let answer = backend.post(As::Key, &path, json!({"key": "x", "required": false})).await;
        assert_eq!(answer.status, status, "{profile:?} {kind}");
    }
}

#[tokio::test]
async fn new_table_is_created_with_columns_and_indexes() {
    let backend = Backend::start().await;
    let columns = json!([
        {"key": "name", "type": "string", "size": 20, "required": true},
        {"key": "email", "type": "email"},
        {"key": "grade", "type": "enum", "elements": ["a", "b"], "default": "a"},
        {"key": "size", "type": "double", "min": 1, "max": 5},
        {"key": "tags", "type": "text", "array": true},
    ]);
    let indexes = json!([{"key": "one", "type": "unique", "attributes": ["name"]}]);
    let table = json!({"tableId": "things", "name": "Things", "columns": columns, "indexes": indexes});
    let table = backend.post(As::Key, "/tablesdb/main/tables", table).await.expect(201);
    let kinds: Vec<_> = table["columns"].as_array().expect("columns").iter().map(|own| own["type"].clone()).collect();
    assert_eq!(json!(kinds), json!(["string", "string", "string", "double", "text"]));
    assert_eq!(
        (&table["columns"][2]["elements"], &table["indexes"][0]["columns"]),
        (&json!(["a", "b"]), &json!(["name"]))
    );
    row(&backend, "a", json!({"name": "same"})).await;
    let path = format!("{TABLE}/rows");
    let refused = backend.post(As::Key, &path, json!({"rowId": "b", "data": {"name": "same"}})).await;
    assert_eq!(refused.error(), (409, "row_unique_constraint_violation".to_owned()));
    for (columns, indexes) in [
        (json!([{"key": "x", "type": "relationship"}]), json!([])),
        (json!([{"key": "x", "type": "some"}]), json!([])),
        (json!([{"key": "x", "type": "text"}, {"key": "X", "type": "text"}]), json!([])),
        (json!([{"type": "text"}]), json!([])),
        (json!(["x"]), json!([])),
        (json!([]), json!([{"key": "i", "type": "zzz", "attributes": ["x"]}])),
    ] {
        let table = json!({"tableId": "bad", "name": "Bad", "columns": columns, "indexes": indexes});
        let refused = backend.post(As::Key, "/tablesdb/main/tables", table).await;
        assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()), "{columns} {indexes}");
    }
    backend.get(As::Key, "/tablesdb/main/tables/bad").await.expect(404);
}

#[tokio::test]
async fn columns_and_indexes_are_listed_by_query() {
    let backend = table().await;
    for key in ["a", "b", "c"] {
        column(&backend, "string", json!({"key": key, "size": 9, "required": key == "b"})).await;
        let index = json!({"key": format!("by_{key}"), "type": "key", "columns": [key]});
        backend.post(As::Key, &format!("{TABLE}/indexes"), index).await.expect(202);
    }
    let list = async |what: &str, query: Value| {
        let query: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
        let page = backend.get(As::Key, &format!("{TABLE}/{what}?queries[]={query}")).await.expect(200);
        let keys = page[what].as_array().expect("a list").iter().map(|own| own["key"].clone()).collect::<Vec<_>>();
        (page["total"].clone(), json!(keys))
    };
    let limit = json!({"method": "limit", "values": [2]});
    assert_eq!(list("columns", limit.clone()).await, (json!(3), json!(["a", "b"])));
    assert_eq!(list("indexes", limit).await, (json!(3), json!(["by_a", "by_b"])));
    let required = json!({"method": "equal", "attribute": "required", "values": [true]});
    assert_eq!(list("columns", required).await, (json!(1), json!(["b"])));
    let after = json!({"method": "cursorAfter", "values": ["by_a"]});
    assert_eq!(list("indexes", after).await.1, json!(["by_b", "by_c"]));
    for what in ["columns", "indexes"] {
        let page = backend.get(As::Key, &format!("{TABLE}/{what}?total=false")).await.expect(200);
        assert_eq!(page["total"], 0);
    }
    let index = backend.get(As::Key, &format!("{TABLE}/indexes")).await.expect(200)["indexes"][0].clone();
    assert_eq!(index["$id"], "1_1_by_a");
}
