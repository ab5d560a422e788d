//! The birthdays API, called by clients that sign in to Appwrite themselves.

use std::time::Duration;

use appwrite_client::AppwriteSettings;
use axum::Router;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use jiff::Timestamp;
use leptos_appwrite::tables::DATABASE;
use leptos_appwrite::tables::create::create_all;
use leptos_birthdays::tables::TABLES;
use local_appwrite::{ApiKey, Clock, KeyScopes, LocalAppwrite, Profile, Settings};
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::Answer;
use crate::logs;
use crate::running::App;

/// The API key of apps that do not run their own backend.
const KEY_OF_THE_APP: &str = "a key that nobody asks for";
/// A second API key, for requests that bypass the app.
const OTHER_KEY: &str = "standard_5f2c9e7d1b3a";
const PASSWORD: &str = "Correct-horse-1";

/// The app in front of an Appwrite with a manual clock and API keys of all scopes.
struct Setup {
    app: App,
    profile: Profile,
    backend: LocalAppwrite,
    clock: Clock,
    _data: TempDir,
}

/// A client program, signed in to Appwrite.
struct Program {
    id: String,
    session: String,
    jwt: String,
}

impl Setup {
    async fn new() -> Self {
        Self::of(Profile::Two).await
    }

    async fn of(profile: Profile) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let key = |secret: &str| ApiKey { secret: secret.into(), scopes: KeyScopes::All };
        let mut settings = Settings::new(data.path());
        settings.profile = profile;
        settings.api_keys = vec![key(KEY_OF_THE_APP), key(OTHER_KEY)];
        let clock = Clock::manual(Timestamp::now());
        let backend = local_appwrite::start_with_clock(settings, clock.clone()).await.expect("a backend");
        let creator = AppwriteSettings {
            endpoint: backend.endpoint().clone(),
            project_id: backend.project_id().to_owned(),
            api_key: OTHER_KEY.into(),
        };
        create_all(creator, DATABASE, TABLES).await.expect("the tables");
        let app = App::start_in_front_of(backend.endpoint().as_str()).await;
        Self { app, profile, backend, clock, _data: data }
    }

    /// Calls Appwrite directly, with a session cookie or the API key.
    async fn ask(&self, method: Method, path: &str, session: Option<&str>, body: Value) -> (Value, Vec<String>) {
        let request = Client::new().request(method, format!("{}{path}", self.backend.endpoint()));
        let request = request.header("x-appwrite-project", self.backend.project_id());
        let request = match session {
            Some("") => request,
            Some(cookie) => request.header(COOKIE, cookie),
            None => request.header("x-appwrite-key", OTHER_KEY),
        };
        let answer = request.json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|value| value.to_str().expect("text").split(';').next().unwrap_or_default().into());
        let cookies = cookies.collect();
        (serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or_default(), cookies)
    }

    /// Signs up and signs in at Appwrite directly, without the app or an API key.
    async fn program_of(&self, name: &str) -> Program {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({ "userId": "unique()", "email": email, "password": PASSWORD, "name": name });
        let (account, _) = self.ask(Method::POST, "/account", Some(""), account).await;
        let credentials = json!({ "email": email, "password": PASSWORD });
        let (_, cookies) = self.ask(Method::POST, "/account/sessions/email", Some(""), credentials).await;
        let session = cookies.into_iter().find(|cookie| !cookie.contains("_legacy=")).expect("a session");
        let id = account["$id"].as_str().expect("an id").to_owned();
        let mut program = Program { id, session, jwt: String::new() };
        self.renew(&mut program).await;
        program
    }

    async fn renew(&self, program: &mut Program) {
        let path = if self.profile == Profile::OneFive { "/account/jwt" } else { "/account/jwts" };
        let (jwt, _) = self.ask(Method::POST, path, Some(&program.session), json!({})).await;
        jwt["jwt"].as_str().expect("a JWT").clone_into(&mut program.jwt);
    }

    /// Adds a row with the API key.
    async fn row(&self, id: &str, name: &str, permissions: &[String]) {
        let data = json!({ "name": name, "birthday": "2012-02-03T00:00:00.000+00:00" });
        let body = json!({ "documentId": id, "data": data, "permissions": permissions });
        self.ask(Method::POST, "/databases/main/collections/birthdays/documents", None, body).await;
    }

    /// The rows of the guide: A may read Kevin's, B may read Laura's, and neither may read Bob's.
    async fn rows_of_the_guide(&self, a: &Program, b: &Program) {
        self.row("kevin", "Kevin", &[format!("read(\"user:{}\")", a.id)]).await;
        self.row("laura", "Laura", &[format!("read(\"user:{}\")", b.id)]).await;
        self.row("bob", "Bob", &[]).await;
    }

    async fn api(&self) -> Api {
        Api::of(&self.app).await
    }
}

/// An API client that validates each response against the OpenAPI document.
struct Api {
    http: Client,
    origin: String,
    document: Value,
}

impl Api {
    async fn of(app: &App) -> Self {
        let http = Client::new();
        let document = http.get(format!("{}/api/openapi.json", app.origin)).send().await.expect("an answer");
        assert_eq!(
            (document.status(), &document.headers()[CONTENT_TYPE]),
            (StatusCode::OK, &HeaderValue::from_static("application/json"))
        );
        let document = serde_json::from_str(&document.text().await.expect("a body")).expect("a document");
        Self { http, origin: app.origin.clone(), document }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin))
    }

    /// Sends the request and asserts what every response must have.
    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let (method, path) = (request.method().as_str().to_lowercase(), request.url().path().to_owned());
        let names = ["authorization", "x-appwrite-jwt"];
        let secrets: Vec<String> = names
            .iter()
            .flat_map(|name| request.headers().get_all(*name))
            .map(|value| value.to_str().expect("text").trim_start_matches("Bearer ").to_owned())
            .filter(|secret| !secret.is_empty())
            .collect();
        let response = self.http.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await.expect("a body") };

        let operation = &self.document["paths"][template(&path)][&method];
        if operation.is_null() {
            assert!(matches!(status, 404 | 405), "{method} {path} is not in the document and answers {status}");
        } else {
            let known = &operation["responses"][status.to_string()];
            assert!(known.is_object(), "{method} {path} answers {status}, which the document does not know");
        }
        if status >= 400 {
            let error = &answer.json()["error"];
            let types = &self.document["components"]["schemas"]["ErrorType"]["enum"];
            let kind = error["type"].as_str().expect("a type");
            assert!(types.as_array().expect("types").iter().any(|known| known == kind), "{kind}: {types}");
            assert!(error["message"].as_str().is_some_and(|message| message.ends_with('.')), "{error}");
        }
        if status == 401 {
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{:?}", answer.headers);
        }
        assert_eq!(answer.header("cache-control"), "no-store");
        let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().expect("text")).collect();
        assert!(names.iter().all(|name| vary.contains(name)), "{vary:?}");
        assert!(answer.set_cookie("session").is_none() && answer.cookies().is_empty());
        let shown = format!("{}{:?}", answer.body, answer.headers);
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "a credential is in the answer: {shown}");
        answer
    }

    /// Calls the API with this program's JWT.
    async fn call(&self, program: &Program, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path).bearer_auth(&program.jwt);
        self.send(if let Some(body) = body { request.json(&body) } else { request }).await
    }

    async fn names(&self, program: &Program) -> Vec<String> {
        let answer = self.call(program, Method::GET, "/api/birthdays", None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        names(&answer)
    }

    /// The statuses that the document lists for an operation.
    fn statuses(&self, path: &str, method: &str) -> Vec<u16> {
        let responses = self.document["paths"][path][method]["responses"].as_object().expect("responses");
        responses.keys().map(|status| status.parse().expect("a status")).collect()
    }
}

fn template(path: &str) -> &str {
    let id = path.strip_prefix("/api/birthdays/").filter(|id| !id.is_empty() && !id.contains('/'));
    if id.is_some() { "/api/birthdays/{id}" } else { path }
}

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let birthdays = list["birthdays"].as_array().expect("a list");
    birthdays.iter().map(|birthday| birthday["name"].as_str().expect("a name").to_owned()).collect()
}

fn kind(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["type"].as_str().expect("a type").to_owned())
}

fn refused(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

/// The same JWT with another signature.
fn forged(jwt: &str) -> String {
    let (said, signature) = jwt.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{said}.{first}{}", &signature[1..])
}

#[tokio::test]
async fn table_of_the_guide_is_true_for_each_version() {
    for profile in [Profile::Two, Profile::OneNine, Profile::OneFive] {
        let setup = Setup::of(profile).await;
        let (a, b) = (setup.program_of("Ann").await, setup.program_of("Ben").await);
        setup.rows_of_the_guide(&a, &b).await;
        let api = setup.api().await;
        assert_eq!(api.names(&a).await, ["Kevin"]);
        assert_eq!(api.names(&b).await, ["Laura"]);
        for (program, seen) in [(&a, "kevin"), (&b, "laura")] {
            for id in ["kevin", "laura", "bob"] {
                let answer = api.call(program, Method::GET, &format!("/api/birthdays/{id}"), None).await;
                assert_eq!(answer.status, if id == seen { 200 } else { 404 }, "{profile:?} {id}");
                // Users cannot share other users' birthdays, not even those they may read.
                for (method, body) in
                    [(Method::PATCH, Some(json!({ "visibility": "everyone" }))), (Method::DELETE, None)]
                {
                    let answer = api.call(program, method, &format!("/api/birthdays/{id}"), body).await;
                    assert_eq!(answer.status, if id == seen { 403 } else { 404 }, "{profile:?} {id}");
                }
            }
        }
        assert_eq!((api.names(&a).await, api.names(&b).await), (vec!["Kevin".to_owned()], vec!["Laura".to_owned()]));
    }
}

#[tokio::test]
async fn no_credential_reads_the_rows_of_all_users() {
    let setup = Setup::new().await;
    // The sign-up uses the app's API key, which could read every row.
    setup.app.browser_of("Zoe").await;
    let (mut a, mut b) = (setup.program_of("Ann").await, setup.program_of("Ben").await);
    setup.rows_of_the_guide(&a, &b).await;
    let expired = a.jwt.clone();
    setup.clock.advance(Duration::from_secs(3601));
    setup.renew(&mut a).await;
    setup.renew(&mut b).await;
    let api = setup.api().await;
    let session = a.session.split_once('=').expect("a value").1.to_owned();
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let header = |token: &str| ("x-appwrite-jwt", token.to_owned());
    let missing = refused(401, "credentials_missing");
    let wrong = refused(401, "credentials_refused");
    let ambiguous = refused(400, "credentials_ambiguous");
    // A JWT for user A with `alg` none.
    let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}.", a.jwt.split('.').nth(1).expect("claims"));
    for (headers, expected) in [
        (vec![bearer(&a.jwt)], Ok(["Kevin"])),
        (vec![header(&a.jwt)], Ok(["Kevin"])),
        (vec![bearer(&b.jwt)], Ok(["Laura"])),
        (vec![bearer(&b.jwt), header(&b.jwt)], Ok(["Laura"])),
        (vec![bearer(&a.jwt), header(&b.jwt)], Err(&ambiguous)),
        (vec![header(&b.jwt), bearer(&a.jwt)], Err(&ambiguous)),
        (vec![bearer(&a.jwt), bearer(&b.jwt)], Err(&ambiguous)),
        (vec![header(&a.jwt), header(&b.jwt)], Err(&ambiguous)),
        (vec![bearer(&format!("{},{}", a.jwt, b.jwt))], Err(&wrong)),
        (vec![], Err(&missing)),
        (vec![("authorization", "Basic YTpi".into())], Err(&missing)),
        (vec![bearer(&expired)], Err(&wrong)),
        (vec![header(&forged(&a.jwt))], Err(&wrong)),
        (vec![bearer(&unsigned)], Err(&wrong)),
        (vec![bearer(&format!("{unsigned}x"))], Err(&wrong)),
        (vec![bearer(&session)], Err(&wrong)),
        (vec![bearer(KEY_OF_THE_APP)], Err(&wrong)),
        (vec![bearer(OTHER_KEY)], Err(&wrong)),
        (vec![header(OTHER_KEY)], Err(&wrong)),
        (vec![("x-appwrite-key", OTHER_KEY.into())], Err(&missing)),
        (vec![bearer(&a.jwt), ("x-appwrite-key", OTHER_KEY.into())], Ok(["Kevin"])),
        (vec![("x-appwrite-session", session.clone())], Err(&missing)),
        (vec![("cookie", a.session.clone())], Err(&missing)),
        (vec![("cookie", format!("session={session}"))], Err(&missing)),
        (vec![bearer(&b.jwt), ("cookie", format!("session={session}"))], Ok(["Laura"])),
    ] {
        let mut list = api.request(Method::GET, "/api/birthdays");
        for (name, value) in &headers {
            list = list.header(*name, value);
        }
        let answer = api.send(list).await;
        match &expected {
            Ok(expected) => {
                assert_eq!((answer.status, names(&answer)), (200, expected.map(str::to_owned).to_vec()), "{headers:?}");
            }
            Err(expected) => assert_eq!(kind(&answer), **expected, "{headers:?}"),
        }
        for id in ["kevin", "laura", "bob"] {
            let mut read = api.request(Method::GET, &format!("/api/birthdays/{id}"));
            for (name, value) in &headers {
                read = read.header(*name, value);
            }
            let may = expected.as_ref().is_ok_and(|names| names[0].to_lowercase() == id);
            assert_eq!(api.send(read).await.status == 200, may, "{id} {headers:?}");
        }
    }
}

#[tokio::test]
async fn concurrent_users_are_never_mixed_up() {
    let setup = Setup::new().await;
    let (a, b) = (setup.program_of("Ann").await, setup.program_of("Ben").await);
    setup.rows_of_the_guide(&a, &b).await;
    let api = setup.api().await;
    let calls = (0..40).map(|number| {
        let (api, program, expected) = if number % 2 == 0 { (&api, &a, "Kevin") } else { (&api, &b, "Laura") };
        async move { assert_eq!(api.names(program).await, [expected]) }
    });
    futures_util::future::join_all(calls).await;
}

#[tokio::test]
async fn owner_can_create_read_update_and_delete_a_birthday() {
    let setup = Setup::new().await;
    let (kay, lou) = (setup.program_of("Kay").await, setup.program_of("Lou").await);
    let api = setup.api().await;
    let new = json!({ "name": " Kevin ", "date": "2012-02-03", "visibility": "only-me" });
    let added = api.call(&kay, Method::POST, "/api/birthdays", Some(new)).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let path = added.location().to_owned();
    let kevin = added.json();
    assert_eq!(path, format!("/api/birthdays/{}", kevin["id"].as_str().expect("an id")));
    assert_eq!((&kevin["name"], &kevin["date"]), (&json!("Kevin"), &json!("2012-02-03")));
    assert_eq!((&kevin["visibility"], &kevin["is_mine"]), (&json!("only-me"), &json!(true)));
    let described = api.document["components"]["schemas"]["Birthday"]["properties"].as_object().expect("properties");
    let fields =
        |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(fields(kevin.as_object().expect("an object")), fields(described));
    assert_eq!(api.call(&kay, Method::GET, &path, None).await.json(), kevin);

    let stranger = |method: Method, body: Option<Value>| api.call(&lou, method, &path, body);
    let change = || Some(json!({ "name": "Mallory" }));
    for (method, body) in
        [(Method::GET, None), (Method::PATCH, change()), (Method::PATCH, Some(json!({}))), (Method::DELETE, None)]
    {
        assert_eq!(kind(&stranger(method, body).await), refused(404, "not_found"), "what one may not see is not there");
    }
    let shared = api.call(&kay, Method::PATCH, &path, Some(json!({ "visibility": "signed-in" }))).await.json();
    assert_eq!((&shared["visibility"], &shared["name"]), (&json!("signed-in"), &json!("Kevin")));
    assert_eq!(stranger(Method::GET, None).await.json()["is_mine"], false);
    for (method, body) in [(Method::PATCH, change()), (Method::PATCH, Some(json!({}))), (Method::DELETE, None)] {
        assert_eq!(kind(&stranger(method, body).await), refused(403, "forbidden"));
    }
    let renamed = api.call(&kay, Method::PATCH, &path, Some(json!({ "name": "Kevin B." }))).await.json();
    assert_eq!(
        (&renamed["name"], &renamed["date"], &renamed["visibility"]),
        (&json!("Kevin B."), &json!("2012-02-03"), &json!("signed-in"))
    );
    let unchanged = api.call(&kay, Method::PATCH, &path, Some(json!({ "date": null }))).await;
    assert_eq!((unchanged.status, unchanged.json()), (200, renamed));
    let dated = api.call(&kay, Method::PATCH, &path, Some(json!({ "date": "2013-04-05" }))).await.json();
    assert_eq!((&dated["name"], &dated["date"]), (&json!("Kevin B."), &json!("2013-04-05")));
    assert_eq!(api.names(&lou).await, ["Kevin B."]);
    let deleted = api.call(&kay, Method::DELETE, &path, None).await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    assert_eq!(api.call(&kay, Method::DELETE, &path, None).await.status, 404);
    assert!(api.names(&kay).await.is_empty());
}

#[tokio::test]
async fn jwt_of_ended_session_cannot_read_even_public_rows() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    setup.row("any", "Any", &["read(\"any\")".into()]).await;
    let api = setup.api().await;
    assert_eq!(api.names(&program).await, ["Any"]);
    setup.ask(Method::DELETE, "/account/sessions/current", Some(&program.session), json!({})).await;
    let new = || Some(json!({ "name": "X", "date": "2012-02-03", "visibility": "everyone" }));
    for (method, path, body) in [
        (Method::GET, "/api/birthdays", None),
        (Method::POST, "/api/birthdays", new()),
        (Method::GET, "/api/birthdays/any", None),
        (Method::PATCH, "/api/birthdays/any", new()),
        (Method::DELETE, "/api/birthdays/any", None),
    ] {
        let answer = api.call(&program, method, path, body).await;
        assert_eq!(kind(&answer), refused(401, "credentials_refused"), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
}

#[tokio::test]
async fn invalid_birthday_body_is_explained() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    let added = json!({ "name": "Kevin", "date": "2012-02-03", "visibility": "only-me" });
    let path = api.call(&program, Method::POST, "/api/birthdays", Some(added)).await.location().to_owned();
    let long = "x".repeat(129);
    for (method, path, body, fields) in [
        (Method::POST, "/api/birthdays", json!({}), vec!["name", "date", "visibility"]),
        (
            Method::POST,
            "/api/birthdays",
            json!({ "name": " ", "date": "2012-02-30", "visibility": "nobody" }),
            vec!["name", "date", "visibility"],
        ),
        (
            Method::POST,
            "/api/birthdays",
            json!({ "name": long, "date": "2012-02-03", "visibility": "everyone" }),
            vec!["name"],
        ),
        (
            Method::POST,
            "/api/birthdays",
            json!({ "name": "K", "date": "2012-02-03T00:00", "visibility": "everyone" }),
            vec!["date"],
        ),
        (Method::POST, "/api/birthdays", json!({ "name": 7, "date": "2012-02-03", "visibility": "everyone" }), vec![]),
        (
            Method::POST,
            "/api/birthdays",
            json!({ "name": "K", "date": "2012-02-03", "visibility": "everyone", "$permissions": [] }),
            vec![],
        ),
        (Method::POST, "/api/birthdays", json!(["K", "2012-02-03", "everyone"]), vec![]),
        (Method::PATCH, path.as_str(), json!({ "name": "", "date": "soon" }), vec!["name", "date"]),
        (Method::PATCH, path.as_str(), json!({ "visiblity": "everyone" }), vec![]),
    ] {
        let answer = api.call(&program, method.clone(), path, Some(body.clone())).await;
        assert_eq!(kind(&answer), refused(422, "invalid"), "{method} {body}");
        let found = answer.json()["error"]["fields"].as_array().cloned().unwrap_or_default();
        let found: Vec<_> = found.iter().map(|field| field["field"].as_str().expect("a field")).collect();
        assert_eq!(found, fields, "{method} {body}");
    }
    for (content_type, body, expected) in [
        ("application/json", "{".to_owned(), refused(400, "bad_request")),
        ("application/json", "\"\\ud800\"".to_owned(), refused(400, "bad_request")),
        ("text/plain", "{}".to_owned(), refused(415, "unsupported_media_type")),
        ("application/x-www-form-urlencoded", "name=K".to_owned(), refused(415, "unsupported_media_type")),
        ("application/json", " ".repeat(100_000), refused(413, "too_large")),
    ] {
        for (method, path) in [(Method::POST, "/api/birthdays"), (Method::PATCH, path.as_str())] {
            let request = api.request(method, path).bearer_auth(&program.jwt).header(CONTENT_TYPE, content_type);
            assert_eq!(kind(&api.send(request.body(body.clone())).await), expected, "{content_type}");
        }
    }
    assert_eq!(api.names(&program).await, ["Kevin"]);
}

#[tokio::test]
async fn api_accepts_any_origin_and_other_routes_do_not() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    let new = json!({ "name": "Kevin", "date": "2012-02-03", "visibility": "only-me" });
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("x-any", "x")]
    {
        let request = api.request(Method::POST, "/api/birthdays").header(name, value).json(&new);
        let answer = api.send(request.bearer_auth(&program.jwt)).await;
        assert_eq!(answer.status, 201, "{name}: {value}");
        assert!(answer.header("access-control-allow-origin").is_empty(), "no other site's page may read it");
        let cookie = api.request(Method::POST, "/api/birthdays").header(name, value).json(&new);
        let session = program.session.split_once('=').expect("a value").1;
        assert_eq!(api.send(cookie.header(COOKIE, format!("session={session}"))).await.status, 401);
    }
    for path in [
        "/api/login",
        "/api/user",
        "/api/birthday",
        "/api/birthdays.json",
        "/actions/add_birthday",
        "/actions/sign_out",
        "/birthdays",
    ] {
        let request = api.request(Method::POST, path).header("origin", "https://evil.example").json(&new);
        let answer = request.bearer_auth(&program.jwt).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn jwt_is_accepted_by_this_api_only() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    for request in [
        api.request(Method::GET, "/api/user"),
        api.request(Method::POST, "/actions/add_birthday").header("origin", &api.origin).form(&[
            ("name", "K"),
            ("date", "2012-02-03"),
            ("visibility", "only-me"),
        ]),
    ] {
        let answer = request.bearer_auth(&program.jwt).header("x-appwrite-jwt", &program.jwt).send().await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn other_sites_may_call_only_if_configured() {
    let preflight = |api: &Api, path: &str, origin: &str| {
        let request = api.http.request(Method::OPTIONS, format!("{}{path}", api.origin)).header("origin", origin);
        request
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization")
            .send()
    };
    let header = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).map(|value| value.to_str().expect("text").to_lowercase())
    };
    let allowed = "access-control-allow-origin";

    let api = Api::of(&App::start().await).await;
    let answer = preflight(&api, "/api/birthdays", "https://other.example").await.expect("an answer");
    assert_eq!((answer.status(), header(&answer, allowed)), (StatusCode::METHOD_NOT_ALLOWED, None));

    let environment = [("API_CORS_ORIGINS", "https://other.example, http://localhost:5173")];
    let api = Api::of(&App::start_with(&environment).await).await;
    for path in ["/api/birthdays", "/api/birthdays/kevin", "/api/openapi.json"] {
        let answer = preflight(&api, path, "https://other.example").await.expect("an answer");
        assert_eq!(
            (answer.status(), header(&answer, allowed)),
            (StatusCode::OK, Some("https://other.example".into())),
            "{path}"
        );
        assert_eq!(
            header(&answer, "access-control-allow-headers"),
            Some("authorization,x-appwrite-jwt,content-type".into())
        );
        assert_eq!(header(&answer, "access-control-allow-methods"), Some("get,post,patch,delete".into()));
        assert_eq!(header(&answer, "access-control-allow-credentials"), None);
        for foreign in ["https://evil.example", "https://other.example.evil.example", "http://other.example", "null"] {
            assert_eq!(header(&preflight(&api, path, foreign).await.expect("an answer"), allowed), None, "{foreign}");
        }
    }
    for path in ["/api/login", "/actions/add_birthday", "/birthdays"] {
        let answer = preflight(&api, path, "https://other.example").await.expect("an answer");
        assert_eq!(header(&answer, allowed), None, "{path}");
    }
    // Errors have CORS headers too, and `Vary` keeps caches from mixing up origins.
    let answer = api.send(api.request(Method::GET, "/api/birthdays").header("origin", "https://other.example")).await;
    assert_eq!((answer.status, answer.header(allowed)), (401, "https://other.example"));
    assert!(answer.header("access-control-expose-headers").to_lowercase().contains("www-authenticate"));
    let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().expect("text")).collect();
    assert!(vary.join(",").contains("origin"), "{vary:?}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_as_json() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    for path in [
        "/api/birthdays/",
        "/api/birthdays/a/b",
        "/api/birthdays/nothing",
        "/api/birthdays/%2e%2e%2fusers",
        "/api/birthdays/%ff",
    ] {
        assert_eq!(kind(&api.call(&program, Method::GET, path, None).await), refused(404, "not_found"), "{path}");
    }
    for (method, path, allow) in [
        (Method::PUT, "/api/birthdays", "GET,HEAD,POST"),
        (Method::DELETE, "/api/birthdays", "GET,HEAD,POST"),
        (Method::POST, "/api/birthdays/kevin", "GET,HEAD,PATCH,DELETE"),
        (Method::POST, "/api/openapi.json", "GET,HEAD"),
    ] {
        let answer = api.call(&program, method, path, None).await;
        assert_eq!(kind(&answer), refused(405, "method_not_allowed"), "{path}");
        let set =
            |text: &str| text.split(',').map(|name| name.trim().to_owned()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(set(answer.header("allow")), set(allow), "{path}");
    }
    let answer = api.http.get(format!("{}/api/birthdays", api.origin)).send().await.expect("an answer");
    assert!(answer.headers().contains_key("x-request-id") && answer.headers()["x-content-type-options"] == "nosniff");
}

/// The API of an app whose Appwrite answers every call with this error.
async fn api_in_front_of_error(status: u16, kind: &'static str) -> Api {
    let status = StatusCode::from_u16(status).expect("a status");
    let refuse = move || async move {
        let body = json!({ "message": "Words.", "code": status.as_u16(), "type": kind, "version": "2.7.1" });
        let reset = Timestamp::now().as_second() + 30;
        (status, [("x-ratelimit-reset", reset.to_string())], axum::Json(body)).into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(refuse)).await });
    Api::of(&App::start_in_front_of(&endpoint).await).await
}

/// Returns the whole response to a request whose body never ends.
async fn answer_to_slow_body(app: &App, method: &Method, path: &str) -> String {
    let address = app.origin.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    let request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{{");
    connection.write_all(request.as_bytes()).await.expect("a write");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn document_lists_exactly_the_existing_routes_and_statuses() {
    let setup = Setup::new().await;
    let (program, blocked) = (setup.program_of("Ann").await, setup.program_of("Bea").await);
    setup.ask(Method::PATCH, &format!("/users/{}/status", blocked.id), None, json!({ "status": false })).await;
    let api = setup.api().await;
    assert_eq!(api.document["openapi"].as_str().and_then(|version| version.split('.').next()), Some("3"));
    let limited = api_in_front_of_error(429, "general_rate_limit_exceeded").await;
    let strange = api_in_front_of_error(418, "general_teapot").await;
    let broken = api_in_front_of_error(500, "general_unknown").await;
    let impatient = App::start_with_body_deadline(Duration::from_millis(100)).await;

    let mut operations: Vec<(String, String)> = Vec::new();
    for (path, item) in api.document["paths"].as_object().expect("paths") {
        operations.extend(item.as_object().expect("a path").keys().map(|method| (method.clone(), path.clone())));
    }
    operations.sort();
    let expected = [
        ("delete", "/api/birthdays/{id}"),
        ("get", "/api/birthdays"),
        ("get", "/api/birthdays/{id}"),
        ("get", "/api/openapi.json"),
        ("patch", "/api/birthdays/{id}"),
        ("post", "/api/birthdays"),
    ];
    let operations: Vec<_> = operations.iter().map(|(method, path)| (method.as_str(), path.as_str())).collect();
    assert_eq!(operations, expected);

    for (method, path) in operations.into_iter().filter(|(_, path)| path.contains("birthdays")) {
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let has_body = matches!(method, "post" | "patch");
        let has_id = path.contains("{id}");
        let good = json!({ "name": "Kevin", "date": "2012-02-03", "visibility": "only-me" });
        let statuses = api.statuses(path, method);
        for status in [400, 401, 403, 429, 500, 503] {
            assert!(statuses.contains(&status), "{method} {path} {status}");
        }
        assert_eq!(statuses.contains(&404), has_id, "{method} {path}");
        for status in statuses {
            if status == 408 {
                let answer = answer_to_slow_body(&impatient, &verb, &path.replace("{id}", "any")).await;
                assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"too_slow\""), "{answer}");
                continue;
            }
            let added =
                api.call(&program, Method::POST, "/api/birthdays", Some(good.clone())).await.location().to_owned();
            let at = if has_id { added.as_str() } else { path };
            let at = if status == 404 { "/api/birthdays/nothing" } else { at };
            let server = match status {
                429 => &limited,
                500 => &strange,
                503 => &broken,
                _ => &api,
            };
            let request = server.request(verb.clone(), at);
            let request = match status {
                400 => request.bearer_auth(&program.jwt).header("x-appwrite-jwt", forged(&program.jwt)),
                401 => request,
                403 => request.bearer_auth(&blocked.jwt),
                _ => request.bearer_auth(&program.jwt),
            };
            let request = match status {
                413 => request.header(CONTENT_TYPE, "application/json").body(" ".repeat(100_000)),
                415 => request.body("{}"),
                422 => request.json(&json!({ "name": "" })),
                _ if has_body => request.json(&good),
                _ => request,
            };
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
            let retry_after = answer.header("retry-after");
            assert_eq!(
                matches!(status, 429 | 503),
                retry_after.parse().is_ok_and(|seconds: u64| (1..=30).contains(&seconds)),
                "{retry_after}"
            );
        }
        for scheme in ["bearer", "header"] {
            let security = api.document["paths"][path][method]["security"].as_array().expect("security").clone();
            assert!(security.iter().any(|way| way.get(scheme).is_some()), "{method} {path}");
            assert!(api.document["components"]["securitySchemes"][scheme].is_object());
        }
    }
}

#[tokio::test]
async fn each_reference_in_the_document_resolves() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = Api::of(&App::start().await).await.document;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 5, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere: {document:#}");
    }
}

#[tokio::test]
async fn outage_response_has_retry_after() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    setup.backend.shutdown().await;
    let answer = api.call(&program, Method::GET, "/api/birthdays", None).await;
    assert_eq!(kind(&answer), refused(503, "unavailable"));
}

#[tokio::test]
async fn jwt_is_in_no_log_line() {
    let setup = Setup::new().await;
    let program = setup.program_of("Ann").await;
    let api = setup.api().await;
    let forged = forged(&program.jwt);
    for jwt in [&program.jwt, &forged] {
        let forms = [("authorization", format!("Bearer {jwt}")), ("x-appwrite-jwt", jwt.clone())];
        for (name, value) in forms {
            api.send(api.request(Method::GET, "/api/birthdays/seen-in-the-log").header(name, value)).await;
        }
    }
    api.send(
        api.request(Method::DELETE, "/api/birthdays/nothing")
            .bearer_auth(&program.jwt)
            .header("x-appwrite-jwt", &forged),
    )
    .await;
    let logs = logs::so_far();
    assert!(logs.contains("/api/birthdays/seen-in-the-log"), "the log was kept");
    for piece in program.jwt.split('.').skip(1).chain([forged.rsplit('.').next().expect("a signature")]) {
        assert!(!logs.contains(piece), "a part of the JWT is in the log");
    }
}
