//! Rows: listed, read, made, changed, taken away, each within the caller's permissions.

use serde_json::{Map, Value, json};

use super::{
    cells, filter,
    names::Names,
    permission::{self, Action},
    query,
    row::{self, StoredRow},
    schema::{self, Table},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, forms::is_id},
    realtime::Event,
    store::Changes,
};

const ACTIONS: &[Action] = &[Action::Read, Action::Update, Action::Delete];

/// `GET …/rows`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let mut queries = query::parse_all(call.params)?;
    let wants_total = call.params.boolean_or("total", true)?;
    let (table, rows) = call.state.store().read(|db| {
        let table = schema::asked_table(db, call)?;
        table.access().check_table(Action::Read, &call.caller)?;
        query::check(&mut queries, &table.columns, &table.searchable(), call.now)?;
        let rows = row::all(db, &table)?;
        Ok::<_, ApiError>((table, rows))
    })?;
    let access = table.access();
    let readable = rows.into_iter().filter(|row| access.allows(&row.permissions, Action::Read, &call.caller)).collect();
    let page = filter::page(readable, &queries, names)?;
    let select = page.select.as_deref();
    let wires: Vec<Value> = page.rows.iter().map(|row| row.wire(&table, names, call.profile(), select)).collect();
    let total = if wants_total { page.total } else { 0 };
    Ok(Reply::ok(json!({"total": total, names.rows(): wires})))
}

/// `GET …/rows/:rowId`. A row that may not be read is not there.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = path_id(call)?;
    let mut queries = query::parse_all(call.params)?;
    call.state.store().read(|db| {
        let table = schema::asked_table(db, call)?;
        query::check(&mut queries, &table.columns, &table.searchable(), call.now)?;
        let select = queries.iter().find_map(|query| match query {
            query::Query::Select(names) => Some(names.as_slice()),
            _ => None,
        });
        let row = row::find(db, &table, &id)?
            .filter(|row| table.access().allows(&row.permissions, Action::Read, &call.caller))
            .ok_or_else(|| names.no_row(&id))?;
        Ok(Reply::ok(row.wire(&table, names, call.profile(), select)))
    })
}

/// `POST …/rows`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = call.params.new_id(names.row_id(), call.now)?;
    let data = call.params.object("data")?;
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::asked_table(changes, call)?;
        if data.is_empty() {
            return Err(names.missing_data());
        }
        let row = make(changes, call, &table, id, &data)?;
        tell(changes, call, &table, &row, "create");
        Ok(Reply::created(row.wire(&table, names, call.profile(), None)))
    })
}

/// `PATCH …/rows/:rowId`.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = path_id(call)?;
    let data = changed_data(call, names)?;
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::asked_table(changes, call)?;
        let row = row::find(changes, &table, &id)?.ok_or_else(|| names.no_row(&id))?;
        let row = change(changes, call, &table, row, &data)?;
        tell(changes, call, &table, &row, "update");
        Ok(Reply::ok(row.wire(&table, names, call.profile(), None)))
    })
}

/// `PUT …/rows/:rowId`: makes the row or changes it.
pub fn upsert(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = path_id(call)?;
    let data = changed_data(call, names)?;
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::asked_table(changes, call)?;
        let row = match row::find(changes, &table, &id)? {
            Some(row) => change(changes, call, &table, row, &data)?,
            None => make(changes, call, &table, id, &data)?,
        };
        tell(changes, call, &table, &row, "upsert");
        Ok(Reply::ok(row.wire(&table, names, call.profile(), None)))
    })
}

/// The columns to change; none if only the permissions are to change.
fn changed_data(call: &Call<'_>, names: Names) -> Result<Map<String, Value>, ApiError> {
    let data = call.params.raw("data").map(|_| call.params.object("data")).transpose()?.unwrap_or_default();
    if data.is_empty() && call.params.raw("permissions").is_none() {
        return Err(names.missing_payload());
    }
    Ok(data)
}

/// `DELETE …/rows/:rowId`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = path_id(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::asked_table(changes, call)?;
        let row = row::find(changes, &table, &id)?.ok_or_else(|| names.no_row(&id))?;
        require(&table, &row, Action::Delete, call)?;
        row::remove(changes, &table, &id)?;
        tell(changes, call, &table, &row, "delete");
        Ok(Reply::empty())
    })
}

fn make(
    changes: &Changes<'_>,
    call: &Call<'_>,
    table: &Table,
    id: String,
    data: &Map<String, Value>,
) -> Result<StoredRow, ApiError> {
    let names = Names::of(call);
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?
        .unwrap_or_else(|| permission::defaults(&call.caller));
    table.access().check_table(Action::Create, &call.caller)?;
    let data = cells::complete(&table.columns, data, names, call.now)?;
    if row::find(changes, table, &id)?.is_some() {
        return Err(names.row_exists(&id));
    }
    let row = StoredRow {
        id,
        sequence: row::next_sequence(changes, table)?,
        created_at: call.now,
        updated_at: call.now,
        permissions,
        data,
    };
    row::keep(changes, table, &row)?;
    Ok(row)
}

fn change(
    changes: &Changes<'_>,
    call: &Call<'_>,
    table: &Table,
    mut row: StoredRow,
    data: &Map<String, Value>,
) -> Result<StoredRow, ApiError> {
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?;
    require(table, &row, Action::Update, call)?;
    row.data.extend(cells::partial(&table.columns, data, Names::of(call), call.now)?);
    row.permissions = permissions.unwrap_or(row.permissions);
    row.updated_at = call.now;
    row::keep(changes, table, &row)?;
    Ok(row)
}

/// Appwrite says 401 here also of a row that the caller may not even read.
fn require(table: &Table, row: &StoredRow, action: Action, call: &Call<'_>) -> Result<(), ApiError> {
    if table.access().allows(&row.permissions, action, &call.caller) {
        return Ok(());
    }
    Err(ErrorKind::UserUnauthorized.into())
}

/// Tells those who may read the row what happened to it.
fn tell(changes: &mut Changes<'_>, call: &Call<'_>, table: &Table, row: &StoredRow, action: &str) {
    let (database_id, table_id) = (&table.database_id, &table.id);
    changes.emit(Event {
        name: format!("tablesdb.{database_id}.tables.{table_id}.rows.{}.{action}", row.id),
        payload: row.wire(table, Names::Current, call.profile(), None),
        read_roles: table.access().readers(&row.permissions),
    });
}

fn path_id(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.params.text("rowId", 1, 2048)?;
    if is_id(&id) { Ok(id) } else { call.params.id("rowId") }
}
