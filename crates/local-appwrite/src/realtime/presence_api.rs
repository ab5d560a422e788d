//! Presences over HTTP: who is there at the moment, for a page that opens.

use jiff::Timestamp;
use serde_json::json;

use crate::http::{Call, Reply, Route};
use crate::tables::{Column, Kind, filter, query};
use crate::{ApiError, Profile};

/// The longest value of a column that is queried, in characters.
const LONGEST_VALUE: usize = 255;

/// The routes of the presences service that are answered here. Servers before 1.9.5 have none.
pub fn routes(profile: Profile) -> Vec<Route> {
    match profile {
        Profile::OneFive => Vec::new(),
        _ => vec![Route::get("/presences", list).scope(&["presences.read"])],
    }
}

/// `GET /presences`: those that the caller may read, oldest first; an API key reads all. Takes conditions and orders of
/// `userId`, `status`, `source`, `expiresAt` and the dates, `limit`, `offset` and `total`.
fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let queries = query::of_list(call.params, call.profile(), &columns(), call.now)?;
    let roles = (!call.caller.is_key()).then(|| call.caller.roles());
    let (total, presences) =
        filter::page_of_objects(call.state.hub().presences(roles.as_deref()), &queries, "Presence")?;
    let total = if call.params.boolean_or("total", true)? { total } else { 0 };
    Ok(Reply::ok(json!({"total": total, "presences": presences})))
}

fn columns() -> Vec<Column> {
    let text = Kind::String { size: LONGEST_VALUE };
    let columns = [("userId", text.clone()), ("status", text.clone()), ("source", text), ("expiresAt", Kind::Datetime)];
    let column = |(key, kind): (&str, Kind)| Column {
        key: key.to_owned(),
        kind,
        required: true,
        array: false,
        default: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    columns.map(column).into()
}
