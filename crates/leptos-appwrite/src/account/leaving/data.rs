//! The file with everything that the app holds about the user. It has no secrets and nothing that only the server knows.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Map, Value, json};

use super::own_rows::{WholeRow, own_rows};
use crate::account::security::answers::Posted;
use crate::error::AppError;
use crate::security::rate_limit::Attempt;
use crate::session::forms::refused_by_page;
use crate::session::request::Sender;
use crate::site::Site;
use crate::state::AppState;

/// Returns the route of the form, if the app has its page.
pub(crate) fn routes(site: &Site) -> Router<AppState> {
    match site.paths.leaving {
        None => Router::new(),
        Some(pages) => Router::new().route(
            pages.data,
            post(move |State(state): State<AppState>, request: Request| async move {
                match Posted::read(&state, request).await {
                    Ok(posted) => {
                        let file = file(&state, &posted).await;
                        file.unwrap_or_else(|error| refused_by_page(&state, pages.data, error))
                    }
                    Err(refusal) => refusal,
                }
            }),
        ),
    }
}

async fn file(state: &AppState, posted: &Posted) -> Result<Response, AppError> {
    let (session, account) = posted.user(state).await?;
    let address = Sender::of(state, &posted.parts).address;
    state.limits.count(Attempt::Data, address, Some(&account.id)).await?;
    let (record, sessions, identities, passkeys) = tokio::try_join!(
        session.account_record(),
        session.session_records(),
        session.identity_records(),
        session.passkey_records(),
    )?;
    let mut tables = Map::new();
    for table in state.site.tables {
        let rows = own_rows(&session, &state.config.database_id, table, &account.id).await?;
        tables.insert(table.id.to_owned(), rows.into_iter().map(shown).collect());
    }
    let mut data = json!({ "account": record, "sessions": sessions, "identities": identities, "tables": tables });
    if let Some(passkeys) = passkeys {
        data["passkeys"] = json!(passkeys);
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"account-data.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, format!("{data:#}\n")).into_response())
}

fn shown(row: WholeRow) -> Value {
    let mut columns = row.data;
    columns.retain(|name, _| !name.starts_with('$'));
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    json!({
        "$id": row.id,
        "$createdAt": time(row.created_at),
        "$updatedAt": time(row.updated_at),
        "$permissions": row.permissions,
        "columns": columns,
    })
}
