//! The health service: version and status. One process does everything, so it is healthy if it answers.

use axum::http::HeaderName;
use serde_json::{Value, json};

use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply, Route},
};

/// Appwrite's queues; always empty here.
const QUEUES: &[&str] = &[
    "audits",
    "builds",
    "certificates",
    "databases",
    "deletes",
    "functions",
    "logs",
    "mails",
    "messaging",
    "migrations",
    "notifications",
    "stats-resources",
    "stats-usage",
    "usage",
    "webhooks",
];

/// The queues whose failed jobs are counted.
const FAILING: &[&str] = &[
    "v1-database",
    "v1-deletes",
    "v1-audits",
    "v1-mails",
    "v1-functions",
    "v1-stats-resources",
    "v1-stats-usage",
    "v1-webhooks",
    "v1-certificates",
    "v1-builds",
    "v1-screenshots",
    "v1-messaging",
    "v1-migrations",
    "v1-notifications",
];

/// The header in the version's response by which programs on this machine recognize the local backend. Appwrite does
/// not send it.
const LOCAL_APPWRITE: HeaderName = HeaderName::from_static("x-local-appwrite");

/// The health service's routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    const READ: &[&str] = &["health.read"];
    let read = |path, handler| Route::get(path, handler).scope(READ);
    let mut routes = vec![
        Route::get("/health/version", version),
        read("/health", |_| Ok(Reply::ok(passed("http")))),
        read("/health/db", |_| statuses(&["Console.DB (console)", "Projects.DB (database_db_main)"])),
        read("/health/cache", |_| statuses(&["Cache"])),
        read("/health/pubsub", |_| statuses(&["PubSub (pubsub)"])),
        read("/health/storage", |_| Ok(Reply::ok(passed("")))),
        read("/health/storage/local", |_| Ok(Reply::ok(passed("")))),
        read("/health/anti-virus", |_| Ok(Reply::ok(json!({"version": "", "status": "disabled"})))),
        read("/health/time", time),
        read("/health/certificate", certificate),
        read("/health/queue/{name}", queue),
        read("/health/queue/failed/{name}", failed),
        // No key has this scope.
        Route::get("/health/stats", |_| Err(ErrorKind::GeneralUnauthorizedScope.into())).scope(&["root"]),
    ];
    if profile >= Profile::OneNineNext {
        routes.push(read("/health/geo", |_| Err(ErrorKind::GeneralUnknown.into())));
    }
    if profile >= Profile::OneSix {
        routes.push(Route::get("/ping", |_| Ok(Reply::text("Pong!"))).scope(&["global"]));
    }
    routes
}

fn version(call: &Call<'_>) -> Result<Reply, ApiError> {
    let reply = Reply::ok(json!({"version": call.profile().version()}));
    Ok(reply.header(LOCAL_APPWRITE, env!("CARGO_PKG_VERSION").to_owned()))
}

fn passed(name: &str) -> Value {
    json!({"name": name, "ping": 0, "status": "pass"})
}

fn statuses(names: &[&str]) -> Result<Reply, ApiError> {
    let statuses: Vec<Value> = names.iter().map(|name| passed(name)).collect();
    Ok(Reply::ok(json!({"total": statuses.len(), "statuses": statuses})))
}

/// Returns the local time without asking a time server.
fn time(call: &Call<'_>) -> Result<Reply, ApiError> {
    let now = call.now.as_second();
    Ok(Reply::ok(json!({"remoteTime": now, "localTime": now, "diff": 0})))
}

/// Always fails: never requests a certificate from another server.
fn certificate(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.text("domain", 1, 2048)?;
    Err(ErrorKind::HealthInvalidHost.into())
}

fn queue(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.text("name", 1, 255)?;
    if !QUEUES.contains(&name.as_str()) {
        return Err(ErrorKind::GeneralRouteNotFound.into());
    }
    empty(call)
}

fn failed(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.choice("name", FAILING)?;
    empty(call)
}

fn empty(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.range_or("threshold", i32::MIN.into(), i32::MAX.into(), 5000)?;
    Ok(Reply::ok(json!({"size": 0})))
}
