//! Creates, returns and deletes the caller's account.

use super::{emit, logs, user};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    identity::password,
    oauth2::identity,
    project,
    users::{self, Target, TargetKind, User},
};

/// `POST /account`. Creates the user without a session.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut user = User::new(call.params.new_id("userId", call.now)?, call.now);
    let email = call.params.email("email")?;
    let password = project::new_password(call)?;
    user.name = call.params.optional_text("name", 1, 128)?.unwrap_or_default();
    user.email = Some(email.clone());
    project::check_personal_data(call, &user, &password)?;
    // Hashes before the transaction, because hashing is slow.
    let hash = password::hash(&password)?;
    project::adopt(call, &mut user, &password, hash);
    user.targets = vec![Target::new(TargetKind::Email, &email, call.now)];
    let wire = user.wire(call.profile());
    call.state.store().write(call.state.hub(), |changes| {
        if identity::has_email(changes, &email)? {
            return Err(ErrorKind::GeneralBadRequest.into());
        }
        users::insert(changes, &user)?;
        logs::record(changes, call, &user, "user.create")?;
        Ok(Reply::created(wire))
    })
}

/// `GET /account`.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(user(call)?.wire(call.profile())))
}

/// `DELETE /account`: deletes the user with everything that belongs to the user.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        users::remove(changes, &user.id)?;
        emit(changes, &user.id, "delete", user.admin_event_payload(call.profile()));
        Ok(Reply::empty())
    })
}
