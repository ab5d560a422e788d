//! Parameters: checked before anything is looked up, by Appwrite's rules.

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{As, Backend, answer};

const INVALID: &str = "general_argument_invalid";

fn invalid() -> (u16, String) {
    (400, INVALID.to_owned())
}

#[tokio::test]
async fn malformed_id_in_the_path_is_refused_before_a_lookup() {
    let backend = Backend::start().await;
    for path in [
        "/tablesdb/none/tables/_t",
        "/tablesdb/none/tables/t/columns/_c",
        "/tablesdb/none/tables/t/indexes/-i",
        "/databases/none/collections/a%20b/documents",
        "/teams/none/memberships/_m",
        "/users/none/targets/_t",
        "/storage/buckets/none/files/_f",
        "/tokens/buckets/none/files/_f",
    ] {
        assert_eq!(backend.get(As::Key, path).await.error(), invalid(), "{path}");
    }
    assert_eq!(backend.delete(As::Key, "/teams/_t/memberships/none").await.error(), invalid());
}

#[tokio::test]
async fn transaction_and_queries_of_rows_are_refused_before_a_lookup() {
    let backend = Backend::start().await;
    let rows = "/tablesdb/none/tables/none/rows";
    let body = json!({"rowId": "r", "data": {"a": 1}, "transactionId": "_t"});
    assert_eq!(backend.post(As::Key, rows, body.clone()).await.error(), invalid());
    assert_eq!(backend.put(As::Key, &format!("{rows}/r"), body.clone()).await.error(), invalid());
    assert_eq!(backend.patch(As::Key, rows, json!({"queries": "x"})).await.error(), invalid());
    assert_eq!(backend.get(As::Key, &format!("{rows}?queries=x")).await.error(), invalid());
}

#[tokio::test]
async fn databases_and_tables_are_searched() {
    let backend = Backend::start().await;
    for (id, name) in [("one", "Notes"), ("two", "Addresses")] {
        backend.post(As::Key, "/tablesdb", json!({"databaseId": id, "name": name})).await.expect(201);
        let table = json!({"tableId": id, "name": name, "rowSecurity": id == "two", "enabled": id == "one"});
        backend.post(As::Key, "/tablesdb/one/tables", table).await.expect(201);
    }
    let ids = |list: &Value, key: &str| -> Vec<String> {
        list[key].as_array().expect("a list").iter().map(|one| one["$id"].as_str().expect("an id").to_owned()).collect()
    };
    let found = backend.get(As::Key, "/tablesdb?search=notes").await.expect(200);
    assert_eq!((found["total"].clone(), ids(&found, "databases")), (json!(1), vec!["one".to_owned()]));
    let found = backend.get(As::Key, "/tablesdb/one/tables?search=two&total=0").await.expect(200);
    assert_eq!((found["total"].clone(), ids(&found, "tables")), (json!(0), vec!["two".to_owned()]));
    for filter in [
        r#"{"method":"equal","attribute":"rowSecurity","values":[true]}"#,
        r#"{"method":"equal","attribute":"enabled","values":[false]}"#,
    ] {
        let found = backend.get(As::Key, &format!("/tablesdb/one/tables?queries[]={filter}")).await.expect(200);
        assert_eq!(ids(&found, "tables"), ["two"], "{filter}");
    }
}

#[tokio::test]
async fn empty_search_and_name_are_refused() {
    let backend = Backend::start().await;
    for path in [
        "/avatars/flags/de?quality=x",
        "/avatars/screenshots?url=http://localhost/&latitude=91",
        "/presences?ttl=x",
        "/users?search=",
        "/teams?search=",
        "/tablesdb?search=",
        "/users?total=",
        "/tablesdb?total=x",
    ] {
        assert_eq!(backend.get(As::Key, path).await.error(), invalid(), "{path}");
    }
    let md5 = json!({"userId": "kay", "email": "kay@example.com", "password": "5f4dcc3b5aa765d61d8327deb882cf99", "name": ""});
    assert_eq!(backend.post(As::Key, "/users/md5", md5).await.error(), invalid());
}

#[tokio::test]
async fn scrypt_import_needs_whole_numbers() {
    let backend = Backend::start().await;
    let mut user = json!({
        "userId": "kay", "email": "kay@example.com", "password": "some-long-hash", "passwordSalt": "salt",
        "passwordCpu": 8, "passwordMemory": 4, "passwordParallel": 1, "passwordLength": "64",
    });
    assert_eq!(backend.post(As::Key, "/users/scrypt", user.clone()).await.error(), invalid());
    user["passwordLength"] = Value::Null;
    assert_eq!(backend.post(As::Key, "/users/scrypt", user.clone()).await.error(), invalid());
    user["passwordLength"] = json!(64);
    backend.post(As::Key, "/users/scrypt", user).await.expect(201);
}

#[tokio::test]
async fn default_of_another_type_is_refused_first() {
    let backend = Backend::start().await;
    backend.post(As::Key, "/tablesdb", json!({"databaseId": "one", "name": "One"})).await.expect(201);
    backend.post(As::Key, "/tablesdb/one/tables", json!({"tableId": "t", "name": "T"})).await.expect(201);
    let columns = "/tablesdb/one/tables/t/columns";
    for (kind, bad, good) in [
        ("integer", json!("1"), json!(1)),
        ("boolean", json!("true"), json!(true)),
        ("email", json!("nobody"), json!("ann@example.com")),
        ("url", json!("x"), json!("https://example.com")),
    ] {
        let column = |default: &Value| json!({"key": "c", "required": true, "default": default});
        let path = format!("{columns}/{kind}");
        assert_eq!(backend.post(As::Key, &path, column(&bad)).await.error(), invalid(), "{kind}");
        let unsupported = backend.post(As::Key, &path, column(&good)).await;
        assert_eq!(unsupported.error(), (400, "column_default_unsupported".to_owned()), "{kind}");
    }
    let bounded = json!({"key": "c", "required": false, "min": "1"});
    assert_eq!(backend.post(As::Key, &format!("{columns}/integer"), bounded).await.error(), invalid());
}

#[tokio::test]
async fn encrypted_column_cannot_be_queried() {
    let backend = Backend::start().await;
    backend.post(As::Key, "/tablesdb", json!({"databaseId": "one", "name": "One"})).await.expect(201);
    backend.post(As::Key, "/tablesdb/one/tables", json!({"tableId": "t", "name": "T"})).await.expect(201);
    let columns = "/tablesdb/one/tables/t/columns";
    let column = |size: usize| json!({"key": "secret", "required": false, "encrypt": true, "size": size});
    let small = backend.post(As::Key, &format!("{columns}/string"), column(149)).await;
    assert_eq!(small.error(), (400, "general_bad_request".to_owned()));
    let made = backend.post(As::Key, &format!("{columns}/string"), column(150)).await.expect(202);
    assert_eq!(made["encrypt"], true);
    assert_eq!(backend.get(As::Key, &format!("{columns}/secret")).await.expect(200)["encrypt"], true);
    backend
        .post(As::Key, "/tablesdb/one/tables/t/rows", json!({"rowId": "r", "data": {"secret": "x"}}))
        .await
        .expect(201);
    let filter = r#"{"method":"equal","attribute":"secret","values":["x"]}"#;
    let refused = backend.get(As::Key, &format!("/tablesdb/one/tables/t/rows?queries[]={filter}")).await;
    assert_eq!(refused.error(), (400, "general_query_invalid".to_owned()));
    assert!(refused.text.contains("Cannot query encrypted attribute: secret"), "{}", refused.text);
}

#[tokio::test]
async fn columns_and_indexes_have_their_own_scopes() {
    let key = |text: &str| text.parse().expect("a key");
    let backend = Backend::with(|settings| {
        settings.profile = Profile::OneNine;
        settings.api_keys = vec![key("columns=columns.read"), key("indexes=indexes.read"), key("tables=tables.read")];
    })
    .await;
    let status = async |secret: &str, path: &str| {
        let request = backend.request(As::Guest, Method::GET, path).header("x-appwrite-key", secret);
        answer(request).await.status.as_u16()
    };
    let table = "/tablesdb/main/tables/birthdays";
    assert_eq!(status("columns", &format!("{table}/columns")).await, 200);
    assert_eq!(status("columns", &format!("{table}/indexes")).await, 401);
    assert_eq!(status("indexes", &format!("{table}/indexes")).await, 200);
    assert_eq!(status("tables", &format!("{table}/columns")).await, 200);
    assert_eq!(status("tables", "/databases/main/collections").await, 401, "the old API has its own scopes");
    assert_eq!(status("columns", "/health").await, 200, "each key may ask for health");
}

#[tokio::test]
async fn health_checks_validate_queue_names() {
    let backend = Backend::start().await;
    backend.get(As::Key, "/health/queue/failed/v1-mails").await.expect(200);
    assert_eq!(backend.get(As::Key, "/health/queue/failed/nope").await.error(), invalid());
    assert_eq!(backend.get(As::Key, "/health/queue/mails?threshold=x").await.error(), invalid());
    assert_eq!(backend.get(As::Key, "/health/stats").await.error(), (401, "general_unauthorized_scope".to_owned()));
    assert_eq!(backend.get(As::Key, "/health/geo").await.error(), (500, "general_unknown".to_owned()));
}
