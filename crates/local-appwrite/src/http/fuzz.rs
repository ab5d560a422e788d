//! No body and no cookie makes the backend panic, whatever is in it and whichever route it comes to.

use std::{
    cell::RefCell,
    net::{Ipv4Addr, SocketAddr},
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
    sessions::SessionToken,
    settings::{ApiKey, KeyScopes},
    store::Store,
    tables,
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
    /// A backend of its own for each thread, made anew before it grows slow.
    static BACKEND: RefCell<Option<(AppState, Vec<Route>, usize)>> = const { RefCell::new(None) };
}

fn new_backend(profile: Profile) -> (AppState, Vec<Route>, usize) {
    let mut settings = Settings::new("nowhere");
    settings.profile = profile;
    let store = Store::in_memory().expect("a store");
    let clock = Clock::manual("2026-11-21T06:55:00Z".parse().expect("a timestamp"));
    let keys = vec![ApiKey { secret: "key".into(), scopes: KeyScopes::All }];
    let state = AppState::new(settings, keys, "jwt-key".into(), store, clock);
    tables::seed::default_table(state.store(), state.hub(), state.clock().now()).expect("a table");
    (state, routes::all(profile), 0)
}

/// Runs one request on a backend that others have used.
fn run(route: &Index, parts: &mut Parts, body: Bytes, ids: &[Index]) -> u16 {
    BACKEND.with_borrow_mut(|backend| {
        let profile = match backend {
            Some((state, _, 2000..)) if state.settings().profile == Profile::Two => Profile::OneNine,
            _ => Profile::Two,
        };
        backend.take_if(|(_, _, count)| *count >= 2000);
        let (state, routes, count) = backend.get_or_insert_with(|| new_backend(profile));
        *count += 1;
        let route = route.get(routes);
        parts.method = route.method.clone();
        let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let path_params: PathParams =
            names.zip(ids.iter().cycle()).map(|(name, id)| (name.to_owned(), (*id.get(VALUES)).to_owned())).collect();
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let incoming = Incoming::new(parts, body, peer, path_params, None);
        envelope::run(state, route, incoming).status().as_u16()
    })
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

/// An object with the names that routes ask for.
fn objects() -> impl Strategy<Value = Map<String, Value>> {
    let name = (0..NAMES.len()).prop_map(|index| NAMES[index].to_owned());
    let nested =
        (fuzz::json(VALUES), fuzz::json(NAMES)).prop_map(|(first, second)| json!({"name": first, "data": second}));
    let value = prop_oneof![3 => fuzz::json(VALUES), 1 => nested];
    collection::vec((name, value), 0..8).prop_map(|pairs| pairs.into_iter().collect())
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
    fn no_json_body_makes_a_route_panic(
        route in any::<Index>(),
        body in json_bodies(),
        is_key in prop::bool::weighted(0.8),
        ids in collection::vec(any::<Index>(), 1..4),
    ) {
        // A GET reads the same from its address.
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Ok(Value::Object(object)) = serde_json::from_slice(&body) {
            for (name, value) in object.iter().take(4) {
                query.append_pair(&format!("{name}[]"), value.as_str().unwrap_or(&value.to_string()));
            }
        }
        let mut parts = parts("application/json", is_key, &query.finish());
        let status = run(&route, &mut parts, body.into(), &ids);
        prop_assert!((200..=501).contains(&status), "{}", status);
    }

    #[test]
    fn no_multipart_body_makes_it_panic(body in fuzz::broken(PARTS, TOKENS), kind in fuzz::broken_text(&["multipart/form-data; boundary=B", "multipart/form-data; boundary=\"B\"; x=\"y\""], TOKENS)) {
        for content_type in ["multipart/form-data; boundary=B", kind.as_str()] {
            let (fields, uploads) = multipart::parse(content_type, &body);
            let held: usize = uploads.iter().map(|upload| upload.bytes.len()).sum();
            prop_assert!(held <= body.len() && fields.len() + uploads.len() <= 1000);
        }
    }

    #[test]
    fn no_cookie_makes_it_panic(
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
        // Beside other cookies a session is found as it was set.
        let token = SessionToken { id, secret };
        let value = format!("a=1; a_session_demo={}", token.encode().replace('=', "%3D"));
        let headers = HeaderMap::from_iter([(axum::http::header::COOKIE, value.parse().expect("a header value"))]);
        prop_assert!(Credentials::from_headers(&headers, "demo").session == Some(token));
    }
}
