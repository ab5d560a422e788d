//! The overview: how to connect, and what the backend contains.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use jiff::Timestamp;
use rusqlite::Connection;
use secrecy::ExposeSecret;

use super::{Shown, document::scrolling, lists, shown};
use crate::{AppState, KeyScopes, http::escaped, outbox, tables::browse, users};

/// The number of users and messages on the overview.
const FEW: i64 = 5;

pub(super) async fn home(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned();
    shown(state, move |state, db| overview(state, db, &host)).await
}

fn overview(state: &AppState, db: &Connection, host: &str) -> Shown {
    let now = state.clock().now();
    let body = [connection(state, host), counts(db)?, tables(db)?, users(db, now)?, messages(db, now)?].concat();
    Ok(Some(("Overview".to_owned(), body)))
}

fn connection(state: &AppState, host: &str) -> String {
    let settings = state.settings();
    let keys: String = state
        .keys()
        .iter()
        .map(|key| {
            let scopes = match &key.scopes {
                KeyScopes::All => "All scopes".to_owned(),
                KeyScopes::Only(scopes) => escaped(&scopes.join(", ")),
            };
            format!("<p>{scopes}<code>{}</code></p>", escaped(key.secret.expose_secret()))
        })
        .collect();
    format!(
        "<section><h2>Connect</h2><dl><dt>Endpoint</dt><dd><code>http://{}/v1</code></dd>\
         <dt>Project</dt><dd><code>{}</code></dd><dt>Profile</dt><dd>{} (answers as Appwrite {})</dd>\
         <dt>Data</dt><dd><code>{}</code></dd>\
         <dt>API key</dt><dd><details><summary>Show</summary>{keys}</details></dd></dl></section>",
        escaped(host),
        escaped(&settings.project_id),
        settings.profile.name(),
        settings.profile.version(),
        if settings.ephemeral { "in memory".to_owned() } else { escaped(&settings.data.display().to_string()) },
    )
}

fn counts(db: &Connection) -> Result<String, rusqlite::Error> {
    let mut items = String::new();
    for (table, title) in [
        ("users", "Users"),
        ("tables", "Tables"),
        ("rows", "Rows"),
        ("files", "Files"),
        ("teams", "Teams"),
        ("outbox", "Messages"),
    ] {
        let count: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        items.push_str(&format!("<li><b>{count}</b> {title}</li>"));
    }
    Ok(format!("<ul class=\"counts\">{items}</ul>"))
}

fn tables(db: &Connection) -> Result<String, crate::ApiError> {
    let rows: String = browse::tables(db)?
        .iter()
        .map(|(table, count)| {
            format!(
                "<tr><td><a href=\"{}\">{}</a></td><td class=\"id\">{}/{}</td><td>{count}</td></tr>",
                escaped(&lists::address_of(table)),
                escaped(named(&table.name, &table.id)),
                escaped(&table.database_id),
                escaped(&table.id),
            )
        })
        .collect();
    let body = if rows.is_empty() {
        "<p>No tables yet.</p>".to_owned()
    } else {
        scrolling("Tables", &["Name", "Database and table", "Rows"], &rows)
    };
    Ok(format!("<section><h2>Tables</h2>{body}</section>"))
}

fn users(db: &Connection, now: Timestamp) -> Result<String, crate::ApiError> {
    let (count, newest) = users::newest(db, 0, FEW)?;
    let body = if count == 0 {
        "<p>Nobody has signed up yet.</p>".to_owned()
    } else {
        format!("{}<p><a href=\"/browse/users\">All users</a></p>", lists::table_of_users(&newest, now))
    };
    Ok(format!("<section><h2>Newest users</h2>{body}</section>"))
}

fn messages(db: &Connection, now: Timestamp) -> Result<String, crate::ApiError> {
    let newest = outbox::newest(db, FEW)?;
    let body = if newest.is_empty() {
        "<p>No emails or text messages yet.</p>".to_owned()
    } else {
        format!("{}<p><a href=\"/outbox\">All messages</a></p>", outbox::table_of(&newest, now))
    };
    Ok(format!("<section><h2>Outbox</h2>{body}</section>"))
}

fn named<'name>(name: &'name str, id: &'name str) -> &'name str {
    if name.trim().is_empty() { id } else { name }
}
