//! Changes to the caller's account.

use serde_json::{Map, Value};

use super::{emit, logs, user};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply, cookies},
    identity::password as passwords,
    oauth2::identity,
    project, sessions,
    store::Changes,
    tables::php_number,
    users::{self, Target, User},
};

/// The largest preferences, in bytes of JSON.
const PREFS_LIMIT: usize = 65_536;

/// `PATCH /account/name`.
pub fn name(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.text("name", 1, 128)?;
    change(call, "update.name", |user, _| {
        user.name = name;
        Ok(())
    })
}

/// `PATCH /account/password`.
pub fn password(call: &Call<'_>) -> Result<Reply, ApiError> {
    let password = project::new_password(call)?;
    let old = call.params.optional_text("oldPassword", 0, 256)?.unwrap_or_default();
    // A user who signed up by a link, a provider or an invitation has no old password.
    let user_now = user(call)?;
    if user_now.password_update.is_some() && !user_now.has_password(&old) {
        return Err(ErrorKind::UserInvalidCredentials.into());
    }
    project::check_history(call, user(call)?, &password)?;
    project::check_personal_data(call, user(call)?, &password)?;
    let hash = passwords::hash(&password)?;
    change(call, "update.password", |user, changes| {
        project::adopt(call, user, &password, hash);
        if ends_sessions_with_password(call.profile()) {
            end_other_sessions(changes, call, &user.id)?;
        }
        Ok(())
    })
}

/// `PATCH /account/email`. For an account without a password, also sets the password: this turns a guest into a full
/// account.
pub fn email(call: &Call<'_>) -> Result<Reply, ApiError> {
    let email = call.params.email("email")?;
    let password = call.params.password("password")?;
    let first_hash = prove(user(call)?, &password)?;
    change(call, "update.email", |user, changes| {
        if identity::is_anothers_email(changes, &email, &user.id)? {
            return Err(ErrorKind::GeneralBadRequest.into());
        }
        if let Some(owner) = users::find_by_email(changes, &email)? {
            // Appwrite looks for the address among the targets first, the caller's own included.
            return Err(match Target::is_among(&owner.targets, &email) {
                true => ErrorKind::UserTargetAlreadyExists.into(),
                false if owner.id == user.id => return Ok(()),
                false => ErrorKind::GeneralBadRequest.into(),
            });
        }
        set_first_password(user, first_hash, call);
        let old = user.email.replace(email.clone());
        user.email_verification = false;
        Target::follow(&mut user.targets, old.as_deref(), &email, call.now);
        Ok(())
    })
}

/// `PATCH /account/phone`.
pub fn phone(call: &Call<'_>) -> Result<Reply, ApiError> {
    let phone = call.params.phone("phone")?;
    let password = call.params.password("password")?;
    let first_hash = prove(user(call)?, &password)?;
    change(call, "update.phone", |user, changes| {
        if let Some(owner) = users::find_by_phone(changes, &phone)? {
            return Err(match Target::is_among(&owner.targets, &phone) {
                true => ErrorKind::UserTargetAlreadyExists.into(),
                false if owner.id == user.id => return Ok(()),
                false => ErrorKind::UserPhoneAlreadyExists.into(),
            });
        }
        set_first_password(user, first_hash, call);
        let old = user.phone.replace(phone.clone());
        user.phone_verification = false;
        Target::follow(&mut user.targets, old.as_deref(), &phone, call.now);
        Ok(())
    })
}

/// `GET /account/prefs`.
pub fn prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(user(call)?.prefs.clone().into()))
}

/// `PATCH /account/prefs`: replaces all preferences.
pub fn set_prefs(call: &Call<'_>) -> Result<Reply, ApiError> {
    let prefs = sent_prefs(call)?;
    change(call, "update.prefs", |user, _| {
        user.prefs = prefs;
        Ok(())
    })
}

/// The preferences in a request, of an account, a user or a team.
///
/// # Errors
/// When they are not an object, or too large.
pub(crate) fn sent_prefs(call: &Call<'_>) -> Result<Map<String, Value>, ApiError> {
    let prefs = call.params.object("prefs")?;
    if serde_json::to_string(&prefs)?.len() > PREFS_LIMIT {
        return Err(ApiError::invalid_param("prefs", "Value must be a valid object."));
    }
    Ok(kept_by_php(prefs))
}

/// Preferences as PHP returns them: numbers without `.0`, empty objects as lists.
fn kept_by_php(prefs: Map<String, Value>) -> Map<String, Value> {
    prefs.into_iter().map(|(name, value)| (name, php_value(value))).collect()
}

fn php_value(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none() => number.as_f64().map_or(Value::Number(number), php_number),
        Value::Object(fields) if fields.is_empty() => Value::Array(Vec::new()),
        Value::Object(fields) => Value::Object(kept_by_php(fields)),
        Value::Array(items) => items.into_iter().map(php_value).collect(),
        other => other,
    }
}

/// `PATCH /account/status`: blocks the caller, whose session then stops working.
pub fn block(call: &Call<'_>) -> Result<Reply, ApiError> {
    let reply = change(call, "update.status", |user, _| {
        user.status = false;
        Ok(())
    })?;
    Ok(cookies::clear(reply, &call.state.settings().project_id))
}

/// Returns true if a new password ends the sessions, which is the default of a project.
pub(crate) fn ends_sessions_with_password(profile: Profile) -> bool {
    profile >= Profile::OneEight
}

fn end_other_sessions(changes: &Changes<'_>, call: &Call<'_>, user_id: &str) -> Result<(), ApiError> {
    // A JWT without a session ends no sessions.
    let Some(own) = call.caller.session_id() else {
        return Ok(());
    };
    for session in sessions::of_user(changes, user_id)? {
        if session.id != own {
            sessions::remove(changes, &session.id)?;
        }
    }
    Ok(())
}

/// Checks the user's password. For a user without one, returns the hash of the new password.
fn prove(user: &User, password: &str) -> Result<Option<String>, ApiError> {
    match user.password_update {
        Some(_) if user.has_password(password) => Ok(None),
        Some(_) => Err(ErrorKind::UserInvalidCredentials.into()),
        None => passwords::hash(password).map(Some),
    }
}

fn set_first_password(user: &mut User, hash: Option<String>, call: &Call<'_>) {
    if let Some(hash) = hash
        && user.password_update.is_none()
    {
        user.set_password(hash, call.now);
    }
}

/// Changes the stored user, sends the event and returns the account.
pub(super) fn change(
    call: &Call<'_>,
    what: &str,
    apply: impl FnOnce(&mut User, &Changes<'_>) -> Result<(), ApiError>,
) -> Result<Reply, ApiError> {
    let id = user(call)?.id.clone();
    call.state.store().write(call.state.hub(), |changes| {
        let before = users::find(changes, &id)?.ok_or(ErrorKind::UserNotFound)?;
        let mut user = before.clone();
        apply(&mut user, changes)?;
        user.touch(&before, call.now)?;
        users::update(changes, &user)?;
        logs::record(changes, call, &user, "user.update")?;
        let mut payload = user.event_payload(call.profile());
        restore_dates(&mut payload, &before.targets, &user.id);
        emit(changes, &user.id, what, payload);
        let mut wire = user.wire(call.profile());
        restore_dates(&mut wire, &before.targets, &user.id);
        Ok(Reply::ok(wire))
    })
}

/// Restores the previous dates of the targets, because Appwrite's response and event still contain those.
fn restore_dates(wire: &mut Value, targets_before: &[Target], user_id: &str) {
    for (index, target) in targets_before.iter().enumerate() {
        wire["targets"][index]["$updatedAt"] = target.wire(user_id)["$updatedAt"].clone();
    }
}
