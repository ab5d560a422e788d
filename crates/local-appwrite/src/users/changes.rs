//! Helpers of the users routes: lookup, insertion, events.

use serde_json::Value;

use super::{Target, TargetKind, User, user};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    realtime::Event,
    store::Changes,
};

/// The user in the path.
pub(crate) fn requested(call: &Call<'_>) -> Result<User, ApiError> {
    let id = call.params.id("userId")?;
    call.state.store().read(|db| user::find(db, &id))?.ok_or_else(|| ErrorKind::UserNotFound.into())
}

/// Inserts a new user with targets for the email address and phone number, and returns the user.
pub(super) fn keep_new(call: &Call<'_>, mut user: User) -> Result<Reply, ApiError> {
    let email = user.email.iter().map(|email| Target::new(TargetKind::Email, email, call.now));
    let phone = user.phone.iter().map(|phone| Target::new(TargetKind::Sms, phone, call.now));
    user.targets = email.chain(phone).collect();
    call.state.store().write(call.state.hub(), |changes| {
        user::insert(changes, &user)?;
        emit(changes, call, &user, "create");
        Ok(Reply::created(user.admin_wire(call.profile())))
    })
}

/// Sends the event of a change, with this payload.
pub(super) fn emit_payload(changes: &mut Changes<'_>, user_id: &str, what: &str, payload: Value) {
    changes.emit(Event {
        name: format!("users.{user_id}.{what}"),
        payload,
        read_roles: vec![format!("user:{user_id}")],
    });
}

/// Events caused by an API key contain the password's hash, like the key's responses.
pub(super) fn emit(changes: &mut Changes<'_>, call: &Call<'_>, user: &User, what: &str) {
    emit_payload(changes, &user.id, what, user.admin_event_payload(call.profile()));
}
