//! A person's accounts at OAuth2 providers.

use serde_json::json;

use super::{logs, user};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    oauth2::identity,
    tables::{filter, query},
};

/// `GET /account/identities`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let queries = query::of_list(call.params, call.profile(), &identity::fields(call.now), call.now)?;
    let all = call.state.store().read(|db| identity::of_user(db, &user.id))?;
    let wires = all.iter().map(identity::Identity::wire).collect();
    let (total, page) = filter::page_of_objects(wires, &queries, "Identity")?;
    Ok(Reply::ok(json!({"total": total, "identities": page})))
}

/// `DELETE /account/identities/:id`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let id = call.params.id("identityId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let own = identity::of_user(changes, &user.id)?;
        if !own.iter().any(|identity| identity.id == id) {
            return Err(ErrorKind::UserIdentityNotFound.into());
        }
        identity::remove(changes, &id)?;
        logs::record(changes, call, user, "identity.delete")?;
        Ok(Reply::empty())
    })
}
