//! The user's identities at OAuth2 providers.

use super::{logs, user};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    oauth2::identity,
};

/// `GET /account/identities`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let all = call.state.store().read(|db| identity::of_user(db, &user.id))?;
    identity::page(call, &all)
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
