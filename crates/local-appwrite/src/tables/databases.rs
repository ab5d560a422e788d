//! Creates, lists and deletes databases.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    cells::Column,
    filter,
    names::Names,
    query,
    schema::{self, Database},
};
use crate::{
    ApiError,
    http::{Call, Reply},
};

/// `POST /tablesdb`, `POST /databases`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let database = Database {
        id: call.params.new_id("databaseId", call.now)?,
        name: call.params.text("name", 1, 128)?,
        enabled: call.params.boolean_or("enabled", true)?,
        created_at: call.now,
        updated_at: None,
        kind: Some(Names::of(call).database_type().to_owned()),
    };
    call.state.store().write(call.state.hub(), |changes| {
        schema::insert_database(changes, &database)?;
        Ok(Reply::created(database.wire(Names::of(call), call.profile())))
    })
}

/// `GET /tablesdb`, `GET /databases`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let queries = query::of_list(call.params, call.profile(), &fields(call.now), call.now)?;
    let all = call.state.store().read(schema::databases)?;
    let wires: Vec<Value> = all.iter().map(|database| database.wire(Names::of(call), call.profile())).collect();
    let (total, page) = filter::page_of_objects(wires, &queries, "Database")?;
    Ok(Reply::ok(json!({"total": total, "databases": page})))
}

/// The fields for queries on databases.
fn fields(now: Timestamp) -> Vec<Column> {
    vec![schema::text_column("name", 128, true, now)]
}

/// `GET /tablesdb/:databaseId`, `GET /databases/:databaseId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let database = call.state.store().read(|db| schema::asked_database(db, call))?;
    Ok(Reply::ok(database.wire(Names::of(call), call.profile())))
}

/// `PUT /tablesdb/:databaseId`, `PUT /databases/:databaseId`. Resets fields missing from the request.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.optional_text("name", 1, 128)?;
    let enabled = call.params.boolean_or("enabled", true)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut database = schema::asked_database(changes, call)?;
        database.name = name.unwrap_or(database.name);
        database.enabled = enabled;
        database.updated_at = Some(call.now);
        schema::keep_database(changes, &database)?;
        Ok(Reply::ok(database.wire(Names::of(call), call.profile())))
    })
}

/// `DELETE /tablesdb/:databaseId`, `DELETE /databases/:databaseId`: with everything in it.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let database = schema::asked_database(changes, call)?;
        changes.execute("DELETE FROM databases WHERE id = ?1", [&database.id])?;
        Ok(Reply::empty())
    })
}
