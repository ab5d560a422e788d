//! Paginated lists: users, and the rows of a table.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use jiff::Timestamp;

use super::{Shown, document::scrolling, shown, time::ago};
use crate::{
    AppState,
    http::escaped,
    tables::{
        Column,
        browse::{self, Table},
    },
    users::{self, User},
};

/// The number of rows per page.
const LINES: i64 = 25;

/// The most characters of a cell.
const MAX_LENGTH: usize = 160;

#[derive(Deserialize)]
pub(super) struct QueryParams {
    page: Option<String>,
}

impl QueryParams {
    /// Starts at 1; an invalid number means the first page.
    fn number(&self) -> i64 {
        self.page
            .as_deref()
            .and_then(|text| text.parse().ok())
            .filter(|number| (1..1_000_000).contains(number))
            .unwrap_or(1)
    }
}

pub(super) async fn users(State(state): State<AppState>, Query(requested): Query<QueryParams>) -> Response {
    shown(state, move |state, db| {
        let number = requested.number();
        let (count, users) = users::newest(db, (number - 1) * LINES, LINES)?;
        let body = match count {
            0 => "<section><p>Nobody has signed up yet.</p></section>".to_owned(),
            _ => format!(
                "<section>{}{}</section>",
                table_of_users(&users, state.clock().now()),
                pager("/browse/users", number, count)
            ),
        };
        Ok(Some(("Users".to_owned(), body)))
    })
    .await
}

pub(super) async fn rows(
    State(state): State<AppState>,
    Path((database_id, table_id)): Path<(String, String)>,
    Query(requested): Query<QueryParams>,
) -> Response {
    shown(state, move |state, db| page_of_rows(db, &database_id, &table_id, requested.number(), state.clock().now()))
        .await
}

fn page_of_rows(db: &rusqlite::Connection, database_id: &str, table_id: &str, number: i64, now: Timestamp) -> Shown {
    let Some((table, count, rows)) = browse::rows(db, database_id, table_id, (number - 1) * LINES, LINES)? else {
        return Ok(None);
    };
    let lines: String = rows
        .iter()
        .map(|row| {
            let cells: String =
                stored_columns(&table).map(|column| cell(row.data.get(&column.key).unwrap_or(&Value::Null))).collect();
            let permissions: Vec<String> = row.permissions.iter().map(ToString::to_string).collect();
            format!(
                "<tr><td class=\"id\">{}</td>{cells}<td>{}</td><td class=\"when\">{}</td></tr>",
                escaped(&row.id),
                escaped(&permissions.join(", ")),
                ago(row.updated_at, now),
            )
        })
        .collect();
    let mut heads = vec!["$id"];
    heads.extend(stored_columns(&table).map(|column| column.key.as_str()));
    heads.extend(["$permissions", "$updatedAt"]);
    let body = match count {
        0 => "<p>No rows yet.</p>".to_owned(),
        _ => scrolling("Rows", &heads, &lines) + &pager(&address_of(&table), number, count),
    };
    let place = format!("{}/{}", table.database_id, table.id);
    let noun = if count == 1 { "row" } else { "rows" };
    Ok(Some((
        table.name,
        format!("<p class=\"quiet\">{} · {count} {noun}</p><section>{body}</section>", escaped(&place)),
    )))
}

/// The columns for which rows store a value.
fn stored_columns(table: &Table) -> impl Iterator<Item = &Column> {
    table.visible().filter(|column| column.is_in_rows())
}

/// The path of the page with a table's rows.
pub(super) fn address_of(table: &Table) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("/browse/tables/{}/{}", encoded(&table.database_id), encoded(&table.id))
}

/// Users as a table.
pub(super) fn table_of_users(users: &[User], now: Timestamp) -> String {
    let lines: String = users
        .iter()
        .map(|user| {
            let contact = [user.email.as_deref(), user.phone.as_deref()];
            let contact: Vec<&str> = contact.into_iter().flatten().collect();
            let state = if user.status { "" } else { " (blocked)" };
            format!(
                "<tr><td>{}{state}</td><td>{}</td><td class=\"id\">{}</td><td>{}</td><td class=\"when\">{}</td></tr>",
                escaped(&shortened(&user.name)),
                escaped(&contact.join(", ")),
                escaped(&user.id),
                escaped(&user.labels.join(", ")),
                ago(user.created_at, now),
            )
        })
        .collect();
    scrolling("Users", &["Name", "Email and phone", "$id", "Labels", "Signed up"], &lines)
}

fn pager(address: &str, number: i64, count: i64) -> String {
    let last = ((count + LINES - 1) / LINES).max(1);
    let link = |number: i64, title: &str| format!("<a href=\"{}?page={number}\">{title}</a> ", escaped(address));
    let before = if number > 1 { link((number - 1).min(last), "Previous page") } else { String::new() };
    let after = if number < last { link(number + 1, "Next page") } else { String::new() };
    format!(
        "<nav aria-label=\"Pages of the list\"><span class=\"quiet\">Page {number} of {last}</span> {before}{after}</nav>"
    )
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return "<td class=\"quiet\">null</td>".to_owned(),
        Value::String(text) => shortened(text),
        other => shortened(&other.to_string()),
    };
    format!("<td>{}</td>", escaped(&text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
