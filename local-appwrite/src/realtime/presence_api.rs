//! Presences over HTTP: who is there at the moment, for a page that opens.

use serde_json::{Value, json};

use crate::account;
use crate::http::{Call, Reply, Route};
use crate::{ApiError, Profile};

/// The routes of the presences service that are answered here. Servers before 1.9.5 have none.
pub fn routes(profile: Profile) -> Vec<Route> {
    match profile {
        Profile::OneFive => Vec::new(),
        Profile::OneNine | Profile::Two => vec![Route::get("/presences", list).scope(&["presences.read"])],
    }
}

/// `GET /presences`: those that the caller may read, oldest first; an API key reads all. Takes `limit`, `offset` and
/// `total`.
fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (limit, offset) = account::page(call.params)?;
    let roles = (!call.caller.is_key()).then(|| call.caller.roles());
    let all = call.state.hub().presences(roles.as_deref());
    let total = if call.params.boolean_or("total", true)? { all.len() } else { 0 };
    let presences: Vec<Value> = all
        .into_iter()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .collect();
    Ok(Reply::ok(json!({"total": total, "presences": presences})))
}
