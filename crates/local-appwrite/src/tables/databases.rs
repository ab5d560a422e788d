//! Creates, lists and deletes databases.

use serde_json::Value;

use super::{
    names::Names,
    objects::{self, Search},
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
    let search = Search::of(call)?;
    let all = call.state.store().read(schema::databases)?;
    let found = all.iter().filter(|database| search.finds(&[&database.id, &database.name]));
    let wires: Vec<Value> = found.map(|database| database.wire(Names::of(call), call.profile())).collect();
    objects::page(call, wires, &[objects::text(call, "name")], "Database", "databases")
}

/// `GET /tablesdb/:databaseId`, `GET /databases/:databaseId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let database = call.state.store().read(|db| schema::requested_database(db, call))?;
    Ok(Reply::ok(database.wire(Names::of(call), call.profile())))
}

/// `PUT /tablesdb/:databaseId`, `PUT /databases/:databaseId`. Resets fields missing from the request.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.optional_text("name", 1, 128)?;
    let enabled = call.params.boolean_or("enabled", true)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut database = schema::requested_database(changes, call)?;
        database.name = name.unwrap_or(database.name);
        database.enabled = enabled;
        database.updated_at = Some(call.now);
        schema::keep_database(changes, &database)?;
        Ok(Reply::ok(database.wire(Names::of(call), call.profile())))
    })
}

/// `DELETE /tablesdb/:databaseId`, `DELETE /databases/:databaseId`. Also deletes the database's content.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let database = schema::requested_database(changes, call)?;
        changes.execute("DELETE FROM databases WHERE id = ?1", [&database.id])?;
        Ok(Reply::empty())
    })
}
