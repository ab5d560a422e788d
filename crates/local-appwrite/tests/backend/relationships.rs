//! Relationships: columns in pairs; rows that are written with their related rows, and read with the selected ones.

use local_appwrite::Profile;
use serde_json::{Value, json};

use crate::client::{As, Backend};

const MAIN: &str = "/tablesdb/main/tables";

/// Two tables with names, `people` and `things`, and a relationship from people to things.
async fn tables(relation: &str, more: Value) -> Backend {
    of(Profile::default(), relation, more).await
}

async fn of(profile: Profile, relation: &str, more: Value) -> Backend {
    let backend = Backend::of(profile).await;
    let old = "/databases/main/collections";
    for id in ["people", "things"] {
        let table =
            json!({"collectionId": id, "name": id, "documentSecurity": true, "permissions": ["create(\"users\")"]});
        backend.post(As::Key, old, table).await.expect(201);
        let name = json!({"key": "name", "size": 20, "required": false});
        backend.post(As::Key, &format!("{old}/{id}/attributes/string"), name).await.expect(202);
    }
    let mut column = json!({"relatedCollectionId": "things", "type": relation, "key": "thing", "twoWay": true, "twoWayKey": "person"});
    column.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    backend.post(As::Key, &format!("{old}/people/attributes/relationship"), column).await.expect(202);
    backend
}

fn rows(table: &str) -> String {
    format!("{MAIN}/{table}/rows")
}

async fn create(backend: &Backend, table: &str, id: &str, data: Value) -> Value {
    backend.post(As::Key, &rows(table), json!({"rowId": id, "data": data})).await.expect(201)
}

async fn update(backend: &Backend, table: &str, id: &str, data: Value) -> Value {
    backend.patch(As::Key, &format!("{}/{id}", rows(table)), json!({"data": data})).await.expect(200)
}

async fn refused(backend: &Backend, table: &str, data: Value) -> (u16, String) {
    backend.post(As::Key, &rows(table), json!({"rowId": "unique()", "data": data})).await.error()
}

fn query(query: &Value) -> String {
    let text: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
    format!("queries[]={text}")
}

async fn read(backend: &Backend, table: &str, id: &str, select: &[&str]) -> Value {
    let mut path = format!("{}/{id}", rows(table));
    if !select.is_empty() {
        path = format!("{path}?{}", query(&json!({"method": "select", "values": select})));
    }
    backend.get(As::Key, &path).await.expect(200)
}

async fn find(backend: &Backend, table: &str, filter: Value) -> Vec<String> {
    let found = backend.get(As::Key, &format!("{}?{}", rows(table), query(&filter))).await.expect(200);
    let rows = found["rows"].as_array().expect("rows").clone();
    rows.iter().map(|row| row["$id"].as_str().expect("an id").to_owned()).collect()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|row| row["$id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn relationship_columns_are_created_and_deleted_in_pairs() {
    let backend = tables("oneToMany", json!({"onDelete": "cascade"})).await;
    let own = backend.get(As::Key, &format!("{MAIN}/people/columns/thing")).await.expect(200);
    for (field, value) in [
        ("type", json!("relationship")),
        ("status", json!("available")),
        ("required", json!(false)),
        ("array", json!(false)),
        ("relatedTable", json!("things")),
        ("relationType", json!("oneToMany")),
        ("twoWay", json!(true)),
        ("twoWayKey", json!("person")),
        ("onDelete", json!("cascade")),
        ("side", json!("parent")),
    ] {
        assert_eq!(own[field], value, "{field}");
    }
    assert_eq!(own.get("default"), None);
    let other = backend.get(As::Key, "/databases/main/collections/things/attributes/person").await.expect(200);
    assert_eq!((&other["relatedCollection"], &other["side"]), (&json!("people"), &json!("child")));

    let change = json!({"onDelete": "setNull", "newKey": "belongings"});
    let path = format!("{MAIN}/people/columns/thing/relationship");
    let changed = backend.patch(As::Key, &path, change).await.expect(200);
    assert_eq!((&changed["key"], &changed["onDelete"]), (&json!("belongings"), &json!("setNull")));
    let other = backend.get(As::Key, &format!("{MAIN}/things/columns/person")).await.expect(200);
    assert_eq!((&other["twoWayKey"], &other["onDelete"]), (&json!("belongings"), &json!("setNull")));

    let path = "/databases/main/collections/people/attributes/relationship/belongings";
    let changed = backend.patch(As::Key, path, json!({"onDelete": "cascade"})).await.expect(200);
    assert_eq!(changed["onDelete"], "cascade");

    create(&backend, "people", "ann", json!({"belongings": [{"$id": "hat"}]})).await;
    assert_eq!(backend.delete(As::Key, &format!("{MAIN}/things/columns/person")).await.status, 204);
    for table in ["people", "things"] {
        let columns = backend.get(As::Key, &format!("{MAIN}/{table}/columns")).await.expect(200);
        assert_eq!((&columns["total"], &columns["columns"][0]["key"]), (&json!(1), &json!("name")));
    }
    assert_eq!(read(&backend, "things", "hat", &[]).await.get("person"), None);
}

#[tokio::test]
async fn invalid_relationship_columns_are_refused() {
    let backend = tables("manyToMany", json!({})).await;
    let path = format!("{MAIN}/people/columns/relationship");
    for (column, status, kind) in [
        (json!({"relatedTableId": "zzz", "type": "oneToOne"}), 404, "table_not_found"),
        (json!({"relatedTableId": "things", "type": "some"}), 400, "general_argument_invalid"),
        (json!({"relatedTableId": "things"}), 400, "general_argument_invalid"),
        (json!({"relatedTableId": "things", "type": "oneToOne", "onDelete": "x"}), 400, "general_argument_invalid"),
        (json!({"relatedTableId": "things", "type": "oneToOne", "key": "thing"}), 409, "column_already_exists"),
        (
            json!({"relatedTableId": "things", "type": "oneToOne", "key": "x", "twoWayKey": "person"}),
            409,
            "column_already_exists",
        ),
        (
            json!({"relatedTableId": "things", "type": "oneToOne", "key": "name", "twoWayKey": "y"}),
            409,
            "column_already_exists",
        ),
        (
            json!({"relatedTableId": "things", "type": "manyToMany", "key": "x", "twoWayKey": "y"}),
            409,
            "column_already_exists",
        ),
    ] {
        assert_eq!(backend.post(As::Key, &path, column.clone()).await.error(), (status, kind.to_owned()), "{column}");
    }
    let index = json!({"key": "i", "type": "key", "columns": ["thing"]});
    let index = backend.post(As::Key, &format!("{MAIN}/people/indexes"), index).await;
    assert_eq!(index.error(), (400, "column_type_invalid".to_owned()));
}

#[tokio::test]
async fn write_returns_related_rows_and_read_only_selected_ones() {
    let backend = tables("oneToOne", json!({})).await;
    let ann = create(&backend, "people", "ann", json!({"name": "Ann", "thing": {"$id": "hat", "name": "Hat"}})).await;
    assert_eq!((&ann["thing"]["name"], &ann["thing"]["$tableId"]), (&json!("Hat"), &json!("things")));
    assert_eq!(ann["thing"].get("person"), None, "the way back is left out");
    assert_eq!(read(&backend, "people", "ann", &[]).await["thing"], "hat");
    assert_eq!(read(&backend, "things", "hat", &[]).await["person"], "ann");
    assert_eq!(read(&backend, "people", "ann", &["*"]).await["thing"], "hat");
    let selected = read(&backend, "people", "ann", &["name", "thing.*"]).await;
    assert_eq!((&selected["name"], &selected["thing"]["name"]), (&json!("Ann"), &json!("Hat")));
    let named = read(&backend, "people", "ann", &["thing.$id"]).await;
    assert_eq!((named.get("name"), &named["thing"]["$id"], named["thing"].get("name")), (None, &json!("hat"), None));
    assert_eq!(read(&backend, "people", "ann", &["name"]).await.get("thing"), None);
    let unnamed = create(&backend, "people", "bob", json!({"thing": {"name": "Scarf"}})).await;
    assert!(unnamed["thing"]["$id"].as_str().is_some_and(|id| id.len() == 20));
}

#[tokio::test]
async fn older_servers_always_read_related_rows() {
    for profile in [Profile::OneFive, Profile::OneSix] {
        let backend = of(profile, "oneToOne", json!({})).await;
        let row = json!({"documentId": "ann", "data": {"thing": {"$id": "hat", "name": "Hat"}}});
        backend.post(As::Key, "/databases/main/collections/people/documents", row).await.expect(201);
        let ann = backend.get(As::Key, "/databases/main/collections/people/documents/ann").await.expect(200);
        assert_eq!(ann["thing"]["name"], "Hat", "{profile:?}");
    }
}

#[tokio::test]
async fn one_to_one_has_one_row_on_each_side() {
    let backend = tables("oneToOne", json!({"onDelete": "setNull"})).await;
    create(&backend, "things", "hat", json!({"name": "Hat"})).await;
    create(&backend, "things", "cap", json!({"name": "Cap"})).await;
    create(&backend, "people", "ann", json!({"thing": "hat"})).await;
    create(&backend, "people", "bob", json!({"name": "Bob"})).await;
    assert_eq!(read(&backend, "things", "hat", &[]).await["person"], "ann");
    assert_eq!(
        refused(&backend, "people", json!({"thing": "hat"})).await,
        (409, "row_unique_constraint_violation".into())
    );
    update(&backend, "people", "ann", json!({"thing": "cap"})).await;
    assert_eq!(read(&backend, "things", "hat", &[]).await["person"], Value::Null);
    assert_eq!(read(&backend, "things", "cap", &[]).await["person"], "ann");
    assert_eq!(update(&backend, "people", "ann", json!({"thing": "nowhere"})).await["thing"], Value::Null);
    update(&backend, "people", "bob", json!({"thing": {"$id": "cap", "name": "Cap"}})).await;
    assert_eq!(read(&backend, "things", "cap", &[]).await["name"], "Cap");
    assert_eq!(backend.delete(As::Key, &format!("{}/bob", rows("people"))).await.status, 204);
    assert_eq!(read(&backend, "things", "cap", &[]).await["person"], Value::Null);
    for (bad, why) in [
        (json!(["hat"]), "Must be either a document ID or a document, array given."),
        (json!(5), "Relationship value must be an object, document ID string, or associative array"),
        (json!({"$id": 5}), "Relationship $id must be a string"),
        (json!({"$id": "!"}), "Parameter must contain at most 36 chars"),
    ] {
        let body = json!({"rowId": "x", "data": {"thing": bad}});
        let answer = backend.post(As::Key, &rows("people"), body).await;
        assert_eq!(answer.error(), (400, "relationship_value_invalid".to_owned()));
        assert!(answer.text.contains(why), "{}", answer.text);
    }
}

#[tokio::test]
async fn one_to_many_stores_the_id_in_the_child() {
    let backend = tables("oneToMany", json!({})).await;
    create(&backend, "things", "cap", json!({"name": "Cap"})).await;
    let things = json!(["cap", {"$id": "hat", "name": "Hat"}]);
    let ann = create(&backend, "people", "ann", json!({"name": "Ann", "thing": things})).await;
    assert_eq!(ids(&ann["thing"]), ["cap", "hat"]);
    assert_eq!(read(&backend, "people", "ann", &[]).await.get("thing"), None);
    assert_eq!(ids(&read(&backend, "people", "ann", &["*", "thing.*"]).await["thing"]), ["cap", "hat"]);
    assert_eq!(read(&backend, "people", "ann", &["thing.name"]).await["name"], "Ann");
    assert_eq!(read(&backend, "things", "hat", &["person.name"]).await["person"]["name"], "Ann");
    let changed = update(&backend, "people", "ann", json!({"thing": ["hat"]})).await;
    assert_eq!(ids(&changed["thing"]), ["hat"]);
    assert_eq!(read(&backend, "things", "cap", &[]).await["person"], Value::Null);
    let string = json!({"data": {"thing": "hat"}});
    let answer = backend.patch(As::Key, &format!("{}/ann", rows("people")), string).await;
    assert_eq!(answer.error(), (400, "relationship_value_invalid".to_owned()));
    assert!(answer.text.contains("Must be either an array of documents or document IDs, string given."));
    let restricted = backend.delete(As::Key, &format!("{}/ann", rows("people"))).await;
    assert_eq!(restricted.error(), (403, "row_delete_restricted".to_owned()));
    let old = backend.delete(As::Key, "/databases/main/collections/people/documents/ann").await;
    assert_eq!(old.error(), (403, "document_delete_restricted".to_owned()));
    assert_eq!(backend.delete(As::Key, &format!("{}/hat", rows("things"))).await.status, 204);
    assert_eq!(backend.delete(As::Key, &format!("{}/ann", rows("people"))).await.status, 204);
}

#[tokio::test]
async fn many_to_one_cascades_to_referring_rows() {
    let backend = tables("manyToOne", json!({"onDelete": "cascade"})).await;
    create(&backend, "people", "ann", json!({"thing": {"$id": "house"}})).await;
    create(&backend, "people", "bob", json!({"thing": "house"})).await;
    assert_eq!(ids(&read(&backend, "things", "house", &["person.*"]).await["person"]), ["ann", "bob"]);
    assert_eq!(backend.delete(As::Key, &format!("{}/ann", rows("people"))).await.status, 204);
    assert_eq!(backend.delete(As::Key, &format!("{}/house", rows("things"))).await.status, 204);
    assert_eq!(backend.get(As::Key, &format!("{}/bob", rows("people"))).await.status, 404);
}

#[tokio::test]
async fn many_to_many_is_seen_from_both_sides() {
    let backend = tables("manyToMany", json!({"onDelete": "setNull"})).await;
    create(&backend, "people", "ann", json!({"thing": [{"$id": "chess"}, {"$id": "go"}]})).await;
    create(&backend, "people", "bob", json!({"thing": ["go"]})).await;
    assert_eq!(ids(&read(&backend, "things", "go", &["*", "person.*"]).await["person"]), ["ann", "bob"]);
    update(&backend, "things", "chess", json!({"person": ["bob"]})).await;
    assert_eq!(ids(&read(&backend, "people", "ann", &["thing.*"]).await["thing"]), ["go"]);
    assert_eq!(ids(&read(&backend, "people", "bob", &["thing.*"]).await["thing"]), ["go", "chess"]);
    assert_eq!(backend.delete(As::Key, &format!("{}/go", rows("things"))).await.status, 204);
    assert_eq!(ids(&read(&backend, "people", "ann", &["thing.*"]).await["thing"]), Vec::<&str>::new());
}

#[tokio::test]
async fn rows_are_found_by_their_related_rows() {
    let backend = tables("manyToOne", json!({})).await;
    create(&backend, "people", "ann", json!({"thing": {"$id": "hat", "name": "Hat"}})).await;
    create(&backend, "people", "bob", json!({"thing": {"$id": "cap", "name": "Cap"}})).await;
    let equal = |attribute: &str, value: &str| json!({"method": "equal", "attribute": attribute, "values": [value]});
    assert_eq!(find(&backend, "people", equal("thing", "hat")).await, ["ann"]);
    assert_eq!(find(&backend, "people", equal("thing.name", "Cap")).await, ["bob"]);
    assert_eq!(find(&backend, "things", equal("person.$id", "bob")).await, ["cap"]);
    assert_eq!(find(&backend, "people", equal("thing.name", "Scarf")).await, Vec::<String>::new());
    for (filter, why) in [
        (equal("person", "ann"), "Cannot query on virtual relationship attribute"),
        (json!({"method": "orderAsc", "attribute": "person.name"}), "Cannot order by nested attribute: person"),
        (equal("person.zzz", "x"), "Attribute not found in schema: zzz"),
    ] {
        let answer = backend.get(As::Key, &format!("{}?{}", rows("things"), query(&filter))).await;
        assert_eq!(answer.error(), (400, "general_query_invalid".to_owned()));
        assert!(answer.text.contains(why), "{}", answer.text);
    }
}

#[tokio::test]
async fn one_way_relationship_hides_its_other_side() {
    let backend = tables("oneToMany", json!({"twoWay": false})).await;
    let columns = backend.get(As::Key, &format!("{MAIN}/things/columns")).await.expect(200);
    assert_eq!(columns["total"], 1);
    assert_eq!(backend.get(As::Key, &format!("{MAIN}/things/columns/person")).await.status, 404);
    create(&backend, "people", "ann", json!({"thing": [{"$id": "hat"}]})).await;
    assert_eq!(ids(&read(&backend, "people", "ann", &["thing.*"]).await["thing"]), ["hat"]);
}

#[tokio::test]
async fn nested_writes_obey_permissions() {
    let backend = tables("manyToOne", json!({})).await;
    create(&backend, "things", "secret", json!({"name": "Secret"})).await;
    let ann = backend.sign_up("Ann").await;
    let own = As::Session(&ann.secret);
    let row = |data: Value| json!({"rowId": "unique()", "data": data});
    let made = backend.post(own, &rows("people"), row(json!({"thing": {"$id": "hat"}}))).await.expect(201);
    assert_eq!(made["thing"]["$permissions"], made["$permissions"], "the related row has the row's permissions");
    let hidden = backend.post(own, &rows("people"), row(json!({"thing": "secret"}))).await.expect(201);
    assert_eq!(hidden["thing"], json!([]), "what may not be read is not shown");
    let foreign = backend.post(own, &rows("people"), row(json!({"thing": {"$id": "secret", "name": "Mine"}}))).await;
    assert_eq!(foreign.error(), (401, "user_unauthorized".to_owned()));
    assert_eq!(read(&backend, "things", "secret", &[]).await["name"], "Secret");
}

#[tokio::test]
async fn bulk_writes_of_related_rows_are_refused() {
    let backend = tables("manyToOne", json!({})).await;
    let many = backend.post(As::Key, &rows("people"), json!({"rows": [{"name": "a"}]})).await;
    assert_eq!(many.error(), (400, "general_bad_request".to_owned()));
    assert_eq!(many.body()["message"], "Bulk create is not supported for tablesDB with relationship columns");
    let all = backend.delete(As::Key, &rows("people")).await;
    assert_eq!(all.body()["message"], "Bulk delete is not supported for tablesDB with relationship attributes");
}

#[tokio::test]
async fn table_may_relate_to_itself() {
    let backend = Backend::start().await;
    backend.post(As::Key, MAIN, json!({"tableId": "staff", "name": "Staff"})).await.expect(201);
    let column =
        json!({"relatedTableId": "staff", "type": "manyToOne", "key": "boss", "twoWay": true, "twoWayKey": "team"});
    backend.post(As::Key, &format!("{MAIN}/staff/columns/relationship"), column).await.expect(202);
    create(&backend, "staff", "ann", json!({"boss": null, "team": [{"$id": "bob"}]})).await;
    assert_eq!(read(&backend, "staff", "bob", &[]).await["boss"], "ann");
    assert_eq!(ids(&read(&backend, "staff", "ann", &["team.$id"]).await["team"]), ["bob"]);
    assert_eq!(backend.delete(As::Key, &format!("{MAIN}/staff")).await.status, 204);
}

/// A table whose rows form a circle: each one from `r1` on refers to the next, and the last one to the first.
async fn circle(relation: &str, length: usize) -> Backend {
    let backend = Backend::start().await;
    let table = json!({"tableId": "links", "name": "links"});
    backend.post(As::Key, MAIN, table).await.expect(201);
    let name = json!({"key": "name", "size": 20, "required": false});
    backend.post(As::Key, &format!("{MAIN}/links/columns/string"), name).await.expect(202);
    for start in (1..=length).step_by(100) {
        let row = |number| json!({"$id": format!("r{number}"), "name": "x"});
        let some: Vec<Value> = (start..start + 100).map(row).collect();
        backend.post(As::Key, &rows("links"), json!({"rows": some})).await.expect(201);
    }
    let column = json!({"relatedTableId": "links", "type": relation, "key": "next", "twoWayKey": "before", "onDelete": "cascade"});
    backend.post(As::Key, &format!("{MAIN}/links/columns/relationship"), column).await.expect(202);
    // A row stores the next row's id; the rows of a list store their parent's.
    let (key, step) = if relation == "oneToOne" { ("next", 0) } else { ("before", length - 2) };
    let file = backend.folder.path().join("local-appwrite.sqlite");
    let link = move || {
        let db = rusqlite::Connection::open(file).expect("the file");
        let id = format!("'r' || ((sequence + {step}) % {length} + 1)");
        let sql = format!(
            "UPDATE rows SET document = json_set(document, '$.data.{key}', {id}) WHERE table_id = 'links';
             INSERT INTO index_entries SELECT database_id, table_id, sequence, '@{key}', {id} FROM rows WHERE table_id = 'links';"
        );
        db.execute_batch(&sql).expect("a change");
    };
    tokio::task::spawn_blocking(link).await.expect("a change");
    backend
}

#[tokio::test]
async fn long_circle_is_deleted_with_its_first_row() {
    for (relation, length) in [("oneToOne", 3_000), ("oneToMany", 3_000)] {
        let backend = circle(relation, length).await;
        assert_eq!(backend.delete(As::Key, &format!("{}/r1", rows("links"))).await.status, 204, "{relation}");
        assert_eq!(backend.get(As::Key, &rows("links")).await.expect(200)["total"], 0, "{relation}");
    }
}

#[tokio::test]
async fn disconnecting_needs_permission_for_the_other_row() {
    let backend = tables("oneToOne", json!({})).await;
    let ann = backend.sign_up("Ann").await;
    let permissions = json!([format!("read(\"user:{}\")", ann.id), format!("update(\"user:{}\")", ann.id)]);
    let body = json!({"rowId": "hat", "data": {"name": "hat"}, "permissions": [permissions[0]]});
    backend.post(As::Key, &rows("things"), body).await.expect(201);
    let body = json!({"rowId": "ann", "data": {"thing": "hat"}, "permissions": permissions});
    backend.post(As::Key, &rows("people"), body).await.expect(201);
    let path = format!("{}/ann", rows("people"));
    let nothing = json!({"data": {"thing": null}});
    let refused = backend.patch(As::Session(&ann.secret), &path, nothing.clone()).await;
    assert_eq!(refused.error(), (401, "user_unauthorized".to_owned()));
    assert_eq!(read(&backend, "things", "hat", &["person.$id"]).await["person"]["$id"], "ann");
    backend.patch(As::Key, &format!("{}/hat", rows("things")), json!({"permissions": permissions})).await.expect(200);
    backend.patch(As::Session(&ann.secret), &path, nothing).await.expect(200);
    assert_eq!(read(&backend, "things", "hat", &["person.$id"]).await["person"], Value::Null);
}

#[tokio::test]
async fn row_may_relate_to_itself() {
    let backend = Backend::start().await;
    backend.post(As::Key, MAIN, json!({"tableId": "tree", "name": "Tree"})).await.expect(201);
    let name = json!({"key": "name", "size": 20, "required": false});
    backend.post(As::Key, &format!("{MAIN}/tree/columns/string"), name).await.expect(202);
    let column =
        json!({"relatedTableId": "tree", "type": "oneToMany", "key": "kids", "twoWay": true, "twoWayKey": "parent"});
    backend.post(As::Key, &format!("{MAIN}/tree/columns/relationship"), column).await.expect(202);
    create(&backend, "tree", "s1", json!({"name": "a"})).await;
    update(&backend, "tree", "s1", json!({"kids": ["s1"]})).await;
    assert_eq!(read(&backend, "tree", "s1", &[]).await["parent"], "s1");
    update(&backend, "tree", "s1", json!({"kids": [{"$id": "s1", "name": "b"}]})).await;
    let row = read(&backend, "tree", "s1", &[]).await;
    assert_eq!((&row["name"], &row["parent"]), (&json!("b"), &json!("s1")));
    update(&backend, "tree", "s1", json!({"kids": []})).await;
    assert_eq!(read(&backend, "tree", "s1", &[]).await["parent"], Value::Null);
}

#[tokio::test]
async fn filters_on_related_rows_must_match_one_row() {
    let backend = tables("oneToMany", json!({})).await;
    let size = json!({"key": "size", "required": false});
    backend.post(As::Key, &format!("{MAIN}/things/columns/integer"), size).await.expect(202);
    let things = json!([{"name": "A", "size": 1}, {"name": "B", "size": 2}]);
    create(&backend, "people", "ann", json!({"thing": things})).await;
    create(&backend, "people", "bob", json!({"thing": [{"name": "A", "size": 3}]})).await;
    let filter = |method: &str, attribute: &str, values: Value| json!({"method": method, "attribute": attribute, "values": values});
    let ask = async |filters: &[Value]| {
        let queries: Vec<String> = filters.iter().map(query).collect();
        backend.get(As::Key, &format!("{}?{}", rows("people"), queries.join("&"))).await
    };
    let found = async |filters: &[Value]| {
        let rows = ask(filters).await.expect(200);
        rows["rows"].as_array().expect("rows").iter().map(|row| row["$id"].clone()).collect::<Vec<_>>()
    };
    let name = |name: &str| filter("equal", "thing.name", json!([name]));
    let size = |size: i64| filter("equal", "thing.size", json!([size]));
    assert_eq!(found(&[name("A"), size(2)]).await, Vec::<Value>::new());
    assert_eq!(found(&[name("B"), size(2)]).await, ["ann"]);
    assert_eq!(found(&[filter("containsAll", "thing.name", json!(["A", "B"]))]).await, ["ann"]);
    assert_eq!(ask(&[name("A"), name("B")]).await.error(), (400, "general_query_invalid".to_owned()));
    let either = json!({"method": "or", "values": [name("A"), name("B")]});
    assert_eq!(ask(&[either]).await.error(), (405, "general_not_implemented".to_owned()));
}

#[tokio::test]
async fn relations_survive_a_rename_of_their_column() {
    let backend = tables("oneToMany", json!({"onDelete": "setNull"})).await;
    create(&backend, "people", "ann", json!({"name": "Ann", "thing": ["cup", {"$id": "hat", "name": "Hat"}]})).await;
    create(&backend, "things", "pen", json!({"person": "ann"})).await;
    let renamed = json!({"newKey": "owner"});
    backend.patch(As::Key, &format!("{MAIN}/things/columns/person/relationship"), renamed).await.expect(200);
    let ann = read(&backend, "people", "ann", &["thing.*"]).await;
    assert_eq!(ids(&ann["thing"]), ["hat", "pen"]);
    let filter = json!({"method": "equal", "attribute": "owner", "values": ["ANN"]});
    assert_eq!(find(&backend, "things", filter.clone()).await, ["hat", "pen"]);
    assert_eq!(backend.delete(As::Key, &format!("{}/ann", rows("people"))).await.status, 204);
    assert_eq!(find(&backend, "things", filter).await, Vec::<String>::new());
    assert_eq!(backend.delete(As::Key, &format!("{MAIN}/things/columns/owner")).await.status, 204);
    assert_eq!(read(&backend, "things", "pen", &[]).await["owner"], Value::Null);
}

#[tokio::test]
async fn relations_of_older_data_are_indexed_at_startup() {
    let backend = tables("manyToMany", json!({})).await;
    create(&backend, "people", "ann", json!({"thing": [{"$id": "Cup"}, {"$id": "hat"}]})).await;
    create(&backend, "people", "bob", json!({"thing": ["hat"]})).await;
    let file = backend.folder.path().join("local-appwrite.sqlite");
    let forget = move || {
        let db = rusqlite::Connection::open(file).expect("the file");
        let old =
            "DELETE FROM index_entries; DROP TABLE passkeys; DROP TABLE passkey_challenges; PRAGMA user_version = 6;";
        db.execute_batch(old).expect("a change");
    };
    tokio::task::spawn_blocking(forget).await.expect("a change");
    let backend = backend.restart().await;
    assert_eq!(ids(&read(&backend, "things", "cup", &["person.*"]).await["person"]), ["ann"]);
    assert_eq!(ids(&read(&backend, "things", "hat", &["person.*"]).await["person"]), ["ann", "bob"]);
}
