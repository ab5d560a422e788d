//! The account's activity log.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::user;
use crate::{
    ApiError,
    http::{Call, Reply},
    store::Changes,
    tables::query::{self, Query},
    users::User,
};

/// Logs `event` for `user`.
pub fn record(changes: &Changes<'_>, call: &Call<'_>, user: &User, event: &str) -> Result<(), ApiError> {
    let mut entry = json!({
        "event": event,
        "userId": user.id,
        "userEmail": user.email.clone().unwrap_or_default(),
        "userName": user.name,
        "mode": "default",
        "userType": "user",
        "ip": call.ip.to_string(),
        // Appwrite stores this time without milliseconds.
        "time": call.now.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string(),
    });
    call.device().describe(&mut entry);
    entry["countryCode"] = "--".into();
    entry["countryName"] = "Unknown".into();
    changes.execute("INSERT INTO logs (user_id, document) VALUES (?1, ?2)", params![user.id, entry.to_string()])?;
    Ok(())
}

/// `GET /account/logs`: newest first. Supports only `limit` and `offset`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    list_of(call, user(call)?)
}

/// The log of one user.
pub(crate) fn list_of(call: &Call<'_>, user: &User) -> Result<Reply, ApiError> {
    let (limit, offset) = page(call)?;
    call.state.store().read(|db| {
        let total: u32 = db.query_row("SELECT count(*) FROM logs WHERE user_id = ?1", [&user.id], |row| row.get(0))?;
        let logs = entries(db, &user.id, limit, offset)?;
        Ok(Reply::ok(json!({"total": total, "logs": logs})))
    })
}

fn entries(db: &Connection, user_id: &str, limit: u32, offset: u32) -> Result<Vec<Value>, ApiError> {
    let mut statement =
        db.prepare_cached("SELECT document FROM logs WHERE user_id = ?1 ORDER BY sequence DESC LIMIT ?2 OFFSET ?3")?;
    let documents: Vec<String> =
        statement.query_map(params![user_id, limit, offset], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// The `limit` (default 25) and `offset`. This list supports no other queries.
fn page(call: &Call<'_>) -> Result<(u32, u32), ApiError> {
    let (mut limit, mut offset) = (25, 0);
    let as_u32 = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    for query in query::of_list(call.params, call.profile(), &[], call.now)? {
        match query {
            Query::Limit(count) => limit = as_u32(count),
            Query::Offset(count) => offset = as_u32(count),
            other => return Err(query::Fault::Method(other.method()).of_list()),
        }
    }
    Ok((limit, offset))
}
