//! The permissions to see and change a birthday.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, assert_takes_focus};
use crate::running::App;
use crate::stand_in::{appwrite_with, refusal, refusal_in_words};

/// The values of a birthday in JSON.
const ID: usize = 0;
const NAME: usize = 1;

pub async fn add(browser: &Browser, name: &str, visibility: &str) {
    let fields = [("name", name), ("date", "2012-02-03"), ("visibility", visibility), ("page", "/birthdays")];
    let answer = browser.post_form("/actions/add_birthday", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/birthdays"));
}

async fn seen_by(browser: &Browser) -> Vec<String> {
    let answer = browser.call("/actions/list_birthdays", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = answer.json();
    let birthdays = list["birthdays"].as_array().expect("a list");
    birthdays.iter().map(|birthday| birthday[NAME].as_str().expect("a name").to_owned()).collect()
}

async fn id_of(browser: &Browser, name: &str) -> String {
    let list = browser.call("/actions/list_birthdays", &[]).await.json();
    let birthdays = list["birthdays"].as_array().expect("a list").clone();
    let birthday = birthdays.into_iter().find(|birthday| birthday[NAME] == name).expect(name);
    birthday[ID].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn user_sees_own_and_shared_birthdays() {
    let app = App::start().await;
    let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
    add(&kay, "Kevin", "only-me").await;
    add(&kay, "Uma", "signed-in").await;
    add(&kay, "Any", "everyone").await;
    add(&lou, "Laura", "only-me").await;
    assert_eq!(seen_by(&kay).await, ["Any", "Kevin", "Uma"]);
    assert_eq!(seen_by(&lou).await, ["Any", "Laura", "Uma"]);
    assert_eq!(seen_by(&app.browser()).await, ["Any"]);
    let page = kay.open("/birthdays").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("datetime=\"2012-02-03\"") && page.body.contains("February 3, 2012"), "{}", page.body);
}

#[tokio::test]
async fn owner_changes_and_deletes_and_others_cannot() {
    let app = App::start().await;
    let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
    add(&kay, "Uma", "signed-in").await;
    let id = id_of(&kay, "Uma").await;
    let change = [("id", id.as_str()), ("name", "Una"), ("date", "2013-01-01"), ("visibility", "signed-in")];
    assert_eq!(lou.call("/actions/update_birthday", &change).await.status, 403);
    assert_eq!(lou.call("/actions/delete_birthday", &[("id", &id)]).await.status, 403);
    for page in ["edit", "delete"] {
        assert_eq!(lou.open(&format!("/birthdays/{id}/{page}")).await.status, 403);
    }
    let edit = kay.open(&format!("/birthdays/{id}/edit")).await;
    assert!(edit.field("name").contains("value=\"Uma\"") && edit.field("date").contains("value=\"2012-02-03\""));
    let form = [change.as_slice(), &[("next", "/birthdays?order=next")]].concat();
    assert_eq!(kay.post_form("/actions/update_birthday", &form).await.location(), "/birthdays?order=next");
    let list = kay.open("/birthdays?order=next").await;
    assert_takes_focus(&list, "Saved Una's birthday.");
    let row = list.body.split_once(&format!("id=\"birthday-{id}\"")).expect("the row").1;
    assert!(row.split_once("</li>").expect("a row").0.contains("Saved Una's birthday."), "{row}");
    assert_eq!(seen_by(&lou).await, ["Una"]);
    assert_eq!(kay.post_form("/actions/delete_birthday", &[("id", &id), ("page", "/birthdays")]).await.status, 303);
    assert_eq!(seen_by(&lou).await, [""; 0]);
}

#[tokio::test]
async fn save_is_reported_even_if_the_list_then_fails() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma", "only-me").await;
    let id = id_of(&kay, "Uma").await;
    let change = [("id", id.as_str()), ("name", "Una"), ("date", "2013-01-01"), ("visibility", "only-me")];
    assert_eq!(kay.post_form("/actions/update_birthday", &change).await.status, 303);
    app.ask_backend(Method::DELETE, "/tablesdb/main/tables/birthdays", None, json!({})).await;
    let page = kay.open("/birthdays").await;
    assert!(page.main().contains("Saved Una's birthday."), "{}", page.main());
    assert!(page.main().contains("notice-bad"), "{}", page.main());
}

#[tokio::test]
async fn deleted_or_unknown_row_is_not_found() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for id in ["nothing", "../users", "%2e%2e", "a\r\nb", "", &"x".repeat(200)] {
        let answer = kay.call("/actions/delete_birthday", &[("id", id)]).await;
        assert_eq!(answer.status, 404, "{id:?}: {}", answer.body);
    }
    for page in ["edit", "delete"] {
        let page = kay.open(&format!("/birthdays/nothing/{page}")).await;
        assert_eq!(page.status, 404);
        assert!(page.main().contains("This birthday doesn't exist or isn't shared with you."), "{}", page.main());
    }
}

#[tokio::test]
async fn deleting_a_deleted_row_is_explained_without_javascript() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for rows in [0, 1] {
        add(&kay, "Gone", "only-me").await;
        let id = id_of(&kay, "Gone").await;
        let question = format!("/birthdays/{id}/delete");
        assert!(kay.open(&question).await.main().contains("Gone"));
        let form = [("id", id.as_str()), ("name", "Gone"), ("page", &question)];
        assert_eq!(kay.post_form("/actions/delete_birthday", &form).await.location(), "/birthdays");
        assert_takes_focus(&kay.open("/birthdays").await, "Deleted Gone's birthday.");
        assert_eq!(kay.post_form("/actions/delete_birthday", &form).await.location(), question);
        let page = kay.open(&question).await;
        assert!(page.main().contains("exist or isn"), "with {rows} other rows: {}", page.main());
        add(&kay, "Stays", "only-me").await;
    }
}

#[tokio::test]
async fn outdated_save_is_refused_and_shows_both_values() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma", "signed-in").await;
    let id = id_of(&kay, "Uma").await;
    let page = format!("/birthdays/{id}/edit");
    let version_on = |answer: &Answer| {
        let field = answer.field("version");
        field.split_once("value=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a version").to_owned()
    };
    let fields = |name: &'static str, version: &str| {
        let fields = [("id", id.as_str()), ("name", name), ("date", "2013-01-01"), ("version", version)];
        let steering = [("visibility", "signed-in"), ("page", &page), ("then", "/birthdays")];
        fields.into_iter().chain(steering).map(|(field, value)| (field, value.to_owned())).collect::<Vec<_>>()
    };
    let [first, second] = [version_on(&kay.open(&page).await), version_on(&kay.open(&page).await)];
    let save = async |name: &'static str, version: &str| {
        let fields = fields(name, version);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
        kay.call("/actions/update_birthday", &fields).await
    };
    assert_eq!(save("Una", &first).await.status, 200);
    let refused = save("Ursula", &second).await;
    assert_eq!((refused.status, refused.body.as_str()), (409, r#""Conflict""#));
    assert_eq!(seen_by(&kay).await, ["Una"]);
    let form = fields("Ursula", &second);
    let form: Vec<(&str, &str)> = form.iter().map(|(field, value)| (*field, value.as_str())).collect();
    assert_eq!(kay.post_form("/actions/update_birthday", &form).await.location(), page);
    let again = kay.open(&page).await;
    assert_eq!(again.status, 409);
    for text in ["Your changes weren't saved.", "Current version:", "Una", "January 1, 2013"] {
        assert!(again.main().contains(text), "{text}: {}", again.main());
    }
    assert!(again.field("name").contains("value=\"Ursula\""), "{}", again.field("name"));
    assert!(!kay.open(&page).await.main().contains("Current version:"));
    assert_eq!(save("Ursula", &version_on(&again)).await.status, 200);
    assert_eq!(seen_by(&kay).await, ["Ursula"]);
}

#[tokio::test]
async fn one_of_two_simultaneous_saves_is_refused() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    for visibility in ["signed-in", "everyone"] {
        add(&kay, "Uma", "signed-in").await;
        let id = id_of(&kay, "Uma").await;
        let field = kay.open(&format!("/birthdays/{id}/edit")).await.field("version");
        let version =
            field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let save = async |name: &str| {
            let fields = [("id", &*id), ("name", name), ("date", "2012-02-03"), ("version", &*version)];
            kay.call("/actions/update_birthday", &[&fields[..], &[("visibility", visibility)]].concat()).await.status
        };
        let (first, second) = tokio::join!(save("Una"), save("Ulla"));
        let mut answers = [first, second];
        answers.sort_unstable();
        assert_eq!(answers, [200, 409], "{visibility}");
        assert_eq!(seen_by(&kay).await.len(), 1, "{visibility}");
        let deleted = kay.call("/actions/delete_birthday", &[("id", &id)]).await;
        assert_eq!(deleted.status, 200, "{visibility}");
    }
}

#[tokio::test]
async fn version_check_also_covers_a_row_made_private() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma", "signed-in").await;
    let id = id_of(&kay, "Uma").await;
    let save = async |visibility: &str, version: &str| {
        let fields = [("id", &*id), ("name", "Uma"), ("date", "2012-02-03"), ("version", version)];
        kay.call("/actions/update_birthday", &[&fields[..], &[("visibility", visibility)]].concat()).await.status
    };
    for visibility in ["everyone", "only-me"] {
        assert_eq!(save(visibility, "2020-01-01T00:00:00Z").await, 409, "{visibility}");
        assert_eq!(save(visibility, "yesterday").await, 409, "{visibility}");
        assert_eq!(save(visibility, "9000-01-01T00:00:00Z").await, 200, "{visibility}");
        assert_eq!(save(visibility, "").await, 200, "{visibility}");
    }
}

#[tokio::test]
async fn version_of_a_deleted_birthday_is_not_found() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    add(&kay, "Uma", "only-me").await;
    let id = id_of(&kay, "Uma").await;
    assert_eq!(kay.call("/actions/delete_birthday", &[("id", &id)]).await.status, 200);
    let change = [("id", &*id), ("name", "Una"), ("date", "2012-02-03"), ("visibility", "only-me"), ("version", "1")];
    assert_eq!(kay.call("/actions/update_birthday", &change).await.status, 404);
}

#[tokio::test]
async fn signed_out_user_cannot_add_a_birthday() {
    let app = App::start().await;
    let fields = [("name", "X"), ("date", "2012-02-03"), ("visibility", "everyone"), ("page", "/birthdays")];
    assert_eq!(app.browser().call("/actions/add_birthday", &fields).await.status, 401);
    let answer = app.browser().post_form("/actions/add_birthday", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Fbirthdays"));
}

#[tokio::test]
async fn invalid_values_are_reported_beside_their_fields() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    let fields = [("name", "Kevin"), ("date", "2012-02-30"), ("visibility", "nobody"), ("page", "/birthdays")];
    kay.post_form("/actions/add_birthday", &fields).await;
    let page = kay.open("/birthdays").await;
    assert_eq!(page.status, 422);
    assert!(page.field("date").contains("aria-invalid=\"true\""));
    assert!(page.field("name").contains("value=\"Kevin\""));
    assert!(page.body.contains("Choose one of these."));
}

#[tokio::test]
async fn row_made_private_keeps_its_id_and_all_columns() {
    for profile in [local_appwrite::Profile::Two, local_appwrite::Profile::OneNine, local_appwrite::Profile::OneFive] {
        let app = App::start_with_profile(profile, &[]).await;
        let (kay, lou) = (app.browser_of("Kay").await, app.browser_of("Lou").await);
        add(&kay, "Uma", "everyone").await;
        let id = id_of(&kay, "Uma").await;
        let path = match profile {
            local_appwrite::Profile::OneFive => format!("/databases/main/collections/birthdays/documents/{id}"),
            _ => format!("/tablesdb/main/tables/birthdays/rows/{id}"),
        };
        let session = kay.cookie("session").expect("a session");
        let columns = match profile {
            local_appwrite::Profile::OneFive => "/databases/main/collections/birthdays/attributes/string",
            _ => "/tablesdb/main/tables/birthdays/columns/string",
        };
        let column = json!({"key": "note", "size": 64, "required": false});
        app.ask_backend(Method::POST, columns, None, column).await;
        let note = json!({"data": {"note": "Likes tea"}});
        app.ask_backend(Method::PATCH, &path, Some(&session), note).await;
        let change = [("id", id.as_str()), ("name", "Una"), ("date", "2012-02-03"), ("visibility", "only-me")];
        assert_eq!(kay.call("/actions/update_birthday", &change).await.status, 200);
        assert_eq!((seen_by(&kay).await, seen_by(&lou).await), (vec!["Una".to_owned()], vec![]), "{profile:?}");
        let row = app.ask_backend(Method::GET, &path, Some(&session), Value::Null).await;
        assert_eq!((&row["name"], &row["note"]), (&json!("Una"), &json!("Likes tea")), "{profile:?}");
        let permissions = row["$permissions"].as_array().expect("permissions");
        assert!(permissions.iter().all(|one| one.as_str().is_some_and(|one| one.contains("(\"user:"))), "{row}");
    }
}

/// A fake Appwrite with one table, where the write number `fails_at` fails.
#[derive(Clone)]
struct FailingTable {
    rows: Arc<Mutex<BTreeMap<String, Value>>>,
    writes: Arc<Mutex<usize>>,
    fails_at: usize,
    /// True if the failing write still takes effect and only its response is lost.
    is_done: bool,
    failure: (u16, &'static str),
}

impl FailingTable {
    fn new(fails_at: usize, is_done: bool) -> Self {
        let row = json!({
            "$id": "r1", "$permissions": ["read(\"users\")", "update(\"user:kay\")", "delete(\"user:kay\")"],
            "name": "Uma", "birthday": "2012-02-03T00:00:00.000+00:00", "note": "Likes tea",
        });
        let rows = Arc::new(Mutex::new(BTreeMap::from([("r1".to_owned(), row)])));
        Self { rows, writes: Arc::default(), fails_at, is_done, failure: (500, "general_unknown") }
    }

    fn write(&self, write: impl FnOnce(&mut BTreeMap<String, Value>) -> Response) -> Response {
        let mut writes = self.writes.lock().expect("the count");
        *writes += 1;
        let fails = *writes == self.fails_at;
        let mut rows = self.rows.lock().expect("the rows");
        let answer = if fails && !self.is_done { None } else { Some(write(&mut rows)) };
        answer.filter(|_| !fails).unwrap_or_else(|| refusal(self.failure.0, self.failure.1))
    }

    /// Makes the row private as Kay.
    async fn make_private(app: &App) -> u16 {
        let browser = app.browser();
        browser.plant("session", "a2F5");
        let change = [("id", "r1"), ("name", "Private"), ("date", "2012-02-03"), ("visibility", "only-me")];
        browser.call("/actions/update_birthday", &change).await.status
    }

    fn found(&self) -> BTreeMap<String, Value> {
        self.rows.lock().expect("the rows").clone()
    }

    async fn start(&self) -> App {
        let rows = get(|State(table): State<Self>| async move {
            let rows: Vec<_> = table.rows.lock().expect("the rows").values().cloned().collect();
            Json(json!({ "total": rows.len(), "rows": rows }))
        })
        .post(|State(table): State<Self>, Json(body): Json<Value>| async move {
            table.write(|rows| {
                let id = body["rowId"].as_str().filter(|id| *id != "unique()").unwrap_or("copy").to_owned();
                let mut row = body["data"].clone();
                row["$id"] = id.clone().into();
                row["$permissions"] = body["permissions"].clone();
                if rows.contains_key(&id) {
                    return refusal(409, "row_already_exists");
                }
                rows.insert(id, row.clone());
                (StatusCode::CREATED, Json(row)).into_response()
            })
        });
        let row = get(|State(table): State<Self>, Path(id): Path<String>| async move {
            match table.rows.lock().expect("the rows").get(&id) {
                Some(row) => Json(row.clone()).into_response(),
                None => refusal(404, "row_not_found"),
            }
        })
        .patch(|State(table): State<Self>, Path(id): Path<String>, Json(body): Json<Value>| async move {
            let mut rows = table.rows.lock().expect("the rows");
            let Some(row) = rows.get_mut(&id) else { return refusal(404, "row_not_found") };
            for (name, value) in body["data"].as_object().expect("columns") {
                row[name] = value.clone();
            }
            row["$permissions"] = body["permissions"].clone();
            Json(row.clone()).into_response()
        })
        .delete(|State(table): State<Self>, Path(id): Path<String>| async move {
            table.write(|rows| match rows.remove(&id) {
                Some(_) => StatusCode::NO_CONTENT.into_response(),
                None => refusal(404, "row_not_found"),
            })
        });
        let routes = Router::new()
            .route("/health/version", get(|| async { Json(json!({"version": "2.7.1"})) }))
            .route("/account", get(|| async { Json(json!({"$id": "kay", "name": "Kay", "email": "kay@example.com"})) }))
            .route("/tablesdb/main/tables/birthdays/rows", rows)
            .route("/tablesdb/main/tables/birthdays/rows/{id}", row)
            .with_state(self.clone());
        App::start_in_front_of(&appwrite_with(routes).await).await
    }
}

#[tokio::test]
async fn making_a_row_private_survives_failure_of_any_step() {
    for fails_at in 0..=4 {
        for is_done in [false, true] {
            let table = FailingTable::new(fails_at, is_done);
            let app = table.start().await;
            let status = FailingTable::make_private(&app).await;
            let rows = table.found();
            let situation = format!("write {fails_at}, done: {is_done}: {status} {rows:?}");
            assert!(!rows.is_empty(), "{situation}");
            let is_public = |row: &Value| row["$permissions"][0] == "read(\"users\")";
            for row in rows.values() {
                assert_eq!(row["note"], "Likes tea", "{situation}");
                assert_eq!(is_public(row), row["name"] == "Uma", "{situation}");
            }
            if status == 200 {
                assert!(!rows.values().any(is_public), "{situation}");
            } else {
                assert!(rows.contains_key("r1"), "{situation}");
                assert_eq!(FailingTable::make_private(&app).await, 200, "{situation}");
                let rows = table.found();
                assert!(rows.keys().eq(["r1"]) && !rows.values().any(is_public), "{situation}, then {rows:?}");
            }
            if fails_at == 0 || is_done {
                assert!(table.found().keys().eq(["r1"]), "{situation}");
            }
        }
    }
}

#[tokio::test]
async fn row_that_appwrite_deletes_late_is_kept_as_a_copy() {
    let table = FailingTable { failure: (504, "general_unknown"), ..FailingTable::new(2, false) };
    let app = table.start().await;
    assert_eq!(FailingTable::make_private(&app).await, 503);
    assert!(table.rows.lock().expect("the rows").remove("r1").is_some(), "the deletion comes through now");
    let rows = table.found();
    assert!(rows.values().all(|row| row["note"] == "Likes tea") && rows.len() == 1, "{rows:?}");
}

#[tokio::test]
async fn row_changed_while_made_private_leaves_no_copy() {
    let table = FailingTable { failure: (409, "row_update_conflict"), ..FailingTable::new(2, false) };
    let app = table.start().await;
    assert_eq!(FailingTable::make_private(&app).await, 200);
    assert!(table.found().keys().eq(["r1"]), "{:?}", table.found());
    // The copy and its removal, then the copy, the row and the copy's removal again.
    assert_eq!(*table.writes.lock().expect("the count"), 7);
}

#[tokio::test]
async fn row_is_made_private_in_place_if_copying_fails() {
    for failure in [(401, "user_unauthorized"), (429, "general_rate_limit_exceeded"), (409, "row_already_exists")] {
        let table = FailingTable { failure, ..FailingTable::new(1, false) };
        let app = table.start().await;
        assert_eq!(FailingTable::make_private(&app).await, 200, "{failure:?}");
        let rows = table.found();
        let permissions = rows["r1"]["$permissions"].as_array().expect("permissions");
        assert!(rows.len() == 1 && permissions.contains(&json!("read(\"user:kay\")")), "{rows:?}");
    }
}

#[tokio::test]
async fn impossible_birthdays_are_field_errors() {
    let app = App::start().await;
    let kay = app.browser_of("Kay").await;
    let fields = |date| [("name", "Kevin"), ("date", date), ("visibility", "only-me"), ("page", "/birthdays")];
    for (date, problem) in [
        ("", r#""Missing""#),
        ("10000-01-01", r#""NotADate""#),
        ("9999-12-31", r#""InFuture""#),
        ("0001-01-01", r#"{"TooEarly":"#),
        ("1799-12-31", r#"{"TooEarly":"#),
    ] {
        let answer = kay.call("/actions/add_birthday", &fields(date)).await;
        let expected = format!(r#"{{"Invalid":[{{"field":"date","problem":{problem}"#);
        assert!(answer.status == 422 && answer.body.starts_with(&expected), "{date}: {}", answer.body);
    }
    assert_eq!(kay.call("/actions/add_birthday", &fields("1912-06-23")).await.status, 200);
}

#[tokio::test]
async fn value_refused_by_its_column_is_a_field_error() {
    for (words, status, body) in [
        (
            r#"Attribute "birthday" has invalid type. Value must be valid date between …"#,
            422,
            r#"{"Invalid":[{"field":"date","problem":"NotADate"}]}"#,
        ),
        (
            r#"Attribute "name" has invalid type. Value must be a valid string and no longer than 8 chars"#,
            422,
            r#"{"Invalid":[{"field":"name","problem":"Refused"}]}"#,
        ),
        (r#"Unknown attribute: "name""#, 500, r#""Misconfigured""#),
        (r#"Missing required attribute "title""#, 500, r#""Misconfigured""#),
    ] {
        let refused = move || async move {
            refusal_in_words(400, "row_invalid_structure", &format!("Invalid document structure: {words}"))
        };
        let routes = Router::new()
            .route("/health/version", get(|| async { Json(json!({"version": "2.7.1"})) }))
            .route("/account", get(|| async { Json(json!({"$id": "kay", "name": "Kay", "email": "kay@example.com"})) }))
            .route("/tablesdb/main/tables/birthdays/rows", post(refused))
            .route("/tablesdb/main/tables/birthdays/rows/{id}", patch(refused));
        let app = App::start_in_front_of(&appwrite_with(routes).await).await;
        let browser = app.browser();
        browser.plant("session", "a2F5");
        let fields = [("id", "r1"), ("name", "Kevin the 2nd"), ("date", "2012-02-03"), ("visibility", "everyone")];
        for action in ["/actions/add_birthday", "/actions/update_birthday"] {
            let answer = browser.call(action, &fields).await;
            assert_eq!((answer.status, answer.body.as_str()), (status, body), "{action}: {words}");
        }
    }
}
