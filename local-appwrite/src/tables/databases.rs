//! Databases: made, listed, taken away.

use serde_json::{Value, json};

use super::{
    names::Names,
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
    };
    call.state.store().write(call.state.hub(), |changes| {
        schema::insert_database(changes, &database)?;
        Ok(Reply::created(database.wire(Names::of(call))))
    })
}

/// `GET /tablesdb`, `GET /databases`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let all = call.state.store().read(schema::databases)?;
    let wires: Vec<Value> = all.iter().map(|database| database.wire(Names::of(call))).collect();
    Ok(Reply::ok(json!({"total": wires.len(), "databases": wires})))
}

/// `GET /tablesdb/:databaseId`, `GET /databases/:databaseId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let database = call.state.store().read(|db| schema::asked_database(db, call))?;
    Ok(Reply::ok(database.wire(Names::of(call))))
}

/// `DELETE /tablesdb/:databaseId`, `DELETE /databases/:databaseId`: with everything in it.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let database = schema::asked_database(changes, call)?;
        changes.execute("DELETE FROM databases WHERE id = ?1", [&database.id])?;
        Ok(Reply::empty())
    })
}
