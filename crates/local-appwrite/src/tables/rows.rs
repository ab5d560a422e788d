//! Lists, reads, creates, changes and deletes rows, as far as the caller's permissions allow.

use axum::http::HeaderName;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{
    dates, filter, lookup,
    names::Names,
    objects,
    permission::{self, Action},
    query,
    related::{self, Reader, Selects},
    row, schema,
    transactions::{self, Operation},
    writer::Writer,
    writes::{self, Write},
};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply, forms::is_id, params::Params},
};

const ACTIONS: &[Action] = &[Action::Read, Action::Update, Action::Delete];

/// Checks `queries` and `transactionId`.
pub fn check_queries(params: &Params) -> Result<(), ApiError> {
    params.texts("queries", 100, 4096)?;
    check(params)
}

/// Checks `transactionId`.
pub fn check(params: &Params) -> Result<(), ApiError> {
    params.raw("transactionId").map(|_| params.id("transactionId")).transpose()?;
    Ok(())
}

/// `GET …/rows`, and `POST …/rows/query` for queries that are too long for a URL.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let wants_total = objects::wants_total(call)?;
    // Accepts the parameter for caching, but always reads.
    let is_cached = call.profile() >= Profile::OneNineNext && call.params.range_or("ttl", 0, 86_400, 0)? > 0;
    transactions::read(call, |db| {
        let table = schema::requested_table(db, call)?;
        let mut queries = query::of_rows(call.params, call.profile())?;
        query::check(&mut queries, &table.columns, Some(&table.searchable()), call.now)
            .map_err(query::Fault::of_rows)?;
        table.access().check_table(Action::Read, &call.caller)?;
        let writer = writes::writer(call);
        let reader = Reader { db, writer: &writer, is_for_old_client: is_old_client(call, names) };
        reader.resolve(&table, &mut queries, call.now)?;
        let may_read = table.access().reader(&call.caller);
        // In common cases, reads only the rows of the page.
        let rows = match filter::in_order_of_making(&queries) {
            _ if !may_read(&[]) => None,
            Some((limit, offset)) => Some(row::some(db, &table, limit, offset)?),
            None => lookup::ordered(db, &table, &queries)?,
        };
        let page = match rows {
            Some(rows) => {
                let total = filter::counted(usize::try_from(row::count(db, &table)?).unwrap_or(0));
                filter::Page { total, rows }
            }
            None => {
                filter::page_of(lookup::rows(db, &table, &queries)?, &queries, names, |row| may_read(&row.permissions))?
            }
        };
        let selects = Selects::of(&table, &queries);
        let shown = page.rows.iter().map(|row| reader.selected(&table, row, selects.as_ref()));
        let wires: Vec<Value> = shown.collect::<Result<_, _>>()?;
        let total = if wants_total { page.total } else { 0 };
        let reply = Reply::ok(json!({"total": total, names.rows(): wires}));
        let is_miss = is_cached && call.params.raw("transactionId").is_none();
        Ok(if is_miss { reply.header(HeaderName::from_static("x-appwrite-cache"), "miss".to_owned()) } else { reply })
    })
}

/// `GET …/rows/:rowId`. Returns 404 for rows that the caller may not read.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = path_id(call)?;
    transactions::read(call, |db| {
        let table = schema::requested_table(db, call)?;
        let mut queries = query::of_rows(call.params, call.profile())?;
        query::only_select(&queries)?;
        query::check(&mut queries, &table.columns, Some(&table.searchable()), call.now)
            .map_err(query::Fault::of_rows)?;
        let row = row::find(db, &table, &id)?
            .filter(|row| table.access().allows(&row.permissions, Action::Read, &call.caller))
            .ok_or_else(|| names.no_row(&id))?;
        let writer = writes::writer(call);
        let selects = Selects::of(&table, &queries);
        let reader = Reader { db, writer: &writer, is_for_old_client: is_old_client(call, names) };
        Ok(Reply::ok(reader.selected(&table, &row, selects.as_ref())?))
    })
}

fn is_old_client(call: &Call<'_>, names: Names) -> bool {
    names == Names::Legacy && call.wants_format_before([1, 8, 0])
}

/// `POST …/rows`: creates one row from `data`; API keys can create several.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let id = call.params.optional_id(names.row_id(), call.now)?;
    let data = data(call)?.unwrap_or_default();
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?;
    let rows = bulk_rows(call, names)?;
    match (data.is_empty(), rows.is_empty()) {
        (true, true) => return Err(names.missing_data()),
        (false, false) => {
            let message = format!("You can only send one of the following parameters: data, {}", names.rows());
            return Err(ApiError::new(ErrorKind::GeneralBadRequest, message));
        }
        (true, false) => return create_many(call, names, id.is_some(), rows),
        (false, true) => {}
    }
    let id = id.ok_or_else(|| {
        let row = names.row();
        names.missing_data_because(&format!("{row} ID is required when creating a single {}.", row.to_lowercase()))
    })?;
    one(call, Write { action: "create".into(), id: Some(id), data, permissions, queries: Vec::new() })
}

fn create_many(call: &Call<'_>, names: Names, has_id: bool, rows: Vec<Map<String, Value>>) -> Result<Reply, ApiError> {
    let refused = |message: String| Err(ApiError::new(ErrorKind::GeneralBadRequest, message));
    if has_id {
        let (id, rows) = (names.row_id(), names.rows());
        return refused(format!(
            "Param \"{id}\" is not allowed when creating multiple {rows}, set \"$id\" on each instead."
        ));
    }
    if call.params.raw("permissions").is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty())) {
        let rows = names.rows();
        return refused(format!(
            "Param \"permissions\" is disallowed when creating multiple {rows}, set \"$permissions\" on each instead"
        ));
    }
    many(call, "bulkCreate", rows, Vec::new())
}

/// `PATCH …/rows/:rowId`.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    one(call, changing(call, "update")?)
}

/// `PUT …/rows/:rowId`: creates or updates the row.
pub fn upsert(call: &Call<'_>) -> Result<Reply, ApiError> {
    one(call, changing(call, "upsert")?)
}

fn changing(call: &Call<'_>, action: &str) -> Result<Write, ApiError> {
    let id = path_id(call)?;
    let data = data(call)?.unwrap_or_default();
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?;
    if data.is_empty() && permissions.is_none() {
        return Err(Names::of(call).missing_payload());
    }
    Ok(Write { action: action.into(), id: Some(id), data, permissions, queries: Vec::new() })
}

/// `DELETE …/rows/:rowId`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = path_id(call)?;
    one(call, Write { action: "delete".into(), id: Some(id), data: Map::new(), permissions: None, queries: Vec::new() })
}

/// `PATCH …/rows/:rowId/:column/increment`.
pub fn increment(call: &Call<'_>) -> Result<Reply, ApiError> {
    count(call, "max", |by| by)
}

/// `PATCH …/rows/:rowId/:column/decrement`.
pub fn decrement(call: &Call<'_>) -> Result<Reply, ApiError> {
    count(call, "min", std::ops::Neg::neg)
}

fn count(call: &Call<'_>, bound: &str, signed: fn(f64) -> f64) -> Result<Reply, ApiError> {
    let id = path_id(call)?;
    let column = call.params.text("column", 1, 36)?;
    let number = |name: &str| {
        let Some(value) = call.params.raw(name) else {
            return Ok(None);
        };
        let parsed = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        parsed.map(Some).ok_or_else(|| ApiError::invalid_param(name, "Value must be a valid number"))
    };
    let by = number("value")?.unwrap_or(1.0);
    let bound = number(bound)?;
    let data = writes::counted(&column, by, bound, signed)?;
    one(call, Write { action: "increment".into(), id: Some(id), data, permissions: None, queries: Vec::new() })
}

/// `PATCH …/rows`, with an API key: updates all rows that match the queries.
pub fn update_many(call: &Call<'_>) -> Result<Reply, ApiError> {
    let data = data(call)?.unwrap_or_default();
    let permissions = permission::requested(call.params, ACTIONS, &call.caller)?;
    if data.is_empty() && permissions.is_none() {
        return Err(Names::of(call).missing_payload());
    }
    let queries = call.params.texts("queries", 100, 4096)?;
    let write = Write { action: "bulkUpdate".into(), id: None, data, permissions, queries };
    bulk(call, write)
}

/// `PUT …/rows`, with an API key: creates or updates these rows.
pub fn upsert_many(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = bulk_rows(call, Names::of(call))?;
    if rows.is_empty() {
        return Err(Names::of(call).missing_data());
    }
    many(call, "bulkUpsert", rows, Vec::new())
}

/// `DELETE …/rows`, with an API key: deletes all rows that match the queries.
pub fn delete_many(call: &Call<'_>) -> Result<Reply, ApiError> {
    many(call, "bulkDelete", Vec::new(), call.params.texts("queries", 100, 4096)?)
}

fn many(call: &Call<'_>, action: &str, rows: Vec<Map<String, Value>>, queries: Vec<String>) -> Result<Reply, ApiError> {
    let mut data = Map::new();
    data.insert(writes::ROWS.into(), rows.into_iter().map(Value::Object).collect());
    bulk(call, Write { action: action.into(), id: None, data, permissions: None, queries })
}

fn bulk(call: &Call<'_>, write: Write) -> Result<Reply, ApiError> {
    if !call.caller.is_key() {
        return Err(ErrorKind::GeneralUnauthorizedScope.into());
    }
    let names = Names::of(call);
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::requested_table(changes, call)?;
        related::check_bulk(&writes::writer(call), &table, &write.action)?;
        if let Some(mut transaction) = transactions::requested(changes, call)? {
            let total = write.data.get(writes::ROWS).and_then(Value::as_array).map_or(0, Vec::len);
            transaction.stage(changes, [Operation::of(&table, write, call.now)])?;
            return Ok(Reply::ok(json!({"total": total, names.rows(): []})));
        }
        let created = write.action == "bulkCreate";
        let rows = writes::run(changes, &writes::writer(call), &table, &write)?;
        let wires: Vec<Value> = rows.iter().map(|row| row.wire(&table, names, call.profile(), None)).collect();
        let body = json!({"total": wires.len(), names.rows(): wires});
        Ok(if created { Reply::created(body) } else { Reply::ok(body) })
    })
}

/// Writes one row now, or stages it in a transaction.
fn one(call: &Call<'_>, write: Write) -> Result<Reply, ApiError> {
    if call.params.raw("transactionId").is_some() {
        return staged(call, write);
    }
    let as_of = as_of(call, &write.action)?;
    call.state.store().write(call.state.hub(), |changes| {
        let table = schema::requested_table(changes, call)?;
        let action = write.action.clone();
        let writer = Writer { as_of, ..writes::writer(call) };
        let rows = writes::run(changes, &writer, &table, &write)?;
        let reader = Reader { db: changes, writer: &writer, is_for_old_client: false };
        Ok(match (action.as_str(), rows.first()) {
            ("delete", _) | (_, None) => Reply::empty(),
            ("create", Some(row)) => Reply::created(reader.whole(&table, row)?),
            (_, Some(row)) => Reply::ok(reader.whole(&table, row)?),
        })
    })
}

/// The time in `X-Appwrite-Timestamp`. Updating or deleting a row that changed later fails.
fn as_of(call: &Call<'_>, action: &str) -> Result<Option<Timestamp>, ApiError> {
    let counts = |text: &&str| !text.is_empty() && matches!(action, "update" | "upsert" | "delete");
    let Some(text) = call.header("x-appwrite-timestamp").filter(counts) else { return Ok(None) };
    let date = dates::parse(text, call.now)
        .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
        .ok_or_else(|| ApiError::new(ErrorKind::GeneralArgumentInvalid, "Invalid X-Appwrite-Timestamp header value"))?;
    // Like Appwrite, reads the header of an upsert but compares nothing.
    Ok((action != "upsert").then(|| date.timestamp()))
}

/// Stages a write of one row. Responds with the sent data; for an update, merged into the row.
fn staged(call: &Call<'_>, write: Write) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    let row_id = write.id.clone().unwrap_or_default();
    let (table, row) = transactions::on_staged(call, &id, |changes| {
        let table = schema::requested_table(changes, call)?;
        let row = row::find(changes, &table, &row_id)?;
        Ok((table, row))
    })?;
    if write.action == "create" {
        table.access().check_table(Action::Create, &call.caller)?;
    }
    let names = Names::of(call);
    if row.is_none() && matches!(write.action.as_str(), "update" | "delete") {
        return Err(names.no_row(&row_id));
    }
    let whole = row.filter(|_| write.action == "update").map(|row| row.wire(&table, names, call.profile(), None));
    let wire = staged_wire(call, names, &table, &write, whole);
    let action = write.action.clone();
    call.state.store().write(call.state.hub(), |changes| {
        let transaction = transactions::requested(changes, call)?;
        let mut transaction = transaction.ok_or(ErrorKind::TransactionNotFound)?;
        transaction.stage(changes, [Operation::of(&table, write, call.now)])
    })?;
    Ok(match action.as_str() {
        "delete" => Reply::empty(),
        "update" | "increment" => Reply::ok(wire.into()),
        _ => Reply::created(wire.into()),
    })
}

fn staged_wire(
    call: &Call<'_>,
    names: Names,
    table: &schema::Table,
    write: &Write,
    whole: Option<Value>,
) -> Map<String, Value> {
    let mut wire = match whole {
        Some(Value::Object(fields)) => fields,
        _ => ["$sequence", "$createdAt", "$updatedAt"].iter().map(|own| ((*own).to_owned(), "".into())).collect(),
    };
    wire.insert("$id".into(), write.id.clone().unwrap_or_default().into());
    wire.insert(names.of_table().into(), table.id.clone().into());
    wire.insert("$databaseId".into(), table.database_id.clone().into());
    match write.data.get(writes::COLUMN).and_then(Value::as_str).filter(|_| write.action == "increment") {
        Some(column) => drop(wire.insert(column.to_owned(), write.data[writes::BY].clone())),
        None => wire.extend(
            write.data.iter().filter(|(key, _)| !key.starts_with('$')).map(|(key, value)| (key.clone(), value.clone())),
        ),
    }
    let permissions = match &write.permissions {
        Some(permissions) => permissions.clone(),
        None if wire.contains_key("$permissions") => return wire,
        None => permission::defaults(&call.caller),
    };
    wire.insert("$permissions".into(), permissions.iter().map(ToString::to_string).collect());
    wire
}

/// The columns in the request: an object, JSON text, or, as in PHP, a list whose indexes are the names. Appwrite fails
/// on null.
fn data(call: &Call<'_>) -> Result<Option<Map<String, Value>>, ApiError> {
    let why = || ApiError::invalid_param("data", "Value must be a valid JSON string");
    Ok(Some(match call.params.sent("data") {
        None => return Ok(None),
        Some(Value::Null) => return Err(ErrorKind::GeneralUnknown.into()),
        Some(Value::Object(fields)) => fields.clone(),
        Some(Value::Array(items)) => numbered(items),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            Ok(Value::Array(items)) => numbered(&items),
            _ => return Err(why()),
        },
        Some(_) => return Err(why()),
    }))
}

fn numbered(items: &[Value]) -> Map<String, Value> {
    items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone())).collect()
}

fn bulk_rows(call: &Call<'_>, names: Names) -> Result<Vec<Map<String, Value>>, ApiError> {
    let why = || {
        ApiError::invalid_param(
            names.rows(),
            "Value must a valid array no longer than 100 items and Value must be a valid JSON string",
        )
    };
    match call.params.raw(names.rows()) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= 100 => {
            items.iter().map(|item| item.as_object().cloned().ok_or_else(why)).collect()
        }
        Some(_) => Err(why()),
    }
}

fn path_id(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.params.text("rowId", 1, 2048)?;
    if is_id(&id) { Ok(id) } else { call.params.id("rowId") }
}
