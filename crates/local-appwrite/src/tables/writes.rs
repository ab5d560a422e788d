//! Writes rows, in the same steps for single requests, bulk requests and commits.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    cells::{self, Kind},
    deletion, filter, lookup,
    names::Names,
    numbers::php_number,
    operators,
    permission::{self, Action, Permission},
    query::{self, Query},
    related,
    row::{self, StoredRow},
    schema::Table,
    writer::{RowFunctions, Writer, own_permissions, require},
};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, forms::is_id},
    identity::secret,
    realtime::Event,
    store::Changes,
};

/// The key of the rows in the data of a bulk write.
pub const ROWS: &str = "$rows";

/// The keys of an increment's column, amount and limit.
pub const COLUMN: &str = "$column";
pub const BY: &str = "$by";
pub const BOUND: &str = "$bound";

/// A write to one or more rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Write {
    /// `create`, `update`, `upsert`, `delete`, `increment`, or one of these for many rows (`bulkCreate`).
    pub action: String,
    /// The row's id.
    pub id: Option<String>,
    /// The columns in the request.
    pub data: Map<String, Value>,
    /// The permissions in the request.
    pub permissions: Option<Vec<Permission>>,
    /// The queries that select the rows of a bulk write.
    pub queries: Vec<String>,
}

/// The functions that write single rows.
const ROW_FUNCTIONS: RowFunctions = RowFunctions { insert, update };

/// Returns the writer for the caller of a request.
#[must_use]
pub fn writer<'call>(call: &'call Call<'_>) -> Writer<'call> {
    let (names, profile) = (Names::of(call), call.profile());
    Writer { caller: &call.caller, names, now: call.now, as_of: None, profile, functions: &ROW_FUNCTIONS }
}

/// Runs the write, sends the events, and returns the rows; deleted ones in their last state.
///
/// # Errors
/// As Appwrite refuses it.
pub fn run(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    write: &Write,
) -> Result<Vec<StoredRow>, ApiError> {
    related::check_bulk(writer, table, &write.action)?;
    let id = write.id.as_deref().unwrap_or("");
    let mut rows = Vec::new();
    match write.action.as_str() {
        "create" => rows.push(insert(changes, writer, table, id, &write.data, write.permissions.clone(), 0)?),
        "update" => {
            let row = row::find(changes, table, id)?.ok_or_else(|| writer.names.no_row(id))?;
            let data = resolved(writer, table, Some(&row), &write.data)?;
            // An operator always counts as a change.
            let step = if *data == write.data { update } else { force_update };
            rows.push(step(changes, writer, table, row, &data, write.permissions.clone(), 0)?);
        }
        "upsert" => rows.push(replace(changes, writer, table, id, &write.data, write.permissions.clone())?),
        "delete" => {
            let row = row::find(changes, table, id)?.ok_or_else(|| writer.names.no_row(id))?;
            deletion::erase(changes, writer, table, &row)?;
            rows.push(row);
        }
        "increment" => {
            let column = write.data.get(COLUMN).and_then(Value::as_str).unwrap_or("");
            let row = row::find(changes, table, id)?.ok_or_else(|| writer.names.no_counter())?;
            rows.push(count(changes, writer, table, row, column, &write.data)?);
        }
        "bulkCreate" | "bulkUpsert" => {
            for data in given_rows(&write.data) {
                let id = bulk_id(&data, writer)?;
                let permissions = own_permissions(&data, writer)?;
                rows.push(match write.action.as_str() {
                    "bulkCreate" => insert(changes, writer, table, &id, &data, permissions, 0)?,
                    _ => replace(changes, writer, table, &id, &data, permissions)?,
                });
            }
        }
        "bulkUpdate" => {
            for row in found(changes, writer, table, &write.queries)? {
                let data = resolved(writer, table, Some(&row), &write.data)?;
                rows.push(force_update(changes, writer, table, row, &data, write.permissions.clone(), 0)?);
            }
        }
        _ => {
            for row in found(changes, writer, table, &write.queries)? {
                deletion::erase(changes, writer, table, &row)?;
                rows.push(row);
            }
        }
    }
    let event = match write.action.as_str() {
        "increment" => "update".to_owned(),
        action => action.trim_start_matches("bulk").to_lowercase(),
    };
    for row in &rows {
        send_event(changes, writer, table, row, &event);
    }
    Ok(rows)
}

/// Returns the data with the results of its operators, which Appwrite has since 1.8.
fn resolved<'data>(
    writer: &Writer<'_>,
    table: &Table,
    row: Option<&StoredRow>,
    data: &'data Map<String, Value>,
) -> Result<Cow<'data, Map<String, Value>>, ApiError> {
    if writer.profile < Profile::OneEight {
        return Ok(Cow::Borrowed(data));
    }
    operators::resolve(table, row, data, writer.names, writer.now).map(Cow::Owned)
}

/// The stored rows that a write will change or delete, without related rows.
///
/// # Errors
/// When queries do not fit the table.
pub fn aimed_at(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    write: &Write,
) -> Result<Vec<StoredRow>, ApiError> {
    if let Some(id) = write.id.as_deref() {
        return Ok(row::find(changes, table, id)?.into_iter().collect());
    }
    match write.action.as_str() {
        "bulkUpdate" | "bulkDelete" => found(changes, writer, table, &write.queries),
        _ => {
            let given = given_rows(&write.data);
            let ids = given.iter().filter_map(|row| row.get("$id").and_then(Value::as_str));
            let rows: Vec<_> = ids.map(|id| row::find(changes, table, id)).collect::<Result<_, _>>()?;
            Ok(rows.into_iter().flatten().collect())
        }
    }
}

/// The data of a write that counts.
///
/// # Errors
/// When the number does not count up.
pub fn counted(
    column: &str,
    by: f64,
    bound: Option<f64>,
    signed: fn(f64) -> f64,
) -> Result<Map<String, Value>, ApiError> {
    if by <= 0.0 {
        let message = "Value must be numeric and greater than 0";
        return Err(ApiError::new(ErrorKind::GeneralArgumentInvalid, message));
    }
    let mut data = Map::new();
    data.insert(COLUMN.into(), column.into());
    data.insert(BY.into(), php_number(signed(by)));
    data.extend(bound.map(|bound| (BOUND.to_owned(), php_number(bound))));
    Ok(data)
}

fn given_rows(data: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let rows = data.get(ROWS).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(|row| row.as_object().cloned()).collect()
}

fn bulk_id(data: &Map<String, Value>, writer: &Writer<'_>) -> Result<String, ApiError> {
    match data.get("$id").and_then(Value::as_str) {
        None | Some("unique()") => Ok(secret::id(writer.now)),
        Some(id) if is_id(id) => Ok(id.to_owned()),
        Some(_) => Err(ApiError::new(
            ErrorKind::GeneralBadRequest,
            "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char",
        )),
    }
}

/// The rows that match the queries; all rows without queries.
fn found(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    queries: &[String],
) -> Result<Vec<StoredRow>, ApiError> {
    let mut fields = Map::new();
    fields.insert("queries".into(), queries.to_vec().into());
    let mut queries = query::of_rows(&crate::http::params::Params::new(fields), writer.profile)?;
    query::check(&mut queries, &table.columns, Some(&table.searchable()), writer.now).map_err(query::Fault::of_rows)?;
    if !queries.iter().any(|query| matches!(query, Query::Limit(_))) {
        queries.push(Query::Limit(usize::MAX));
    }
    Ok(filter::page(lookup::rows(changes, table, &queries)?, &queries, writer.names)?.rows)
}

/// Inserts a row, with its relations.
fn insert(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    id: &str,
    data: &Map<String, Value>,
    permissions: Option<Vec<Permission>>,
    depth: usize,
) -> Result<StoredRow, ApiError> {
    table.access().check_table(Action::Create, writer.caller)?;
    let mut row = fresh(changes, writer, table, id, data, permissions)?;
    related::relate(changes, writer, table, &mut row, data, depth)?;
    check_unique(changes, writer, table, &row)?;
    row::keep(changes, table, &row)?;
    Ok(row)
}

fn fresh(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    id: &str,
    data: &Map<String, Value>,
    permissions: Option<Vec<Permission>>,
) -> Result<StoredRow, ApiError> {
    let (created_at, updated_at) = own_dates(writer, data)?;
    let data = cells::complete(&table.columns, data, writer.names, writer.now)?;
    if row::find(changes, table, id)?.is_some() {
        return Err(writer.names.row_exists(id));
    }
    Ok(StoredRow {
        id: id.to_owned(),
        sequence: row::next_sequence(changes, table)?,
        created_at: created_at.unwrap_or(writer.now),
        updated_at: updated_at.unwrap_or(writer.now),
        permissions: permissions.unwrap_or_else(|| permission::defaults(writer.caller)),
        data,
    })
}

/// API keys may set the row's dates. Ignores those of other callers.
fn own_dates(
    writer: &Writer<'_>,
    data: &Map<String, Value>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
    if !writer.caller.is_key() {
        return Ok((None, None));
    }
    let date = |name| cells::own_date(data, name, writer.names, writer.now);
    Ok((date("$createdAt")?, date("$updatedAt")?))
}

/// Checks the row's values in unique indexes and one-to-one relationships.
fn check_unique(changes: &Changes<'_>, writer: &Writer<'_>, table: &Table, row: &StoredRow) -> Result<(), ApiError> {
    related::check_unique(changes, writer, table, row)?;
    match lookup::is_taken(changes, table, row)? {
        true => Err(writer.names.not_unique(&row.id, writer.profile)),
        false => Ok(()),
    }
}

/// Updates a row. An unchanged row keeps its date, and such an update needs only read permission.
fn update(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    row: StoredRow,
    data: &Map<String, Value>,
    permissions: Option<Vec<Permission>>,
    depth: usize,
) -> Result<StoredRow, ApiError> {
    if is_same(writer, table, &row, data, permissions.as_deref()) {
        return require(table, &row, Action::Read, writer).map(|()| row);
    }
    force_update(changes, writer, table, row, data, permissions, depth)
}

/// Returns true if the row already has these values. Compares the format of responses, so the same date in another form
/// differs.
fn is_same(
    writer: &Writer<'_>,
    table: &Table,
    row: &StoredRow,
    data: &Map<String, Value>,
    permissions: Option<&[Permission]>,
) -> bool {
    let has = |(key, value): (&String, &Value)| match table.columns.iter().find(|column| column.key == *key) {
        Some(column) => column.relationship().is_none() && column.shown(row.data.get(key)) == *value,
        // Only API keys may change the dates.
        None if matches!(key.as_str(), "$createdAt" | "$updatedAt") => {
            !writer.caller.is_key() || row.attribute(key) == *value
        }
        None => cells::is_own(key) || value.is_null(),
    };
    permissions.is_none_or(|permissions| permissions == row.permissions) && data.iter().all(has)
}

/// Updates a row, with its relations.
fn force_update(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    mut row: StoredRow,
    data: &Map<String, Value>,
    permissions: Option<Vec<Permission>>,
    depth: usize,
) -> Result<StoredRow, ApiError> {
    require(table, &row, Action::Update, writer)?;
    let (created_at, updated_at) = own_dates(writer, data)?;
    let before = row.data.clone();
    row.data.extend(cells::partial(&table.columns, data, writer.names, writer.now)?);
    related::relate_anew(changes, writer, table, &mut row, data, depth)?;
    // Writing related rows may have led back to this row and changed it too.
    let stored = row::find(changes, table, &row.id)?.map(|stored| stored.data).unwrap_or_default();
    row.data.extend(stored.into_iter().filter(|(key, value)| before.get(key) != Some(value)));
    check_unique(changes, writer, table, &row)?;
    row.permissions = permissions.unwrap_or(row.permissions);
    row.created_at = created_at.unwrap_or(row.created_at);
    row.updated_at = updated_at.unwrap_or(writer.now);
    row::keep(changes, table, &row)?;
    Ok(row)
}

/// Adds to a number in the row. A missing number counts as 0.
fn count(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    mut row: StoredRow,
    key: &str,
    data: &Map<String, Value>,
) -> Result<StoredRow, ApiError> {
    let names = writer.names;
    let column = table.columns.iter().find(|column| column.key.eq_ignore_ascii_case(key));
    let column = column.ok_or_else(|| names.no_counter())?;
    require(table, &row, Action::Update, writer)?;
    if column.array || !matches!(column.kind, Kind::Integer { .. } | Kind::Bigint { .. } | Kind::Double { .. }) {
        return Err(names.no_number(key));
    }
    let old = row.data.get(&column.key).filter(|value| !value.is_null()).cloned().unwrap_or_else(|| 0.into());
    let by = &data[BY];
    let sum = match (old.as_i64(), by.as_i64()) {
        (Some(old), Some(by)) => old.checked_add(by).map(Value::from),
        _ => old.as_f64().zip(by.as_f64()).map(|(old, by)| php_number(old + by)),
    };
    let sum = sum.ok_or_else(|| names.no_number(key))?;
    let (reached, is_up) = (sum.as_f64().unwrap_or(0.0), by.as_f64().is_some_and(|by| by > 0.0));
    if let Some(bound) = data.get(BOUND)
        && bound.as_f64().is_some_and(|bound| if is_up { reached > bound } else { reached < bound })
    {
        return Err(names.bound_reached(key, is_up, bound));
    }
    let sum = column.accept(&sum, writer.now).map_err(|why| names.invalid_structure(&why))?;
    row.data.insert(column.key.clone(), sum);
    check_unique(changes, writer, table, &row)?;
    row.updated_at = writer.now;
    row::keep(changes, table, &row)?;
    Ok(row)
}

/// Creates the row, or updates the given columns. The result must be complete.
fn replace(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    id: &str,
    data: &Map<String, Value>,
    permissions: Option<Vec<Permission>>,
) -> Result<StoredRow, ApiError> {
    let row = row::find(changes, table, id)?;
    let given = data;
    let data = resolved(writer, table, row.as_ref(), data)?;
    if let Some(row) = &row
        && *data == *given
        && table.columns.iter().filter(|column| column.is_in_rows()).all(|column| data.contains_key(&column.key))
        && is_same(writer, table, row, &data, permissions.as_deref())
    {
        return Ok(row.clone());
    }
    cells::complete(&table.columns, &data, writer.names, writer.now)?;
    let Some(row) = row else {
        let may_create = table.access().check_table(Action::Create, writer.caller);
        may_create.map_err(|_| ApiError::from(ErrorKind::UserUnauthorized))?;
        return insert(changes, writer, table, id, &data, permissions, 0);
    };
    force_update(changes, writer, table, row, &data, permissions, 0)
}

/// Sends the row's event to its readers, with the names of the API that the request used.
fn send_event(changes: &mut Changes<'_>, writer: &Writer<'_>, table: &Table, row: &StoredRow, action: &str) {
    let (database_id, table_id) = (&table.database_id, &table.id);
    changes.emit(Event {
        name: format!("tablesdb.{database_id}.tables.{table_id}.rows.{}.{action}", row.id),
        payload: related::without_relations(table, row.wire(table, writer.names, writer.profile, None)),
        read_roles: table.access().readers(&row.permissions),
    });
}
