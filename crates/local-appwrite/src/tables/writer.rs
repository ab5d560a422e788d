//! The context of a write, and the checks of every write.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    names::Names,
    permission::{self, Action, Permission},
    row::StoredRow,
    schema::Table,
};
use crate::{ApiError, ErrorKind, Profile, identity::Caller, store::Changes};

/// The context of a write: caller, time and API.
pub struct Writer<'call> {
    /// The caller.
    pub caller: &'call Caller,
    /// The names of the API.
    pub names: Names,
    /// The time of the write.
    pub now: Timestamp,
    /// Refuses rows that were changed after this time (`X-Appwrite-Timestamp`).
    pub as_of: Option<Timestamp>,
    /// The emulated Appwrite version.
    pub profile: Profile,
    /// The functions that write single rows.
    pub functions: &'static RowFunctions,
}

/// The functions that write single rows and their related rows. Related rows are written by the same functions.
pub struct RowFunctions {
    /// Inserts a row.
    pub insert: Insert,
    /// Updates a row.
    pub update: Update,
}

type Data = Map<String, Value>;
type Permissions = Option<Vec<Permission>>;
type Insert = fn(&mut Changes<'_>, &Writer<'_>, &Table, &str, &Data, Permissions, usize) -> Result<StoredRow, ApiError>;
type Update =
    fn(&mut Changes<'_>, &Writer<'_>, &Table, StoredRow, &Data, Permissions, usize) -> Result<StoredRow, ApiError>;

/// The `$permissions` in a row's data.
pub(super) fn own_permissions(
    data: &Map<String, Value>,
    writer: &Writer<'_>,
) -> Result<Option<Vec<Permission>>, ApiError> {
    let mut fields = Map::new();
    fields.extend(data.get("$permissions").map(|permissions| ("permissions".to_owned(), permissions.clone())));
    let params = crate::http::params::Params::new(fields);
    permission::requested(&params, &[Action::Read, Action::Update, Action::Delete], writer.caller)
}

/// Appwrite returns 401 here even for a row that the caller may not read.
pub(super) fn require(table: &Table, row: &StoredRow, action: Action, writer: &Writer<'_>) -> Result<(), ApiError> {
    if !table.access().allows(&row.permissions, action, writer.caller) {
        return Err(ErrorKind::UserUnauthorized.into());
    }
    match writer.as_of {
        Some(as_of) if row.updated_at > as_of => Err(writer.names.row_is_newer()),
        _ => Ok(()),
    }
}
