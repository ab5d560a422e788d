//! Transactions: staged writes, invisible to others, and committed together or not at all.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    names::Names,
    row,
    schema::{self, Table},
    writer::Writer,
    writes::{self, Write},
};
use crate::{
    ApiError, ErrorKind, clock,
    http::{Call, Reply},
    identity::{Caller, secret},
    store::Changes,
};

/// The most operations in a transaction.
const MOST: usize = 100;

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
        if self.operations.len() > MOST {
            return Err(ApiError::new(
                ErrorKind::TransactionLimitExceeded,
                format!(
                    "Transaction already has {before} operations, adding {added} would exceed the maximum of {MOST}"
                ),
            ));
        }
        keep(db, self)
    }

    /// Runs all staged operations.
    fn run(&self, changes: &mut Changes<'_>, writer: &Writer<'_>) -> Result<(), ApiError> {
        let mut touched = HashSet::new();
        for Operation { database_id, table_id, at, write } in &self.operations {
            let table =
                schema::find_table(changes, database_id, table_id)?.ok_or_else(|| writer.names.no_table(table_id))?;
            let key = (database_id, table_id, write.id.clone());
            // A row that others have changed since conflicts; one changed by this transaction does not.
            if let Some(id) = write.id.as_deref().filter(|_| !touched.contains(&key) && write.action != "create") {
                let changed = row::find(changes, &table, id)?.is_some_and(|row| row.updated_at > *at);
                if changed {
                    return Err(ErrorKind::TransactionConflict.into());
                }
            }
            writes::run(changes, writer, &table, write)?;
            touched.insert(key);
        }
        Ok(())
    }
}

fn keep(db: &Connection, transaction: &Transaction) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO transactions (id, document) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![transaction.id, serde_json::to_string(transaction)?],
    )?;
    Ok(())
}

/// A key sees all transactions, a user its own.
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

/// The transaction with this id, when it still takes operations.
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
/// When there is none of that id, or it takes no more.
pub fn asked(db: &Connection, call: &Call<'_>) -> Result<Option<Transaction>, ApiError> {
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
        if let Some(transaction) = asked(changes, call)? {
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

/// `POST /tablesdb/transactions/:transactionId/operations`.
pub fn add(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("transactionId")?;
    let names = Names::of(call);
    let why = || ApiError::invalid_param("operations", "Value must be a valid array of operations");
    let given = call.params.raw("operations").and_then(Value::as_array).cloned().ok_or_else(why)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut transaction = open(changes, &id, call)?;
        let mut operations = Vec::new();
        for fields in &given {
            operations.push(operation(changes, call, names, fields)?.ok_or_else(why)?);
        }
        transaction.stage(changes, operations)?;
        Ok(Reply::created(transaction.wire()))
    })
}

const SINGLE: &[&str] = &["create", "update", "upsert", "delete"];
const BULK: &[&str] = &["bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete"];

/// One operation as it was sent; `None` when it has no operation's form.
fn operation(db: &Connection, call: &Call<'_>, names: Names, fields: &Value) -> Result<Option<Operation>, ApiError> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(database_id), Some(table_id), Some(action)) =
        (text("databaseId"), text(names.table_id()), text("action"))
    else {
        return Ok(None);
    };
    let is_bulk = BULK.contains(&action.as_str());
    if !is_bulk && !SINGLE.contains(&action.as_str()) {
        return Ok(None);
    }
    if is_bulk && !call.caller.is_key() {
        return Err(ErrorKind::GeneralUnauthorizedScope.into());
    }
    let database = schema::find_database(db, &database_id)?.ok_or_else(|| names.no_database(&database_id))?;
    let table = schema::find_table(db, &database.id, &table_id)?.ok_or_else(|| names.no_table(&table_id))?;
    let mut data = Map::new();
    match fields.get("data") {
        Some(Value::Object(object)) => data.clone_from(object),
        Some(Value::Array(rows)) => {
            data.insert(writes::ROWS.into(), rows.clone().into());
        }
        _ => {}
    }
    let mut queries = Vec::new();
    if action == "bulkUpdate" || action == "bulkDelete" {
        let list = data.remove("queries").or_else(|| fields.get("queries").cloned());
        let list = list.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        queries.extend(list.iter().filter_map(|text| text.as_str().map(str::to_owned)));
        if let Some(Value::Object(inner)) = data.remove("data") {
            data = inner;
        }
    }
    let id = match text(names.row_id()).as_deref() {
        Some("unique()") => Some(secret::id(call.now)),
        other => other.map(str::to_owned),
    };
    if !is_bulk && id.is_none() {
        return Ok(None);
    }
    let write = Write { action, id, data, permissions: None, queries };
    Ok(Some(Operation::of(&table, write, call.now)))
}
