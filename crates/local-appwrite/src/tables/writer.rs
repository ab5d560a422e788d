//! The context of a write, and what each write checks.

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
    /// The emulated Appwrite version.
    pub profile: Profile,
    /// Rows that changed later than this are left alone (`X-Appwrite-Timestamp`).
    pub unchanged_since: Option<Timestamp>,
    /// The writes of single rows.
    pub steps: &'static Steps,
}

/// The writes of single rows, with their related rows. Functions here, because the writes of related rows are these again.
pub struct Steps {
    /// Inserts a row.
    pub insert: Insert,
    /// Updates a row.
    pub amend: Amend,
}

type Data = Map<String, Value>;
type Permissions = Option<Vec<Permission>>;
type Insert = fn(&mut Changes<'_>, &Writer<'_>, &Table, &str, &Data, Permissions, usize) -> Result<StoredRow, ApiError>;
type Amend =
    fn(&mut Changes<'_>, &Writer<'_>, &Table, StoredRow, &Data, Permissions, usize) -> Result<StoredRow, ApiError>;

/// The `$permissions` among a row's data.
pub(super) fn own_permissions(
    data: &Map<String, Value>,
    writer: &Writer<'_>,
) -> Result<Option<Vec<Permission>>, ApiError> {
    let mut fields = Map::new();
    fields.extend(data.get("$permissions").map(|permissions| ("permissions".to_owned(), permissions.clone())));
    let params = crate::http::params::Params::new(fields);
    permission::requested(&params, &[Action::Read, Action::Update, Action::Delete], writer.caller)
}

/// Appwrite returns 401 here even for a row that the caller may not read; then 409 for a row that is newer than the request.
pub(super) fn require(table: &Table, row: &StoredRow, action: Action, writer: &Writer<'_>) -> Result<(), ApiError> {
    if !table.access().allows(&row.permissions, action, writer.caller) {
        return Err(ErrorKind::UserUnauthorized.into());
    }
    if writer.unchanged_since.is_some_and(|known| row.updated_at > known) {
        return Err(writer.names.newer());
    }
    Ok(())
}
