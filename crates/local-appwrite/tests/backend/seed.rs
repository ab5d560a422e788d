//! Data folders that are filled from a seed or a configuration.

use std::path::{Path, PathBuf};

use local_appwrite::{Clock, Profile, Settings, StartError};
use serde_json::{Value, json};

use crate::{
    binary::Binary,
    client::{As, Backend, PASSWORD},
};

fn write(folder: &Path, name: &str, content: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content.to_string()).expect("a file");
    path
}

async fn seeded(seed: &Value) -> Backend {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "seed.json", seed);
    Backend::with(|settings| settings.seed_file = Some(path)).await
}

/// The places of the mistakes that the backend reports when it starts with this seed.
async fn problems(seed: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::new(folder.path().join("data"));
    settings.seed_file = Some(write(folder.path(), "seed.json", seed));
    match local_appwrite::start(settings).await.err() {
        Some(StartError::BadSeed(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
        other => panic!("no bad seed: {other:?}"),
    }
}

/// The example in the README.
fn example() -> Value {
    let readme = include_str!("../../README.md");
    let readme = &readme[readme.find("\n## Seed\n").expect("a section")..];
    let start = readme.find("```json\n").expect("an example") + "```json\n".len();
    let length = readme[start..].find("\n```").expect("an end");
    serde_json::from_str(&readme[start..start + length]).expect("JSON")
}

#[tokio::test]
async fn readme_seed_is_applied_whole() {
    let backend = seeded(&example()).await;

    let ann = backend.get(As::Key, "/users/ann").await.expect(200);
    assert_eq!((&ann["name"], &ann["emailVerification"], &ann["mfa"]), (&json!("Ann"), &json!(true), &json!(true)));
    assert_eq!((&ann["labels"], &ann["prefs"]), (&json!(["admin"]), &json!({"theme": "dark"})));
    assert_eq!(ann["targets"][0]["identifier"], "ann@example.com");
    let codes = backend.get(As::Key, "/users/ann/mfa/recovery-codes").await.expect(200);
    assert_eq!(codes["recoveryCodes"], json!(["c0ffee0001"]));
    assert_eq!(backend.get(As::Key, "/users/ann/mfa/factors").await.expect(200)["totp"], true);

    let members = backend.get(As::Key, "/teams/family/memberships").await.expect(200);
    let member = &members["memberships"][0];
    assert_eq!(
        (&member["$id"], &member["userId"], &member["confirm"]),
        (&json!("ann-family"), &json!("ann"), &json!(true))
    );

    let table = backend.get(As::Key, "/tablesdb/main/tables/notes").await.expect(200);
    assert_eq!((&table["rowSecurity"], &table["$permissions"]), (&json!(true), &json!(["create(\"users\")"])));
    assert_eq!(table["columns"][0]["key"], "title");
    assert_eq!(table["indexes"][0]["columns"], json!(["due"]));
    let row = backend.get(As::Key, "/tablesdb/main/tables/notes/rows/first").await.expect(200);
    assert_eq!((&row["title"], &row["$permissions"]), (&json!("Buy milk"), &json!(["read(\"team:family\")"])));
    backend.get(As::Key, "/tablesdb/main/tables/birthdays").await.expect(404);

    let file = backend.get(As::Guest, "/storage/buckets/pictures/files/hello/view").await;
    assert_eq!((file.status.as_u16(), file.text.as_str()), (200, "Hello!"));
}

#[tokio::test]
async fn seed_is_applied_in_every_profile() {
    for profile in [Profile::Two, Profile::OneNineNext, Profile::OneNine, Profile::OneFive] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = write(folder.path(), "seed.json", &example());
        let backend = Backend::with(|settings| {
            settings.profile = profile;
            settings.seed_file = Some(path);
        })
        .await;
        assert_eq!(backend.get(As::Key, "/users/ann").await.expect(200)["labels"], json!(["admin"]));
        let document = "/databases/main/collections/notes/documents/first";
        assert_eq!(backend.get(As::Key, document).await.expect(200)["title"], "Buy milk");
    }
}

#[tokio::test]
async fn seeded_user_signs_in_with_either_second_factor() {
    // At this time, an app shows 081804 for the secret of the example (RFC 6238, appendix B).
    let clock = Clock::manual("2005-03-18T01:58:29Z".parse().expect("a timestamp"));
    for (factor, code) in [("recoveryCode", "c0ffee0001"), ("totp", "081804")] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = write(folder.path(), "seed.json", &example());
        let backend = Backend::at(clock.clone(), |settings| settings.seed_file = Some(path)).await;
        let secret = backend.sign_in("ann@example.com").await;
        backend.get(As::Session(&secret), "/account").await.expect(401);
        let challenge = json!({"factor": factor});
        let challenge = backend.post(As::Session(&secret), "/account/mfa/challenges", challenge).await.expect(201);
        let answer = json!({"challengeId": challenge["$id"], "otp": code});
        backend.put(As::Session(&secret), "/account/mfa/challenges", answer).await.expect(200);
        backend.get(As::Session(&secret), "/account").await.expect(200);
        let rows = backend.get(As::Session(&secret), "/tablesdb/main/tables/notes/rows").await.expect(200);
        assert_eq!(rows["rows"][0]["$id"], "first", "the role of the team opens it");
    }
}

#[tokio::test]
async fn file_content_is_read_relative_to_the_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("note.txt"), "from beside").expect("a file");
    let seed = json!({
        "buckets": [{"$id": "b", "name": "B", "$permissions": ["read(\"any\")"]}],
        "files": [{"$id": "f", "bucketId": "b", "path": "note.txt"}],
    });
    let path = write(folder.path(), "seed.json", &seed);
    let backend = Backend::with(|settings| settings.seed_file = Some(path)).await;
    let file = backend.get(As::Guest, "/storage/buckets/b/files/f").await.expect(200);
    assert_eq!((&file["name"], &file["sizeOriginal"]), (&json!("note.txt"), &json!(11)));
}

#[tokio::test]
async fn invalid_seed_names_every_problem_with_its_path() {
    let seed = json!({
        "users": [
            {"$id": "!", "email": "none", "password": "short", "labels": ["a b"], "color": 1, "factors": {"totp": "x"}},
            {"$id": "kay", "email": "kay@example.com"},
            {"$id": "KAY"},
            7,
        ],
        "teams": {},
        "memberships": [{"teamId": "none", "userId": "nobody"}],
        "tablesDB": [{"$id": "main", "name": "Main"}],
        "tables": [
            {"$id": "far", "databaseId": "none", "name": "Far", "columns": [{"key": "far", "type": "integer", "min": "x"}]},
            {
                "$id": "notes",
                "databaseId": "main",
                "$permissions": ["fly(\"any\")"],
                "columns": [
                    {"key": "title", "type": "string", "required": true},
                    {"key": "place", "type": "vector"},
                    {"key": "count", "type": "integer"},
                ],
                "indexes": [
                    {"key": "by_place", "type": "spatial", "columns": ["place"]},
                    {"key": "by_none", "type": "key", "columns": ["none"]},
                ],
            },
        ],
        "rows": [
            {"$id": "r", "databaseId": "main", "tableId": "notes", "data": {"count": "x", "place": 1, "other": 1}},
            {"$id": "s", "databaseId": "main", "tableId": "none", "data": {}},
        ],
        "files": [{"bucketId": "none", "name": "x", "content": "?"}],
        "colors": [],
    });
    let mut found = problems(&seed).await;
    found.sort();
    let mut expected = vec![
        "colors",
        "files[0].bucketId",
        "files[0].content",
        "memberships[0].teamId",
        "memberships[0].userId",
        "rows[0].data.count",
        "rows[0].data.other",
        "rows[0].data.title",
        "rows[1].tableId",
        "tables[0].columns[0].min",
        "tables[0].databaseId",
        "tables[1].$permissions",
        "tables[1].columns[0].size",
        "tables[1].columns[1].type",
        "tables[1].indexes[1]",
        "tables[1].name",
        "teams",
        "users[0].$id",
        "users[0].color",
        "users[0].email",
        "users[0].factors.totp",
        "users[0].labels",
        "users[0].password",
        "users[2]",
        "users[3]",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn invalid_seed_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let start = |seed: Value| {
        let mut settings = Settings::new(&data);
        settings.seed_file = Some(write(folder.path(), "seed.json", &seed));
        local_appwrite::start(settings)
    };
    let user = json!({"$id": "ann", "name": "Ann"});
    let refused = start(json!({"users": [user, {"$id": "ann"}]})).await.err().expect("a refusal");
    assert!(refused.to_string().contains("users[1]"), "{refused}");
    start(json!({"users": [user]})).await.expect("a start with the mended seed").shutdown().await;
}

#[tokio::test]
async fn seed_that_is_not_json_is_one_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    for text in ["", "{", "[]"] {
        let path = folder.path().join("seed.json");
        std::fs::write(&path, text).expect("a file");
        let mut settings = Settings::new(folder.path().join("data"));
        settings.seed_file = Some(path);
        let refused = local_appwrite::start(settings).await.err().expect("a refusal");
        assert!(matches!(&refused, StartError::BadSeed(problems) if problems.len() == 1), "{refused}");
    }
}

#[tokio::test]
async fn second_start_does_not_apply_the_seed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = write(folder.path(), "seed.json", &example());
    let start = || {
        let mut settings = Settings::new(folder.path().join("data"));
        settings.seed_file = Some(seed.clone());
        settings.api_keys = vec!["key".parse().expect("a key")];
        local_appwrite::start(settings)
    };
    let address = |running: &local_appwrite::LocalAppwrite| format!("{}/users/ann", running.endpoint());
    let request = |method, url: String| {
        crate::client::http().request(method, url).header("x-appwrite-project", "demo").header("x-appwrite-key", "key")
    };
    let running = start().await.expect("a start");
    let gone = request(reqwest::Method::DELETE, address(&running));
    crate::client::answer(gone).await.expect(204);
    running.shutdown().await;
    let running = start().await.expect("a second start");
    crate::client::answer(request(reqwest::Method::GET, address(&running))).await.expect(404);
    running.shutdown().await;
}

#[test]
fn log_names_applied_and_ignored_sections() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = json!({
        "projectId": "mine",
        "functions": [{"$id": "f"}],
        "sites": [],
        "topics": [{"$id": "t"}],
        "teams": [{"$id": "family", "name": "Family"}],
    });
    let config = write(folder.path(), "appwrite.config.json", &config);
    let data = folder.path().join("data");
    let arguments = ["--config", config.to_str().expect("text")];
    let first = Binary::start(&data, &arguments);
    assert!(first.first_line.contains("project mine"), "{}", first.first_line);
    let log = first.log();
    assert!(log.contains("not applied: functions, topics"), "{log}");
    assert!(log.contains("applied 1 teams"), "{log}");
    let log = Binary::start(&data, &arguments).log();
    assert!(log.contains("holds data already, so the seed is not applied"), "{log}");
}

#[tokio::test]
async fn cli_configuration_creates_tables_buckets_and_teams() {
    let table = json!({
        "$id": "notes",
        "databaseId": "main",
        "name": "Notes",
        "$permissions": ["create(\"any\")", "read(\"any\")"],
        "columns": [
            {"key": "title", "type": "string", "required": true, "array": false, "size": 64, "default": null, "encrypt": false},
            {"key": "secret", "type": "string", "required": false, "array": false, "size": 200, "default": null, "encrypt": true},
            {"key": "kind", "type": "string", "format": "enum", "elements": ["a", "b"], "required": false, "default": "a"},
            {"key": "link", "type": "string", "format": "url", "required": false, "array": false, "default": null},
            {"key": "count", "type": "integer", "min": i64::MIN, "max": i64::MAX, "required": false, "default": null},
            {"key": "weight", "type": "double", "required": false, "min": null, "max": null},
            {"key": "author", "type": "relationship", "relatedTable": "authors", "relationType": "manyToOne", "twoWay": true, "twoWayKey": "notes", "onDelete": "setNull", "side": "parent"},
        ],
        "indexes": [
            {"key": "by_title", "type": "unique", "status": "available", "columns": ["title"], "orders": []},
            {"key": "by_author", "type": "key", "columns": ["author"], "orders": []},
        ],
    });
    let config = json!({
        "projectId": "demo",
        "endpoint": "https://cloud.appwrite.io/v1",
        "settings": {"auth": {}},
        "tablesDB": [{"$id": "main", "name": "Main", "enabled": true, "$createdAt": "2023-07-01T18:35:27.802+00:00"}],
        "tables": [table, {"$id": "authors", "databaseId": "main", "name": "Authors", "columns": [
            {"key": "place", "type": "point", "required": false},
            {"key": "notes", "type": "relationship", "relatedTable": "notes", "relationType": "manyToOne", "twoWay": true, "twoWayKey": "author", "side": "child"},
        ]}],
        "buckets": [{"$id": "b", "name": "B", "maximumFileSize": 5_000_000_000_u64, "compression": "gzip", "novel": 1}],
        "teams": [{"$id": "family", "name": "Family"}],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "appwrite.config.json", &config);
    let backend = Backend::with(|settings| settings.config = Some(path)).await;
    let table = backend.get(As::Key, "/tablesdb/main/tables/notes").await.expect(200);
    let keys: Vec<&Value> = table["columns"].as_array().expect("a list").iter().map(|column| &column["key"]).collect();
    assert_eq!(keys, ["title", "secret", "kind", "link", "count", "weight", "author"]);
    assert_eq!((&table["columns"][0]["encrypt"], &table["columns"][1]["encrypt"]), (&json!(false), &json!(true)));
    let authors = backend.get(As::Key, "/tablesdb/main/tables/authors").await.expect(200);
    assert_eq!(
        (&authors["columns"][0]["type"], &authors["columns"][1]["onDelete"]),
        (&json!("point"), &json!("setNull"))
    );
    assert_eq!(table["rowSecurity"], true, "the default of Appwrite's CLI");
    assert_eq!(table["indexes"].as_array().map(Vec::len), Some(1));
    let row = json!({"rowId": "r", "data": {"title": "T"}});
    let row = backend.post(As::Guest, "/tablesdb/main/tables/notes/rows", row).await.expect(201);
    assert_eq!(row["kind"], "a");
    assert_eq!(backend.get(As::Key, "/storage/buckets/b").await.expect(200)["compression"], "gzip");
    backend.get(As::Key, "/teams/family").await.expect(200);
}

#[tokio::test]
async fn older_cli_configuration_creates_collections() {
    let config = json!({
        "projectId": "demo",
        "databases": [{"$id": "main", "name": "Main"}],
        "collections": [{
            "$id": "notes",
            "databaseId": "main",
            "name": "Notes",
            "documentSecurity": false,
            "$permissions": ["read(\"any\")"],
            "attributes": [{"key": "title", "type": "string", "size": 64, "required": true}],
            "indexes": [{"key": "by_title", "type": "key", "attributes": ["title"], "orders": ["ASC"]}],
        }],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "appwrite.json", &config);
    let backend = Backend::with(|settings| settings.config = Some(path)).await;
    let database = backend.get(As::Key, "/databases/main").await.expect(200);
    assert_eq!(database["type"], "legacy");
    let collection = backend.get(As::Key, "/databases/main/collections/notes").await.expect(200);
    assert_eq!(collection["documentSecurity"], false);
    assert_eq!(collection["indexes"][0]["attributes"], json!(["title"]));
}

#[tokio::test]
async fn seed_adds_to_a_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = json!({"teams": [{"$id": "family", "name": "Family"}]});
    let seed = json!({
        "users": [{"$id": "ann", "email": "ann@example.com", "password": PASSWORD}],
        "memberships": [{"teamId": "family", "userId": "ann", "roles": ["owner"]}],
    });
    let config = write(folder.path(), "appwrite.config.json", &config);
    let seed = write(folder.path(), "seed.json", &seed);
    let backend = Backend::with(|settings| {
        settings.config = Some(config);
        settings.seed_file = Some(seed);
    })
    .await;
    let secret = backend.sign_in("ann@example.com").await;
    let teams = backend.get(As::Session(&secret), "/teams").await.expect(200);
    assert_eq!(teams["teams"][0]["$id"], "family");
}
