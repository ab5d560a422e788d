//! Indexes: made, listed, taken away. Only `fulltext` changes what can be asked.

use serde_json::{Value, json};

use super::{
    names::Names,
    schema::{self, Index},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
};

/// `POST …/indexes`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let index = Index {
        key: call.params.text("key", 1, 255)?,
        kind: call.params.choice("type", &["key", "fulltext", "unique"])?.to_owned(),
        columns: call.params.texts(names.columns(), 100, 255)?,
        orders: call.params.texts("orders", 100, 4)?,
        created_at: call.now,
    };
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        if table.indexes.iter().any(|own| own.key == index.key) {
            return Err(ErrorKind::IndexAlreadyExists.into());
        }
        let is_known = |name: &String| name.starts_with('$') || table.columns.iter().any(|column| column.key == *name);
        if !index.columns.iter().all(is_known) {
            return Err(names.unknown_column());
        }
        table.indexes.push(index.clone());
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(index.wire(names, "processing")))
    })
}

/// `GET …/indexes`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let table = call.state.store().read(|db| schema::asked_table(db, call))?;
    let wires: Vec<Value> = table.indexes.iter().map(|index| index.wire(Names::of(call), "available")).collect();
    Ok(Reply::ok(json!({"total": wires.len(), "indexes": wires})))
}

/// `GET …/indexes/:key`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    let table = call.state.store().read(|db| schema::asked_table(db, call))?;
    let index = table.indexes.iter().find(|index| index.key == key).ok_or(ErrorKind::IndexNotFound)?;
    Ok(Reply::ok(index.wire(Names::of(call), "available")))
}

/// `DELETE …/indexes/:key`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = call.params.text("key", 1, 255)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::asked_table(changes, call)?;
        let before = table.indexes.len();
        table.indexes.retain(|index| index.key != key);
        if table.indexes.len() == before {
            return Err(ErrorKind::IndexNotFound.into());
        }
        schema::keep_table(changes, &table)?;
        Ok(Reply::empty())
    })
}
