//! Fuzz tests: no body and no cookie makes any route panic.

use std::{
    cell::RefCell,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, Method, Request, request::Parts},
};
use proptest::{collection, prelude::*, sample::Index};
use serde_json::{Map, Value, json};

use super::{envelope, multipart, params::PathParams, request::Incoming, routes};
use crate::{
    AppState, Clock, Profile, Settings, fuzz,
    http::Route,
    identity::Credentials,
    seed,
    sessions::SessionToken,
    settings::{ApiKey, KeyScopes},
    store::Store,
};

const NAMES: &[&str] = &[
    "userId",
    "email",
    "name",
    "phone",
    "url",
    "provider",
    "secret",
    "duration",
    "prefs",
    "labels",
    "status",
    "mfa",
    "queries",
    "total",
    "search",
    "databaseId",
    "tableId",
    "collectionId",
    "rowId",
    "documentId",
    "data",
    "rows",
    "documents",
    "permissions",
    "transactionId",
    "operations",
    "commit",
    "rollback",
    "ttl",
    "denyList",
    "key",
    "type",
    "columns",
    "attributes",
    "orders",
    "lengths",
    "size",
    "required",
    "default",
    "array",
    "min",
    "max",
    "elements",
    "value",
    "teamId",
    "roles",
    "membershipId",
    "bucketId",
    "fileId",
    "fileSecurity",
    "allowedFileExtensions",
    "maximumFileSize",
    "expire",
    "challengeId",
    "factor",
    "otp",
    "identityId",
    "targetId",
    "providerType",
    "identifier",
    "sessionId",
    "code",
    "width",
    "height",
    "text",
    "enabled",
    "rowSecurity",
    "presenceId",
    "metadata",
    "hash",
    "passwordSalt",
    "method",
    "attribute",
    "values",
    "action",
    "tableId",
    "column",
    "credential",
    "passkeyId",
    "rpId",
    "rotation",
    "background",
];
const VALUES: &[&str] = &[
    "unique()",
    "kay",
    "main",
    "birthdays",
    "r1",
    "name",
    "birthday",
    "note",
    "a@example.com",
    "+15550100",
    "http://localhost/x",
    "javascript:alert(1)",
    "mock",
    "current",
    "string",
    "integer",
    "double",
    "datetime",
    "enum",
    "key",
    "fulltext",
    "unique",
    "read(\"any\")",
    "{\"method\":\"limit\",\"values\":[1]}",
    "{\"method\":\"equal\",\"attribute\":\"name\",\"values\":[\"x\"]}",
    "create",
    "update",
    "upsert",
    "delete",
    "increment",
    "2024-02-30",
    "9999999-1-1",
    "-1",
    "0",
    "1e99",
    "",
    " ",
    "İ",
    "\u{0}",
    "owner",
    "totp",
    "9223372036854775808",
    "../x",
    "%2e%2e",
    "select",
];
/// Parameters that routes are likely to accept.
const LIKELY: &[(&str, &str)] = &[
    ("userId", r#""unique()""#),
    ("email", r#""a@example.com""#),
    ("name", r#""Ann""#),
    ("phone", r#""+15550100""#),
    ("url", r#""http://localhost/x?a=1""#),
    ("labels", r#"["vip"]"#),
    ("prefs", r#"{"theme":"dark"}"#),
    ("rowId", r#""unique()""#),
    ("documentId", r#""r1""#),
    ("data", r#"{"name":"Ann","birthday":"2012-02-03","note":null}"#),
    ("data", r#"{"birthday":"12:61 next year"}"#),
    ("rows", r#"[{"$id":"r1","name":"Ann","birthday":"2012-02-03"},{"name":"Bob"}]"#),
    ("permissions", r#"["read(\"any\")","write(\"users\")"]"#),
    ("queries", r#"["{\"method\":\"greaterThan\",\"attribute\":\"birthday\",\"values\":[\"2012\"]}"]"#),
    (
        "queries",
        r#"["{\"method\":\"cursorAfter\",\"values\":[\"r1\"]}","{\"method\":\"orderDesc\",\"attribute\":\"name\"}"]"#,
    ),
    ("operations", r#"[{"action":"bulkUpdate","databaseId":"main","tableId":"birthdays","data":{"note":"x"}}]"#),
    ("commit", "true"),
    ("key", r#""note""#),
    ("type", r#""fulltext""#),
    ("columns", r#"["name"]"#),
    ("attributes", r#"["name"]"#),
    ("size", "64"),
    ("required", "false"),
    ("min", "-9223372036854775808"),
    ("max", "9223372036854775807"),
    ("elements", r#"["a","b"]"#),
    ("default", r#""a""#),
    ("value", "1"),
    ("databaseId", r#""main""#),
    ("tableId", r#""birthdays""#),
    ("collectionId", r#""birthdays""#),
    ("teamId", r#""crew""#),
    ("roles", r#"["owner"]"#),
    ("bucketId", r#""files""#),
    ("fileId", r#""unique()""#),
    ("status", "true"),
    ("duration", "900"),
    ("width", "1"),
    ("text", r#""x""#),
    ("providerType", r#""email""#),
    ("identifier", r#""b@example.com""#),
    ("targetId", r#""unique()""#),
    ("factor", r#""totp""#),
    ("otp", r#""123456""#),
    ("passkeyId", r#""unique()""#),
    (
        "credential",
        r#"{"id":"aWQ","rawId":"aWQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}"#,
    ),
    ("rpId", r#""example.com""#),
    ("idToken", r#""a.b.c""#),
    ("phrase", "true"),
    ("output", r#""png""#),
    ("gravity", r#""top-left""#),
];

const BODIES: &[&str] = &[
    r#"{"userId":"unique()","email":"a@example.com","name":"Ann"}"#,
    r#"{"rowId":"unique()","data":{"name":"Ann","birthday":"2012-02-03"},"permissions":["read(\"any\")"]}"#,
    r#"{"rows":[{"$id":"x","name":"Ann","birthday":"2012-02-03"}]}"#,
    r#"{"operations":[{"action":"create","databaseId":"main","tableId":"birthdays","rowId":"x","data":{}}]}"#,
];
const PARTS: &[&str] = &[
    "--B\r\nContent-Disposition: form-data; name=\"fileId\"\r\n\r\nunique()\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\none\r\ntwo\r\n--B--\r\n",
    "--B\r\nContent-Disposition: form-data; name=\"permissions[]\"\r\n\r\nread(\"any\")\r\n--B--",
    "preamble\r\n--B\r\n\r\n\r\n--B\r\n\r\n--B--",
];
const TOKENS: &[&str] = &[
    "--B",
    "--B--",
    "\r\n",
    "\r\n\r\n",
    "name=",
    "filename=\"",
    "\"",
    ";",
    "=",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "\\ud800",
    "\u{0}",
    "é",
];
const COOKIES: &[&str] = &[
    "a_session_demo=eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0=; other=1",
    "a_session_demo_legacy=eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0%3D",
    "{\"a_session_demo\":\"eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0=\"}",
    "eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0=",
    "a_session_demo=;a_session_demo==;;=;",
];
const MARKS: &[&str] = &["=", ";", "; ", "%", "%3D", "%ff", "a_session_demo=", "\"", "{", "}", "\t", "é", "[]"];

thread_local! {
    /// One backend per thread, replaced before it becomes slow.
    static BACKEND: RefCell<Option<Backend>> = const { RefCell::new(None) };
}

struct Backend {
    state: AppState,
    routes: Vec<Route>,
    /// The session of the user `kay`.
    session: String,
    requests: usize,
}

/// The body of a response.
fn body_of(response: axum::http::Response<axum::body::Body>) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bytes = runtime.block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("a body");
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

fn new_backend(profile: Profile) -> Backend {
    let mut settings = Settings::new("nowhere");
    settings.profile = profile;
    settings.passkeys = Some("localhost".into());
    let store = Store::in_memory().expect("a store");
    let clock = Clock::manual("2026-11-21T06:55:00Z".parse().expect("a timestamp"));
    let keys = vec![ApiKey { secret: "key".into(), scopes: KeyScopes::All }];
    let state = AppState::new(settings, keys, "jwt-key".into(), store, clock);
    let seed = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/birthdays.seed.json"));
    assert!(seed::apply(seed, seed::Kind::Seed, &state).is_empty());
    let mut backend = Backend { state, routes: routes::all(profile), session: String::new(), requests: 0 };
    for (path, body) in [
        ("/users", json!({"userId": "kay", "email": "kay@example.com"})),
        ("/teams", json!({"teamId": "crew", "name": "Crew"})),
        ("/storage/buckets", json!({"bucketId": "files", "name": "Files"})),
    ] {
        backend.post(path, Vec::new(), &body);
    }
    let session = backend.post("/users/{userId}/sessions", vec![("userId".into(), "kay".into())], &json!({}));
    backend.session = session["secret"].as_str().unwrap_or("").to_owned();
    backend
}

impl Backend {
    /// Creates resources with the API key, for the requests to find.
    fn post(&self, path: &str, path_params: PathParams, body: &Value) -> Value {
        let mut found = self.routes.iter().filter(|route| route.method == Method::POST && route.path == path);
        let route = found.next().expect("a route");
        let parts = parts("application/json", true, "");
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let incoming = Incoming::new(&parts, body.to_string().into(), peer, path_params, None);
        body_of(envelope::run(&self.state, route, incoming))
    }
}

/// Runs one request on a backend with the data of earlier requests.
fn run(route: Index, parts: &mut Parts, body: Bytes, ids: &[Index]) -> u16 {
    BACKEND.with_borrow_mut(|kept| {
        let old = kept.take_if(|backend| backend.requests >= 2000);
        let profile = match old.map(|backend| backend.state.settings().profile) {
            Some(Profile::Two) => Profile::OneNine,
            _ => Profile::Two,
        };
        let backend = kept.get_or_insert_with(|| new_backend(profile));
        backend.requests += 1;
        let Backend { state, routes, session, .. } = backend;
        if !parts.headers.contains_key("x-appwrite-key") {
            parts.headers.insert("x-appwrite-session", session.parse().expect("a header value"));
        }
        let route = route.get(routes);
        parts.method = route.method.clone();
        let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let path_params: PathParams =
            names.zip(ids.iter().cycle()).map(|(name, id)| (name.to_owned(), id_for(name, *id).to_owned())).collect();
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let incoming = Incoming::new(parts, body, peer, path_params, None);
        envelope::run(state, route, incoming).status().as_u16()
    })
}

/// Mostly an id that exists.
fn id_for(name: &str, id: Index) -> &'static str {
    if id.index(4) == 0 {
        return VALUES[id.index(VALUES.len())];
    }
    match name {
        "databaseId" => "main",
        "tableId" => "birthdays",
        "rowId" => "r1",
        "userId" => "kay",
        "teamId" => "crew",
        "bucketId" => "files",
        "key" => ["string", "integer", "double", "enum", "datetime", "note", "boolean", "email"][id.index(8)],
        "column" => "name",
        _ => VALUES[id.index(VALUES.len())],
    }
}

fn parts(content_type: &str, is_key: bool, query: &str) -> Parts {
    let mut request = Request::builder()
        .method(Method::POST)
        .header("host", "localhost")
        .header("x-appwrite-project", "demo")
        .header("content-type", content_type);
    if is_key {
        request = request.header("x-appwrite-key", "key");
    }
    let uri = format!("/v1/x?{query}");
    request.uri(uri).body(()).expect("a request").into_parts().0
}

/// An object with parameter names of the routes.
fn objects() -> impl Strategy<Value = Map<String, Value>> {
    let likely = (0..LIKELY.len()).prop_map(|index| {
        let (name, value) = LIKELY[index];
        (name.to_owned(), serde_json::from_str(value).expect("JSON"))
    });
    let name = (0..NAMES.len()).prop_map(|index| NAMES[index].to_owned());
    let nested =
        (fuzz::json(VALUES), fuzz::json(NAMES)).prop_map(|(first, second)| json!({"name": first, "data": second}));
    let value = prop_oneof![3 => fuzz::json(VALUES), 1 => nested];
    let pair = prop_oneof![3 => likely, 2 => (name, value)];
    collection::vec(pair, 0..14).prop_map(|pairs| pairs.into_iter().collect())
}

fn json_bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => objects().prop_map(|object| Value::Object(object).to_string().into_bytes()),
        1 => fuzz::broken(BODIES, TOKENS),
    ]
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn json_bodies_never_make_a_route_panic(
        route in any::<Index>(),
        body in json_bodies(),
        is_key in prop::bool::weighted(0.8),
        ids in collection::vec(any::<Index>(), 1..4),
    ) {
        // A GET reads the same parameters from its URL.
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Ok(Value::Object(object)) = serde_json::from_slice(&body) {
            for (name, value) in object.iter().take(4) {
                query.append_pair(&format!("{name}[]"), value.as_str().unwrap_or(&value.to_string()));
            }
        }
        let mut parts = parts("application/json", is_key, &query.finish());
        let status = run(route, &mut parts, body.into(), &ids);
        prop_assert!((200..=501).contains(&status), "{}", status);
    }

    #[test]
    fn multipart_parser_never_panics(body in fuzz::broken(PARTS, TOKENS), kind in fuzz::broken_text(&["multipart/form-data; boundary=B", "multipart/form-data; boundary=\"B\"; x=\"y\""], TOKENS)) {
        for content_type in ["multipart/form-data; boundary=B", kind.as_str()] {
            let (fields, uploads) = multipart::parse(content_type, &body);
            let held: usize = uploads.iter().map(|upload| upload.bytes.len()).sum();
            prop_assert!(held <= body.len() && fields.len() + uploads.len() <= 1000);
        }
    }

    #[test]
    fn credential_cookies_never_cause_a_panic(
        lines in collection::vec(fuzz::broken(COOKIES, MARKS), 1..4),
        id in ".{1,12}",
        secret in ".{1,12}",
    ) {
        let mut headers = HeaderMap::new();
        for (line, name) in lines.iter().zip(["cookie", "x-fallback-cookies", "x-appwrite-session"]) {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                headers.append(name, value.clone());
                headers.append("cookie", value);
            }
        }
        let _ = Credentials::from_headers(&headers, "demo");
        // Finds the session beside other cookies.
        let token = SessionToken { id, secret };
        let value = format!("a=1; a_session_demo={}", token.encode().replace('=', "%3D"));
        let headers = HeaderMap::from_iter([(axum::http::header::COOKIE, value.parse().expect("a header value"))]);
        prop_assert!(Credentials::from_headers(&headers, "demo").session == Some(token));
    }
}
