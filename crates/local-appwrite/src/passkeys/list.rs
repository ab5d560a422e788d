//! The signed-in user's passkeys: listed, renamed and deleted.

use super::passkey::{self, Passkey};
use crate::{
    ApiError,
    account::user,
    http::{Call, Reply},
    store::Changes,
    tables::{Kind, objects},
};

/// `GET /account/passkeys`.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    page(call, &user(call)?.id)
}

/// The page of the user's verified passkeys that the request asks for.
pub(super) fn page(call: &Call<'_>, user_id: &str) -> Result<Reply, ApiError> {
    let all = call.state.store().read(|db| passkey::of_user(db, user_id))?;
    let shown = all.iter().filter(|passkey| passkey.credential().is_some()).map(Passkey::wire).collect();
    let fields = [objects::text(call, "name"), objects::field(call, "accessedAt", Kind::Datetime)];
    objects::page(call, shown, &fields, "Passkey", "passkeys")
}

/// `GET /account/passkeys/:id`.
pub(super) fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    answer(call, &user(call)?.id)
}

/// The passkey in the path.
pub(super) fn answer(call: &Call<'_>, user_id: &str) -> Result<Reply, ApiError> {
    let id = call.params.id("passkeyId")?;
    let found = call.state.store().read(|db| passkey::of_user_by_id(db, user_id, &id))?;
    Ok(Reply::ok(found.wire()))
}

/// `PATCH /account/passkeys/:id`.
pub(super) fn rename(call: &Call<'_>) -> Result<Reply, ApiError> {
    set_name(call, &user(call)?.id)
}

/// Changes the name of the passkey in the path.
pub(super) fn set_name(call: &Call<'_>, user_id: &str) -> Result<Reply, ApiError> {
    let name = call.params.text("name", 1, 128)?;
    change(call, user_id, |changes, mut passkey| {
        passkey.name = name;
        passkey.updated_at = call.now;
        passkey::update(changes, &passkey)?;
        Ok(Reply::ok(passkey.wire()))
    })
}

/// `DELETE /account/passkeys/:id`.
pub(super) fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    remove(call, &user(call)?.id)
}

/// Deletes the passkey in the path. Appwrite sends no event.
pub(super) fn remove(call: &Call<'_>, user_id: &str) -> Result<Reply, ApiError> {
    change(call, user_id, |changes, passkey| {
        passkey::remove(changes, &passkey.id)?;
        Ok(Reply::empty())
    })
}

fn change(
    call: &Call<'_>,
    user_id: &str,
    apply: impl FnOnce(&Changes<'_>, Passkey) -> Result<Reply, ApiError>,
) -> Result<Reply, ApiError> {
    let id = call.params.id("passkeyId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let found = passkey::of_user_by_id(changes, user_id, &id)?;
        apply(changes, found)
    })
}
