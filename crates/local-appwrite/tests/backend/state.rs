//! The whole state: export, import, in memory, reset; and the clock that tests move.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    time::Duration,
};

use local_appwrite::{ApiKey, Clock};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    binary::{Binary, command},
    client::{Answer, As, BIRTHDAYS, Backend, PASSWORD, answer, http},
};

const ROWS: &str = "/tablesdb/main/tables/birthdays/rows";

fn row(id: &str) -> Value {
    json!({"rowId": id, "data": {"name": "Kevin", "birthday": "2012-02-03"}})
}

/// Posts to `/local/…` with the API key.
async fn local(backend: &Backend, path: &str, body: &Value) -> Answer {
    let request = http().post(format!("{}/local/{path}", backend.origin()));
    answer(request.header("x-appwrite-key", backend.key()).json(body)).await
}

async fn seeded(folder: &Path, change: impl FnOnce(&mut local_appwrite::Settings)) -> Backend {
    let seed = json!({
        "users": [{"$id": "ann", "email": "ann@example.com", "password": PASSWORD}],
        "tablesDB": [{"$id": "main", "name": "Main"}],
        "tables": [{
            "$id": "birthdays",
            "databaseId": "main",
            "name": "Birthdays",
            "columns": [
                {"key": "name", "type": "string", "size": 128, "required": true},
                {"key": "birthday", "type": "datetime", "required": true},
            ],
        }],
        "rows": [{
            "$id": "first",
            "databaseId": "main",
            "tableId": "birthdays",
            "data": {"name": "Kevin", "birthday": "2012-02-03"},
        }],
    });
    let path = folder.join("seed.json");
    std::fs::write(&path, seed.to_string()).expect("a file");
    Backend::with(|settings| {
        settings.seed_file = Some(path);
        change(settings);
    })
    .await
}

/// A clock in the middle of an hour, so that no rate limit resets during a test.
fn clock() -> Clock {
    Clock::manual("2026-11-21T06:30:00Z".parse().expect("a timestamp"))
}

async fn ids(backend: &Backend) -> Vec<String> {
    let rows = backend.get(As::Key, ROWS).await.expect(200);
    let id = |row: &Value| row["$id"].as_str().expect("an id").to_owned();
    rows["rows"].as_array().expect("a list").iter().map(id).collect()
}

async fn change_everything(backend: &Backend) {
    backend.delete(As::Key, &format!("{ROWS}/first")).await.expect(204);
    backend.post(As::Key, ROWS, row("second")).await.expect(201);
    backend.post(As::Key, "/users", json!({"userId": "kay"})).await.expect(201);
    backend.patch(As::Key, "/project/policies/password-history", json!({"total": 3})).await.expect(200);
}

#[tokio::test]
async fn reset_restores_the_seeded_state() {
    for is_ephemeral in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let backend = seeded(folder.path(), |settings| settings.ephemeral = is_ephemeral).await;
        let secret = backend.sign_in("ann@example.com").await;
        for _ in 0..2 {
            change_everything(&backend).await;
            local(&backend, "reset", &json!({})).await.expect(200);
            assert_eq!(ids(&backend).await, ["first"]);
            backend.get(As::Key, "/users/kay").await.expect(404);
            backend.get(As::Session(&secret), "/account").await.expect(401);
            let policy = backend.get(As::Key, "/project/policies/password-history").await.expect(200);
            assert_eq!(policy["total"], 0);
        }
        backend.sign_in("ann@example.com").await;
    }
}

#[tokio::test]
async fn reset_without_a_seed_keeps_tables_and_empties_them() {
    const MINE: &str = "/tablesdb/main/tables/mine/rows";
    for is_ephemeral in [false, true] {
        let backend = Backend::bare(Clock::system(), |settings| settings.ephemeral = is_ephemeral).await;
        backend.post(As::Key, "/tablesdb", json!({"databaseId": "main", "name": "Main"})).await.expect(201);
        let mine = json!({"tableId": "mine", "name": "Mine"});
        backend.post(As::Key, "/tablesdb/main/tables", mine).await.expect(201);
        let column = json!({"key": "name", "size": 9, "required": true});
        backend.post(As::Key, "/tablesdb/main/tables/mine/columns/string", column).await.expect(202);
        backend.post(As::Key, "/storage/buckets", json!({"bucketId": "b", "name": "B"})).await.expect(201);
        let ann = backend.sign_up("Ann").await;
        backend.post(As::Session(&ann.secret), "/teams", json!({"teamId": "t", "name": "T"})).await.expect(201);
        backend.post(As::Key, MINE, json!({"rowId": "first", "data": {"name": "Kevin"}})).await.expect(201);
        let link = json!({"userId": "unique()", "email": "kay@example.com", "url": "http://localhost/x"});
        backend.post(As::Key, "/account/tokens/magic-url", link).await.expect(201);

        local(&backend, "reset", &json!({})).await.expect(200);

        assert_eq!(backend.get(As::Key, MINE).await.expect(200)["total"], 0);
        backend.get(As::Key, "/tablesdb/main/tables/mine").await.expect(200);
        backend.get(As::Key, "/storage/buckets/b").await.expect(200);
        backend.get(As::Session(&ann.secret), "/account").await.expect(401);
        assert_eq!(backend.get(As::Key, "/users").await.expect(200)["total"], 0);
        assert_eq!(backend.get(As::Key, "/teams").await.expect(200)["total"], 0);
        let mails = backend.open(&format!("{}/outbox/messages", backend.origin())).await.expect(200);
        assert_eq!(mails, json!([]));
        let first = backend.post(As::Key, MINE, json!({"rowId": "first", "data": {"name": "Kevin"}})).await.expect(201);
        assert_eq!(first["$sequence"].to_string().trim_matches('"'), "1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_resets_and_writes_leave_a_consistent_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = seeded(folder.path(), |_| {}).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        for count in 0..10 {
            let request = backend.request(As::Key, Method::POST, ROWS).json(&row(&format!("w{writer}-{count}")));
            writers.spawn(answer(request));
        }
    }
    for _ in 0..5 {
        local(&backend, "reset", &json!({})).await.expect(200);
    }
    while let Some(written) = writers.join_next().await {
        written.expect("no panic").expect(201);
    }
    local(&backend, "reset", &json!({})).await.expect(200);
    assert_eq!(ids(&backend).await, ["first"]);
}

#[tokio::test]
async fn reset_after_a_restart_still_knows_the_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = seeded(folder.path(), |_| {}).await;
    change_everything(&backend).await;
    let backend = backend.restart().await;
    assert_eq!(ids(&backend).await, ["second"]);
    local(&backend, "reset", &json!({})).await.expect(200);
    assert_eq!(ids(&backend).await, ["first"]);
    change_everything(&backend).await;
    assert_eq!(ids(&backend.restart().await).await, ["second"], "what is written after a reset is kept");
}

#[tokio::test]
async fn reset_clears_rate_limits_and_the_clock() {
    let backend = Backend::at(clock(), |_| {}).await;
    local(&backend, "clock", &json!({"seconds": 1_000_000})).await.expect(200);
    let account = |n: u32| json!({"userId": "unique()", "email": format!("u{n}@example.com"), "password": "short"});
    let mut last = 0;
    for n in 0..11 {
        last = backend.post(As::Guest, "/account", account(n)).await.status.as_u16();
    }
    assert_eq!(last, 429);
    let after = local(&backend, "reset", &json!({})).await.expect(200);
    assert_eq!(after["now"], "2026-11-21T06:30:00.000+00:00");
    assert_eq!(backend.post(As::Guest, "/account", account(0)).await.status, 400);
}

#[tokio::test]
async fn sessions_jwts_tokens_and_limits_follow_the_clock() {
    let backend = Backend::at(clock(), |settings| settings.session_duration = Duration::from_secs(7200)).await;
    let ann = backend.sign_up("Ann").await;
    let jwt = backend.post(As::Session(&ann.secret), "/account/jwts", json!({"duration": 900})).await.expect(201);
    let jwt = jwt["jwt"].as_str().expect("a JWT").to_owned();
    let ask = json!({"userId": "unique()", "email": "kay@example.com"});
    let token = backend.post(As::Key, "/account/tokens/email", ask).await.expect(201);
    let guess = json!({"userId": token["userId"], "secret": "000000"});
    let mut last = 0;
    for _ in 0..=60 {
        last = backend.post(As::Guest, "/account/sessions/token", guess.clone()).await.status.as_u16();
    }
    assert_eq!(last, 429);

    local(&backend, "clock", &json!({"seconds": 3600})).await.expect(200);
    assert_eq!(backend.get(As::Jwt(&jwt), "/account").await.error(), (401, "user_jwt_invalid".to_owned()));
    let code = json!({"userId": token["userId"], "secret": token["secret"]});
    let late = backend.post(As::Guest, "/account/sessions/token", code).await;
    assert_eq!(late.error(), (401, "user_invalid_token".to_owned()), "no 429: the limit's hour is over");
    backend.get(As::Session(&ann.secret), "/account").await.expect(200);

    local(&backend, "clock", &json!({"seconds": 3600})).await.expect(200);
    backend.get(As::Session(&ann.secret), "/account").await.expect(401);
}

#[tokio::test]
async fn second_factor_challenge_follows_the_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = seeded(folder.path(), |_| {}).await;
    backend.patch(As::Key, "/users/ann/verification", json!({"emailVerification": true})).await.expect(200);
    let secret = backend.sign_in("ann@example.com").await;
    for (wait, status) in [(3601, 401), (0, 200)] {
        let challenge = json!({"factor": "email"});
        let challenge = backend.post(As::Session(&secret), "/account/mfa/challenges", challenge).await.expect(201);
        let mail = backend.message_to("ann@example.com").await;
        let text = mail["text"].as_str().expect("a text");
        let digits = text.split(|letter: char| !letter.is_ascii_digit()).find(|word| word.len() == 6);
        local(&backend, "clock", &json!({"seconds": wait})).await.expect(200);
        let given = json!({"challengeId": challenge["$id"], "otp": digits});
        let given = backend.put(As::Session(&secret), "/account/mfa/challenges", given).await;
        assert_eq!(given.status.as_u16(), status, "{}", given.text);
    }
}

#[tokio::test]
async fn clock_moves_to_a_point_in_time_and_never_back() {
    let backend = Backend::start().await;
    let moved = local(&backend, "clock", &json!({"now": "2100-01-01T00:00:00Z"})).await.expect(200);
    assert!(moved["now"].as_str().is_some_and(|now| now.starts_with("2100-01-01T00:00:")), "{moved}");
    for bad in [
        json!({"now": "2050-01-01T00:00:00Z"}),
        json!({"now": "tomorrow"}),
        json!({"seconds": -1}),
        json!({"seconds": 1, "now": "2200-01-01T00:00:00Z"}),
        json!({}),
        json!([]),
    ] {
        let refused = local(&backend, "clock", &bad).await;
        assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn local_routes_require_a_key_with_all_scopes() {
    let backend = Backend::with(|settings| {
        let keys: [&str; 2] = ["whole", "some=users.read,users.write"];
        settings.api_keys = keys.map(|key| key.parse::<ApiKey>().expect("a key")).to_vec();
    })
    .await;
    backend.post(As::Key, "/teams", json!({"teamId": "t", "name": "T"})).await.expect(201);
    for path in ["reset", "clock"] {
        let request = |method: Method| {
            http().request(method, format!("{}/local/{path}", backend.origin())).json(&json!({"seconds": 60}))
        };
        let post = || request(Method::POST);
        for (asked, status, kind) in [
            (post(), 401, "user_unauthorized"),
            (post().header("x-appwrite-key", "other"), 401, "user_unauthorized"),
            (post().header("x-appwrite-key", "some"), 401, "general_unauthorized_scope"),
            (
                post().header("x-appwrite-key", "whole").header("origin", &backend.origin()),
                403,
                "general_unknown_origin",
            ),
            (post().header("x-appwrite-key", "whole").header("sec-fetch-site", "none"), 403, "general_unknown_origin"),
            (request(Method::OPTIONS).header("origin", "http://localhost"), 403, "general_unknown_origin"),
        ] {
            let refused = answer(asked).await;
            assert_eq!(refused.error(), (status, kind.to_owned()), "{path}");
            assert!(!refused.headers.contains_key("access-control-allow-origin"), "{path}");
        }
    }
    backend.get(As::Key, "/teams/t").await.expect(200);
}

/// Runs `export` or `import` and returns its error output.
fn copied(data: &Path, arguments: &[&str], file: &Path) -> Result<(), String> {
    let ended = command(data, arguments).arg(file).output().expect("an end");
    if ended.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&ended.stderr).into_owned()) }
}

#[tokio::test]
async fn export_of_a_running_emulator_imports_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there, file) = (folder.path().join("here"), folder.path().join("there"), folder.path().join("state"));
    let mut binary = Binary::start(&here, &["--seed", BIRTHDAYS]);
    let user = json!({"userId": "ann", "email": "ann@example.com", "password": PASSWORD});
    binary.ask(Method::POST, "/users", Some(user)).await.expect(201);
    binary.ask(Method::POST, "/storage/buckets", Some(json!({"bucketId": "b", "name": "B"}))).await.expect(201);
    let form = "--x\r\ncontent-disposition: form-data; name=\"fileId\"\r\n\r\nf\r\n--x\r\ncontent-disposition: form-data; \
                name=\"file\"; filename=\"a.txt\"\r\n\r\nkept\r\n--x--\r\n";
    let upload = http()
        .post(format!("{}/storage/buckets/b/files", binary.endpoint))
        .header("x-appwrite-project", "demo")
        .header("x-appwrite-key", binary.key())
        .header("content-type", "multipart/form-data; boundary=x")
        .body(form);
    answer(upload).await.expect(201);

    copied(&here, &["export"], &file).expect("an export while it runs");
    binary.ask(Method::POST, ROWS, Some(row("later"))).await.expect(201);
    assert!(copied(&here, &["export"], &file).expect_err("a refusal").contains("--replace"));
    let nowhere = folder.path().join("none/state");
    assert!(copied(&here, &["export"], &nowhere).expect_err("a refusal").contains("none/state"));
    assert!(copied(&here, &["import", "--replace"], &file).expect_err("a refusal").contains("in use"));
    binary.kill();

    copied(&there, &["import"], &file).expect("an import");
    let mut binary = Binary::start(&there, &[]);
    let session = json!({"email": "ann@example.com", "password": PASSWORD});
    binary.ask(Method::POST, "/account/sessions/email", Some(session)).await.expect(201);
    assert_eq!(binary.ask(Method::GET, "/storage/buckets/b/files/f/view", None).await.text, "kept");
    binary.ask(Method::GET, &format!("{ROWS}/later"), None).await.expect(404);
    binary.ask(Method::POST, ROWS, Some(row("mine"))).await.expect(201);
    let reset = http().post(binary.endpoint.replace("/v1", "/local/reset")).header("x-appwrite-key", binary.key());
    answer(reset).await.expect(200);
    binary.ask(Method::GET, &format!("{ROWS}/mine"), None).await.expect(404);
    binary.ask(Method::GET, "/users/ann", None).await.expect(200);
    binary.kill();

    copied(&here, &["export", "--replace"], &file).expect("an export of a stopped one");
    assert!(copied(&there, &["import"], &file).expect_err("a refusal").contains("--replace"));
    copied(&there, &["import", "--replace"], &file).expect("an import");
    let binary = Binary::start(&there, &[]);
    binary.ask(Method::GET, &format!("{ROWS}/later"), None).await.expect(200);
}

#[cfg(unix)]
#[test]
fn exported_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("state"));
    Binary::start(&data, &[]).kill();
    copied(&data, &["export"], &file).expect("an export");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names = |folder: &Path| std::fs::read_dir(folder).expect("a list").count();
    assert_eq!(names(folder.path()), 2, "the data folder and the file, nothing beside them");
}

#[test]
fn import_accepts_only_exports_and_export_needs_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("file"));
    assert!(copied(&data, &["export"], &file).expect_err("a refusal").contains("no data"));
    assert!(!file.exists());
    std::fs::write(&file, "something else, longer than the head of a database").expect("a file");
    assert!(copied(&data, &["import"], &file).expect_err("a refusal").contains("export"));
    assert!(copied(&data, &["import"], &folder.path().join("none")).expect_err("a refusal").contains("export"));
    assert!(!data.exists());
}

#[tokio::test]
async fn killed_ephemeral_emulator_leaves_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut child = command(&data, &["--ephemeral", "--seed", BIRTHDAYS])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("a line"));
    let endpoint = lines.next().expect("a line").split(' ').find(|word| word.starts_with("http")).map(str::to_owned);
    let key = lines.next().expect("a line").rsplit(' ').next().map(str::to_owned);
    let request = http()
        .post(format!("{}{ROWS}", endpoint.expect("an address")))
        .header("x-appwrite-project", "demo")
        .header("x-appwrite-key", key.expect("a key"))
        .json(&row("mine"));
    let kept = answer(request).await;
    child.kill().expect("a kill");
    child.wait().expect("an end");
    kept.expect(201);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a list").count(), 0);
}

#[tokio::test]
async fn reset_to_older_data_rebuilds_its_indexes() {
    let backend = Backend::start().await;
    backend.post(As::Key, ROWS, row("first")).await.expect(201);
    let index = json!({"key": "one", "type": "unique", "columns": ["name"]});
    backend.post(As::Key, "/tablesdb/main/tables/birthdays/indexes", index).await.expect(202);
    let folder = backend.folder.path().to_path_buf();
    let keep_old = move || {
        let file = folder.join("base.sqlite");
        local_appwrite::export(&folder, &file, true).expect("a file");
        let db = rusqlite::Connection::open(file).expect("the file");
        let sql = "UPDATE tables SET document = json_remove(document, '$.indexes[0].is_filled');
                   DELETE FROM index_entries;";
        db.execute_batch(sql).expect("a change");
    };
    tokio::task::spawn_blocking(keep_old).await.expect("a file");
    local(&backend, "reset", &json!({})).await.expect(200);
    let refused = backend.post(As::Key, ROWS, row("second")).await;
    assert_eq!(refused.error(), (409, "row_unique_constraint_violation".to_owned()));
}
