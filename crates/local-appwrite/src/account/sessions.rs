//! Creates, lists, extends and deletes sessions.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{emit, logs, user};
use crate::{
    ApiError, ErrorKind, Profile,
    clock::{after, database},
    http::{Call, Reply, cookies},
    identity::{HashKind, password, secret},
    project,
    sessions::{self, Session, SessionToken},
    store::Changes,
    users::{self, Target, User},
};

/// The maximum number of sessions per user: a new one deletes the oldest without an event. `None` for no limit.
fn session_limit(call: &Call<'_>) -> Option<usize> {
    // Since 1.9, a new project has no limit: the recorded server kept all of twelve sessions.
    call.state.policies().session_limit.or((call.profile() < Profile::OneNine).then_some(10))
}

/// `POST /account/sessions/email`.
pub fn create_by_email(call: &Call<'_>) -> Result<Reply, ApiError> {
    let email = call.params.email("email")?;
    let password = call.params.password("password")?;
    let mut user = call
        .state
        .store()
        .read(|db| users::find_by_email(db, &email))?
        .filter(|user| user.has_password(&password))
        .ok_or(ErrorKind::UserInvalidCredentials)?;
    if !user.status {
        return Err(ErrorKind::UserBlocked.into());
    }
    let is_pwned = project::is_pwned(&call.state.policies(), &password);
    if is_pwned.is_some() && is_pwned != user.password_pwned {
        user.password_pwned = is_pwned;
        call.state.store().write(call.state.hub(), |changes| users::update(changes, &user))?;
    }
    project::check_age(call, &user, &password)?;
    let is_foreign = user.hash_kind != HashKind::default();
    if is_foreign {
        user.password = Some(password::hash(&password)?);
        user.hash_kind = HashKind::default();
    }
    call.state.store().write(call.state.hub(), |changes| {
        // Hashes an imported password again with this backend's algorithm, because the password is known now.
        if is_foreign {
            users::update(changes, &user)?;
        }
        start(changes, call, &user, "email", &email, &["password"], None)
    })
}

/// `POST /account/sessions/anonymous`.
pub fn create_anonymous(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = User::new(secret::id(call.now), call.now);
    call.state.store().write(call.state.hub(), |changes| {
        users::insert(changes, &user)?;
        start(changes, call, &user, "anonymous", "", &["anonymous"], None)
    })
}

/// A provider's OAuth2 tokens. Has no `Debug`: both tokens are secrets.
pub struct ProviderTokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// The expiry of the access token.
    pub expire: Timestamp,
}

/// Creates a session for `user` and the response with it.
///
/// The body contains the secret only for API keys; cookies and fallback cookies always do.
pub fn start(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    user: &User,
    provider: &str,
    provider_uid: &str,
    factors: &[&str],
    tokens: Option<ProviderTokens>,
) -> Result<Reply, ApiError> {
    let secret = secret::hex(256);
    let mut session = Session::begin(call, &user.id, &secret, (provider, provider_uid), factors);
    if let Some(tokens) = tokens {
        session.provider_access_token = tokens.access;
        session.provider_access_token_expiry = Some(tokens.expire);
        session.provider_refresh_token = tokens.refresh;
    }
    sessions::insert(changes, &session)?;
    drop_oldest(changes, call, &user.id)?;
    logs::record(changes, call, user, "session.create")?;
    let token = SessionToken { id: user.id.clone(), secret }.encode();
    let mut wire = session.wire(&call.locale);
    wire["current"] = true.into();
    wire["secret"] = token.clone().into();
    emit(changes, &user.id, &format!("sessions.{}.create", session.id), wire.clone());
    if !call.caller.is_key() {
        wire["secret"] = "".into();
    }
    let project = &call.state.settings().project_id;
    Ok(cookies::set(Reply::created(wire), project, &token, session.expire, call.now))
}

fn drop_oldest(changes: &Changes<'_>, call: &Call<'_>, user_id: &str) -> Result<(), ApiError> {
    let Some(limit) = session_limit(call) else {
        return Ok(());
    };
    let all = sessions::of_user(changes, user_id)?;
    for session in &all[..all.len().saturating_sub(limit)] {
        sessions::remove(changes, &session.id)?;
    }
    Ok(())
}

/// `GET /account/sessions`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let sessions = call.state.store().read(|db| sessions::of_user(db, &user.id))?;
    let wires: Vec<Value> = sessions.iter().map(|session| own_wire(call, session)).collect();
    Ok(Reply::ok(json!({"total": wires.len(), "sessions": wires})))
}

/// `GET /account/sessions/:id`; `current` is the caller's own session.
pub fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let session = requested(call)?;
    Ok(Reply::ok(own_wire(call, &session)))
}

/// `PATCH /account/sessions/:id`: restarts the session's lifetime.
pub fn extend(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let mut session = requested(call)?;
    session.expire = after(call.now, call.state.settings().session_duration);
    // Appwrite returns `$updatedAt` of the previous change.
    let mut wire = session.bare_wire();
    wire["expire"] = database(session.expire).into();
    session.updated_at = call.now;
    call.state.store().write(call.state.hub(), |changes| {
        sessions::update(changes, &session)?;
        logs::record(changes, call, user, "session.update")?;
        emit(changes, &user.id, &format!("sessions.{}.update", session.id), session.bare_wire());
        Ok(Reply::ok(wire))
    })
}

/// `DELETE /account/sessions/:id`.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let session = requested(call)?;
    call.state.store().write::<_, ApiError>(call.state.hub(), |changes| {
        sessions::remove(changes, &session.id)?;
        end_targets(changes, &user.id, &session.id)?;
        logs::record(changes, call, user, "session.delete")?;
        emit(changes, &user.id, &format!("sessions.{}.delete", session.id), ended_wire(call, &session));
        Ok(())
    })?;
    let is_own = call.caller.session_id() == Some(session.id.as_str());
    Ok(if is_own { signed_out(call) } else { Reply::empty() })
}

/// `DELETE /account/sessions`. Since 2.x, `current: false` keeps the caller's own session.
pub fn delete_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let ends_own = call.profile() != Profile::Two || call.params.loose_boolean_or("current", true)?;
    let own = call.caller.session.as_ref().filter(|_| !call.caller.by_jwt);
    call.state.store().write::<_, ApiError>(call.state.hub(), |changes| {
        for session in sessions::of_user(changes, &user.id)? {
            let is_own = own.is_some_and(|own| own.id == session.id);
            if ends_own || !is_own {
                sessions::remove(changes, &session.id)?;
            }
        }
        logs::record(changes, call, user, "session.delete")?;
        // Appwrite sends an event for the current session only.
        if let Some(own) = own.filter(|_| ends_own) {
            end_targets(changes, &user.id, &own.id)?;
            emit(changes, &user.id, &format!("sessions.{}.delete", own.id), ended_wire(call, own));
        }
        Ok(())
    })?;
    // Newer servers send the empty fallback cookies twice.
    let is_told_twice = call.profile() == Profile::OneNineNext && own.is_some();
    Ok(match (ends_own, is_told_twice) {
        (true, true) => signed_out(call).header(cookies::FALLBACK, "[]".to_owned()),
        (true, false) => signed_out(call),
        (false, _) => Reply::empty(),
    })
}

/// Deletes the devices that the session registered. Appwrite deletes them only if the user ends the session.
fn end_targets(changes: &Changes<'_>, user_id: &str, session_id: &str) -> Result<(), ApiError> {
    let Some(mut user) = users::find(changes, user_id)? else {
        return Ok(());
    };
    let before = user.targets.len();
    Target::end_with(&mut user.targets, session_id);
    if user.targets.len() < before {
        users::update(changes, &user)?;
    }
    Ok(())
}

/// The event payload of an ended session: Appwrite sets the country only for the caller's own session.
fn ended_wire(call: &Call<'_>, session: &Session) -> Value {
    if call.caller.session_id() == Some(session.id.as_str()) { own_wire(call, session) } else { session.bare_wire() }
}

fn signed_out(call: &Call<'_>) -> Reply {
    cookies::clear(Reply::empty(), &call.state.settings().project_id)
}

fn own_wire(call: &Call<'_>, session: &Session) -> Value {
    let mut wire = session.wire(&call.locale);
    wire["current"] = (call.caller.session_id() == Some(session.id.as_str())).into();
    wire
}

fn requested(call: &Call<'_>) -> Result<Session, ApiError> {
    let user = user(call)?;
    let id = call.params.id("sessionId")?;
    let id = match id.as_str() {
        "current" => call.caller.session_id().unwrap_or("").to_owned(),
        _ => id,
    };
    call.state
        .store()
        .read(|db| sessions::find(db, &user.id, &id))?
        .ok_or_else(|| ErrorKind::UserSessionNotFound.into())
}
