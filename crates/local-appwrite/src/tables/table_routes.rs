//! Creates, lists, changes and deletes tables.

use serde_json::Value;

use super::{
    cells::Kind,
    columns, indexes,
    names::Names,
    objects::{self, Search},
    permission::{self, Action},
    relations,
    schema::{self, Table},
};
use crate::{
    ApiError,
    http::{Call, Reply},
};

const ACTIONS: &[Action] = &[Action::Create, Action::Read, Action::Update, Action::Delete];

/// `POST /tablesdb/:databaseId/tables` and its old name.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = call.params.new_id(names.table_id(), call.now)?;
    let name = call.params.text("name", 1, 128)?;
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?.unwrap_or_default();
    let row_security = call.params.loose_boolean_or(names.row_security(), false)?;
    let enabled = call.params.boolean_or("enabled", true)?;
    let columns = columns::of_new_table(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let database = schema::requested_database(changes, call)?;
        if schema::find_table(changes, &database.id, &id)?.is_some() {
            return Err(names.table_exists(&id));
        }
        let mut table = Table {
            id,
            database_id: database.id,
            name,
            enabled,
            row_security,
            permissions,
            columns,
            indexes: Vec::new(),
            created_at: call.now,
            updated_at: call.now,
        };
        indexes::of_new_table(call, &mut table)?;
        schema::keep_table(changes, &table)?;
        Ok(Reply::created(table.wire(names)))
    })
}

/// `GET /tablesdb/:databaseId/tables` and its old name.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let search = Search::of(call)?;
    let fields = [
        objects::text(call, "name"),
        objects::field(call, "enabled", Kind::Boolean),
        objects::field(call, names.row_security(), Kind::Boolean),
    ];
    let all = call.state.store().read(|db| {
        let database = schema::requested_database(db, call)?;
        schema::tables(db, &database.id)
    })?;
    let found = all.iter().filter(|table| search.finds(&[&table.id, &table.name]));
    let wires: Vec<Value> = found.map(|table| table.wire(names)).collect();
    objects::page(call, wires, &fields, names.table(), names.tables())
}

/// `GET /tablesdb/:databaseId/tables/:tableId` and its old name.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let table = call.state.store().read(|db| schema::requested_table(db, call))?;
    Ok(Reply::ok(table.wire(Names::of(call))))
}

/// `PUT /tablesdb/:databaseId/tables/:tableId` and its old name.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let name = call.params.optional_text("name", 1, 128)?;
    call.params.loose_boolean_or("purge", false)?;
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?;
    let row_security = call.params.loose_boolean_or(names.row_security(), false)?;
    let enabled = call.params.boolean_or("enabled", true)?;
    call.state.store().write(call.state.hub(), |changes| {
        let old = schema::requested_table(changes, call)?;
        // Resets fields missing from the request, like Appwrite.
        let mut table = Table { enabled, row_security, ..old.clone() };
        table.name = name.unwrap_or(table.name);
        table.permissions = permissions.unwrap_or(table.permissions);
        let of = |table: &Table| (table.name.clone(), table.permissions.clone(), table.row_security, table.enabled);
        if of(&table) != of(&old) {
            table.updated_at = call.now;
        }
        schema::keep_table(changes, &table)?;
        Ok(Reply::ok(table.wire(names)))
    })
}

/// `DELETE /tablesdb/:databaseId/tables/:tableId` and its old name. Also deletes the table's rows.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        let relationships: Vec<_> = relations::of(&table).map(|(_, relationship)| relationship.clone()).collect();
        for relationship in relationships {
            relations::remove_other_side(changes, &mut table, &relationship)?;
        }
        changes.execute("DELETE FROM tables WHERE database_id = ?1 AND id = ?2", [&table.database_id, &table.id])?;
        Ok(Reply::empty())
    })
}
