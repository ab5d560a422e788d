//! Transactions: staged writes that are invisible to others, and are committed together or not at all.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    names::Names,
    permission::Action,
    row::{self, StoredRow},
    schema::{self, Table},
    writer::{Writer, own_permissions},
    writes::{self, Write},
};
use crate::{
    ApiError, ErrorKind, clock,
    http::{Call, Reply, forms::is_id},
    identity::{Caller, secret},
    store::Changes,
};

/// The maximum number of operations in a transaction.
const MAX_OPERATIONS: usize = 100;

/// An operation that waits for the commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Operation {
    database_id: String,
    table_id: String,
    at: Timestamp,
    write: Write,
}

impl Operation {
    /// A write to `table`, staged at `at`.
    #[must_use]
    pub fn of(table: &Table, write: Write, at: Timestamp) -> Self {
        Self { database_id: table.database_id.clone(), table_id: table.id.clone(), at, write }
    }
}

/// A transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transaction {
    id: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    status: String,
    expires_at: Timestamp,
    /// The user's id; `None` for API keys and guests.
    owner: Option<String>,
    operations: Vec<Operation>,
}

impl Transaction {
    fn wire(&self) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "status": self.status,
            "operations": self.operations.len(),
            "expiresAt": clock::wire(self.expires_at),
        })
    }

    /// Adds operations.
    ///
    /// # Errors
    /// `transaction_limit_exceeded` when there are too many.
    pub fn stage(&mut self, db: &Connection, operations: impl IntoIterator<Item = Operation>) -> Result<(), ApiError> {
        let before = self.operations.len();
        self.operations.extend(operations);
        let added = self.operations.len() - before;
        if self.operations.len() > MAX_OPERATIONS {
            return Err(ApiError::new(
                ErrorKind::TransactionLimitExceeded,
                format!(
                    "Transaction already has {before} operations, adding {added} would exceed the maximum of {MAX_OPERATIONS}"
                ),
            ));
        }
        keep(db, self)
    }

    /// Runs all staged operations.
    fn run(&self, changes: &mut Changes<'_>, writer: &Writer<'_>) -> Result<(), ApiError> {
        let before = self.times(changes)?;
        for Operation { database_id, table_id, at, write } in &self.operations {
            let table =
                schema::find_table(changes, database_id, table_id)?.ok_or_else(|| writer.names.no_table(table_id))?;
            // A row that others have changed since then causes a conflict; changes of this transaction do not.
            for row in writes::aimed_at(changes, writer, &table, write)? {
                let key = (table.database_id.clone(), table.id.clone(), row.id);
                if before.get(&key).is_some_and(|updated_at| updated_at > at) {
                    return Err(ErrorKind::TransactionConflict.into());
                }
            }
            writes::run(changes, writer, &table, write).map_err(at_commit)?;
        }
        Ok(())
    }

    /// The times of the last changes to the rows of the operations; for a bulk operation, to all rows of the table.
    fn times(&self, db: &Connection) -> Result<HashMap<RowKey, Timestamp>, ApiError> {
        let mut times = HashMap::new();
        for Operation { database_id, table_id, write, .. } in &self.operations {
            let Some(table) = schema::find_table(db, database_id, table_id)? else {
                continue;
            };
            let rows = match &write.id {
                Some(id) => row::find(db, &table, id)?.into_iter().collect(),
                None => row::all(db, &table)?,
            };
            let key = |row: &StoredRow| (table.database_id.clone(), table.id.clone(), row.id.clone());
            times.extend(rows.iter().map(|row| (key(row), row.updated_at)));
        }
        Ok(times)
    }
}

/// The ids of a database, a table and a row.
type RowKey = (String, String, String);

fn keep(db: &Connection, transaction: &Transaction) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO transactions (id, document) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![transaction.id, serde_json::to_string(transaction)?],
    )?;
    Ok(())
}

/// An API key sees all transactions, and a user sees their own.
fn find(db: &Connection, id: &str, caller: &Caller) -> Result<Transaction, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM transactions WHERE id = ?1 COLLATE NOCASE", [id], |row| row.get(0))
        .optional()?;
    let transaction: Option<Transaction> = document.map(|text| serde_json::from_str(&text)).transpose()?;
    let is_own = |transaction: &Transaction| {
        caller.is_key() || (transaction.owner.is_some() && transaction.owner.as_deref() == caller.user_id())
    };
    transaction.filter(is_own).ok_or_else(|| {
        ApiError::new(
            ErrorKind::TransactionNotFound,
            format!("Transaction with the requested ID '{id}' could not be found."),
        )
    })
}

/// The transaction with this id, if it still accepts operations.
fn open(db: &Connection, id: &str, call: &Call<'_>) -> Result<Transaction, ApiError> {
    let transaction = find(db, id, &call.caller)?;
    if transaction.status != "pending" {
        return Err(ErrorKind::TransactionNotReady.into());
    }
    if call.now > transaction.expires_at {
        return Err(ErrorKind::TransactionExpired.into());
    }
    Ok(transaction)
}

/// The transaction named by a request on rows.
///
/// # Errors
/// When there is none with that id, or it accepts no more operations.
pub fn requested(db: &Connection, call: &Call<'_>) -> Result<Option<Transaction>, ApiError> {
    if call.params.raw("transactionId").is_none() {
        return Ok(None);
    }
    open(db, &call.params.id("transactionId")?, call).map(Some)
}

/// Reads the committed rows, or, in a transaction, the rows with its staged changes.
///
/// # Errors
/// An error of `work`, or when the transaction does not exist.
pub fn read(call: &Call<'_>, work: impl FnOnce(&Connection) -> Result<Reply, ApiError>) -> Result<Reply, ApiError> {
    if call.params.raw("transactionId").is_none() {
        return call.state.store().read(work);
    }
    call.state.store().peek(|changes| {
        if let Some(transaction) = requested(changes, call)? {
            transaction.run(changes, &writes::writer(call))?;
        }
        work(changes)
    })
}

/// `POST /tablesdb/transactions`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let seconds = call.params.range_or("ttl", 60, 3600, 300)?;
    let transaction = Transaction {
        id: secret::id(call.now),
        created_at: call.now,
        updated_at: call.now,
        status: "pending".into(),
        expires_at: clock::after(call.now, Duration::from_secs(seconds.unsigned_abs())),
        owner: call.caller.user_id().filter(|_| !call.caller.is_key()).map(str::to_owned),
        operations: Vec::new(),
    };
    call.state.store().write(call.state.hub(), |changes| {
        keep(changes, &transaction)?;
        Ok(Reply::created(transaction.wire()))
    })
}

/// `GET /tablesdb/transactions`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let queries = super::query::of_list(call.params, call.profile(), &[], call.now)?;
    let documents: Vec<String> = call.state.store().read(|db| {
        let mut statement = db.prepare_cached("SELECT document FROM transactions ORDER BY rowid")?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()
    })?;
    let all: Vec<Transaction> = documents.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    let is_own = |transaction: &&Transaction| {
        call.caller.is_key() || (transaction.owner.is_some() && transaction.owner.as_deref() == call.caller.user_id())
    };
    let wires = all.iter().filter(is_own).map(Transaction::wire).collect();
    let (total, page) = super::filter::page_of_objects(wires, &queries, "Transaction")?;
    Ok(Reply::ok(json!({"total": total, "transactions": page})))
}

/// `GET /tablesdb/transactions/:transactionId`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    call.state.store().read(|db| Ok(Reply::ok(find(db, &id, &call.caller)?.wire())))
}

/// `DELETE /tablesdb/transactions/:transactionId`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let transaction = find(changes, &id, &call.caller)?;
        changes.execute("DELETE FROM transactions WHERE id = ?1", [&transaction.id])?;
        Ok(Reply::empty())
    })
}

/// A commit returns the errors of the old API, whatever API the client uses.
fn at_commit(error: ApiError) -> ApiError {
    match error.kind {
        ErrorKind::RowAlreadyExists
        | ErrorKind::DocumentAlreadyExists
        | ErrorKind::RowUniqueConstraintViolation
        | ErrorKind::DocumentUniqueConstraintViolation => ErrorKind::TransactionConflict.into(),
        ErrorKind::RowInvalidStructure => ApiError { kind: ErrorKind::DocumentInvalidStructure, ..error },
        ErrorKind::ColumnLimitExceeded => ApiError { kind: ErrorKind::AttributeLimitExceeded, ..error },
        ErrorKind::RowNotFound => {
            ApiError::new(ErrorKind::DocumentNotFound, error.message.replacen("Row", "Document", 1))
        }
        _ => error,
    }
}

/// `PATCH /tablesdb/transactions/:transactionId`: commits or rolls back.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    let commit = call.params.boolean_or("commit", false)?;
    let rollback = call.params.boolean_or("rollback", false)?;
    let refused = |why: &str| Err(ApiError::new(ErrorKind::GeneralBadRequest, why));
    match (commit, rollback) {
        (false, false) => return refused("Either commit or rollback must be true"),
        (true, true) => return refused("Cannot commit and rollback at the same time"),
        _ => {}
    }
    let ended = |changes: &Changes<'_>, mut transaction: Transaction, status: &str| {
        status.clone_into(&mut transaction.status);
        transaction.updated_at = call.now;
        keep(changes, &transaction)?;
        Ok::<_, ApiError>(transaction)
    };
    let store = call.state.store();
    let done = store.write(call.state.hub(), |changes| {
        let transaction = open(changes, &id, call)?;
        if rollback {
            return ended(changes, transaction, "failed").map(Ok);
        }
        let writer = writes::writer(call);
        match transaction.run(changes, &writer) {
            Ok(()) => ended(changes, transaction, "committed").map(Ok),
            // Returns an error, so that the store rolls everything back.
            Err(error) => Err(error),
        }
    });
    match done {
        Ok(outcome) => outcome.map(|transaction| Reply::ok(transaction.wire())),
        Err(error) => {
            store.write::<_, ApiError>(call.state.hub(), |changes| match open(changes, &id, call) {
                Ok(transaction) => ended(changes, transaction, "failed").map(drop),
                Err(_) => Ok(()),
            })?;
            Err(error)
        }
    }
}

/// Runs `work` on the rows as the transaction's operations leave them, up to the first one that fails.
///
/// # Errors
/// An error of `work`, or when the transaction takes no more.
pub fn on_staged<T>(
    call: &Call<'_>,
    id: &str,
    work: impl FnOnce(&Changes<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    call.state.store().peek(|changes| {
        let transaction = open(changes, id, call)?;
        // A transaction that cannot be committed still accepts operations.
        drop(transaction.run(changes, &writes::writer(call)));
        work(changes)
    })
}

/// `POST /tablesdb/transactions/:transactionId/operations`.
pub fn add(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    let given = match call.params.raw("operations") {
        None => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(ApiError::invalid_param("operations", "Value must a valid array")),
    };
    let sent = given.iter().map(|fields| Sent::read(call, fields)).collect::<Result<Vec<_>, _>>()?;
    if sent.is_empty() {
        return Err(ApiError::new(ErrorKind::GeneralBadRequest, "Operations array cannot be empty"));
    }
    let operations = on_staged(call, &id, |changes| {
        let mut created = Vec::new();
        sent.iter().map(|sent| sent.check(changes, call, &mut created)).collect::<Result<Vec<_>, _>>()
    })?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut transaction = open(changes, &id, call)?;
        transaction.stage(changes, operations)?;
        Ok(Reply::created(transaction.wire()))
    })
}

const BULK: &[&str] = &["bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete"];
const ACTIONS: &[&str] = &[
    "create",
    "update",
    "upsert",
    "delete",
    "increment",
    "decrement",
    "bulkCreate",
    "bulkUpdate",
    "bulkUpsert",
    "bulkDelete",
];

/// An operation in a request.
struct Sent {
    database_id: String,
    table_id: String,
    action: String,
    row_id: Option<String>,
    data: Value,
}

impl Sent {
    /// Parses an operation, with Appwrite's checks of its format.
    fn read(call: &Call<'_>, fields: &Value) -> Result<Self, ApiError> {
        let names = Names::of(call);
        let why = |why: String| ApiError::invalid_param("operations", format!("Value must a valid array and {why}"));
        if !fields.is_object() {
            return Err(why("Value must be an array".to_owned()));
        }
        let text = |key: &str| match fields.get(key) {
            None => Err(why(format!("Missing required key: {key}"))),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
            Some(_) => Err(why(format!("Key '{key}' must be a non‑empty string"))),
        };
        let (database_id, action, table_id) = (text("databaseId")?, text("action")?, text(names.table_id())?);
        if !ACTIONS.contains(&action.as_str()) {
            return Err(why(format!("Key 'action' must be one of: {}", ACTIONS.join(", "))));
        }
        let row_key = names.row_id();
        let row_id = match fields.get(row_key) {
            None if BULK.contains(&action.as_str()) => None,
            None => return Err(why(format!("Key '{row_key}' is required for action '{action}'"))),
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(_) => return Err(why(format!("Key '{row_key}' must be a non-empty string"))),
        };
        let data = match fields.get("data") {
            None if action == "delete" => Value::Null,
            None => return Err(why("Missing required key: data".to_owned())),
            Some(data) if data.is_object() || data.is_array() => data.clone(),
            Some(_) => return Err(why("Key 'data' must be an array".to_owned())),
        };
        let needed = match action.as_str() {
            "bulkUpdate" => &["queries", "data"][..],
            "bulkDelete" => &["queries"],
            "increment" | "decrement" => &[names.column_key()],
            _ => &[],
        };
        if let Some(missing) = needed.iter().find(|key| data.get(**key).is_none()) {
            return Err(why(format!("Key '{missing}' is required in data for {action}")));
        }
        Ok(Self { database_id, table_id, action, row_id, data })
    }

    /// Checks an operation against the rows, and creates it. Remembers the rows that the request's operations create.
    fn check(
        &self,
        db: &Connection,
        call: &Call<'_>,
        created: &mut Vec<(String, String)>,
    ) -> Result<Operation, ApiError> {
        let is_key = call.caller.is_key();
        let is_bulk = BULK.contains(&self.action.as_str());
        if is_bulk && !is_key {
            return Err(ErrorKind::UserUnauthorized.into());
        }
        let names = Names::of(call);
        let database = schema::find_database(db, &self.database_id)?.filter(|database| database.enabled || is_key);
        let database = database.ok_or_else(|| names.no_database(&self.database_id))?;
        let table = schema::find_table(db, &database.id, &self.table_id)?.filter(|table| table.enabled || is_key);
        // Errors of operations use the names of the old API.
        let table = table.ok_or_else(|| Names::Legacy.no_table(&self.table_id))?;
        if is_bulk && table.visible().any(|column| column.relationship().is_some()) {
            let what = names.table_id();
            let why = format!("Bulk operations are not supported for {what} with relationship attributes");
            return Err(ApiError::new(ErrorKind::GeneralBadRequest, why));
        }
        let mut write = self.write(call)?;
        if let Some(id) = write.id.clone() {
            let row = row::find(db, &table, &id)?;
            let is_new = created.contains(&(table.id.clone(), id.to_lowercase()));
            let may_be_missing = is_new || matches!(self.action.as_str(), "create" | "upsert");
            if row.is_none() && !may_be_missing {
                return Err(Names::Legacy.no_row(&id));
            }
            let action = match (self.action.as_str(), &row) {
                ("create", _) | ("upsert", None) => Action::Create,
                ("delete", _) => Action::Delete,
                _ => Action::Update,
            };
            let own = row.as_ref().filter(|_| action != Action::Create).map_or(&[][..], |row| &row.permissions);
            if !table.access().allows(own, action, &call.caller) {
                return Err(ErrorKind::UserUnauthorized.into());
            }
            write.permissions = own_permissions(&write.data, &writes::writer(call))?;
            if self.action == "create" {
                write.permissions.get_or_insert_default();
                created.push((table.id.clone(), id.to_lowercase()));
            }
        }
        Ok(Operation::of(&table, write, call.now))
    }

    fn write(&self, call: &Call<'_>) -> Result<Write, ApiError> {
        let id = match self.row_id.as_deref() {
            _ if BULK.contains(&self.action.as_str()) => None,
            Some("unique()") => Some(secret::id(call.now)),
            Some(id) if is_id(id) => Some(id.to_owned()),
            _ => return Err(ApiError::invalid_param("operations", INVALID_ID)),
        };
        let mut write =
            Write { action: self.action.clone(), id, data: Map::new(), permissions: None, queries: Vec::new() };
        match (self.action.as_str(), &self.data) {
            ("increment", data) => (write.data) = counted(Names::of(call), data, "max", |by| by)?,
            ("decrement", data) => {
                write.data = counted(Names::of(call), data, "min", std::ops::Neg::neg)?;
                "increment".clone_into(&mut write.action);
            }
            ("bulkUpdate" | "bulkDelete", data) => {
                let queries = data["queries"].as_array().into_iter().flatten();
                write.queries = queries.filter_map(|query| query.as_str().map(str::to_owned)).collect();
                write.data = data.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
                write.permissions = own_permissions(&write.data, &writes::writer(call))?;
            }
            (_, Value::Array(rows)) => drop(write.data.insert(writes::ROWS.into(), rows.clone().into())),
            (_, Value::Object(fields)) => write.data.clone_from(fields),
            _ => {}
        }
        Ok(write)
    }
}

const INVALID_ID: &str = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";

/// The data of an operation that increments or decrements.
fn counted(names: Names, data: &Value, bound: &str, signed: fn(f64) -> f64) -> Result<Map<String, Value>, ApiError> {
    let number = |key: &str| match data.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().or_else(|| value.as_str()?.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(ApiError::invalid_param("operations", format!("Key '{key}' must be a numeric value"))),
        },
    };
    let column = data[names.column_key()].as_str().unwrap_or("");
    let (by, bound) = (number("value")?.unwrap_or(1.0), number(bound)?);
    writes::counted(column, by, bound, signed)
}
