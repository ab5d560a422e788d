//! Team roles, in requests and on open sockets.

use serde_json::Value;

use super::membership;
use crate::{
    ApiError,
    http::{Call, forms::is_key},
    identity::Caller,
    store::Changes,
    users,
};

/// The `roles` of a request, each a key of at most `length` characters; `None` if missing.
///
/// # Errors
/// When it is not a list of such keys.
pub fn roles(call: &Call<'_>, length: usize) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = call.params.sent("roles") else {
        return Ok(None);
    };
    // PHP does not distinguish an empty object and an empty list.
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(Some(Vec::new()));
    }
    let roles: Option<Vec<String>> = value
        .as_array()
        .filter(|list| list.len() <= 100)
        .and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
        .filter(|list| list.iter().all(|role| is_key(role, length)))
        .map(|list| list.into_iter().map(str::to_owned).collect());
    roles.map(Some).ok_or_else(|| {
        ApiError::invalid_param(
            "roles",
            format!(
                "Value must a valid array no longer than 100 items and Parameter must contain at most {length} chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char"
            ),
        )
    })
}

/// Updates the roles of the user's open sockets.
///
/// # Errors
/// When the store cannot be read.
pub fn recognize(changes: &mut Changes<'_>, user_id: &str) -> Result<(), ApiError> {
    let Some(user) = users::find(changes, user_id)? else {
        return Ok(());
    };
    let team_roles = membership::team_roles(changes, user_id)?;
    let caller = Caller { user: Some(user), team_roles, ..Caller::default() };
    changes.set_roles(user_id, caller.roles());
    Ok(())
}
