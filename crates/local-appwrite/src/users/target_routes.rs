//! Targets: API keys create them, and devices register themselves for push messages.

use rusqlite::Connection;
use serde_json::Value;

use super::{Target, TargetKind, User, changes::requested, user};
use crate::{
    ApiError, ErrorKind,
    http::{
        Call, Reply, Route,
        forms::{is_email, is_phone},
    },
    realtime::Event,
    store::Changes,
    tables::objects,
};

/// The maximum length of an identifier.
const LENGTH: usize = 255;

/// The routes of API keys and of users.
pub fn routes() -> Vec<Route> {
    const READ: &[&str] = &["users.read"];
    const WRITE: &[&str] = &["users.write"];
    const OWN: &[&str] = &["targets.write"];
    vec![
        Route::post("/users/{userId}/targets", create).scope(WRITE),
        Route::get("/users/{userId}/targets", list).scope(READ),
        Route::get("/users/{userId}/targets/{targetId}", get).scope(READ),
        Route::patch("/users/{userId}/targets/{targetId}", update).scope(WRITE),
        Route::delete("/users/{userId}/targets/{targetId}", delete).scope(WRITE),
        Route::post("/account/targets/push", create_push).scope(OWN),
        Route::put("/account/targets/{targetId}/push", update_push).scope(OWN),
        Route::delete("/account/targets/{targetId}/push", delete_push).scope(OWN),
    ]
}

fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("targetId", call.now)?;
    let user_id = call.params.id("userId")?;
    let kind = match call.params.choice("providerType", &["email", "sms", "push"])? {
        "email" => TargetKind::Email,
        "sms" => TargetKind::Sms,
        _ => TargetKind::Push,
    };
    let identifier = call.params.text("identifier", 1, LENGTH)?;
    let name = call.params.optional_text("name", 1, 128)?;
    provider(call)?;
    check(kind, &identifier)?;
    let session_id = call.caller.session_id().map(str::to_owned);
    let target = Target { id, name, session_id, ..Target::new(kind, &identifier, call.now) };
    insert(call, &user_id, target)
}

fn provider(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    call.params.raw("providerId").map(|_| call.params.id("providerId")).transpose()
}

fn create_push(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("targetId", call.now)?;
    let identifier = call.params.text("identifier", 1, LENGTH)?;
    provider(call)?;
    let name = Some(call.device().name());
    let session_id = call.caller.session_id().map(str::to_owned);
    let target = Target { id, name, session_id, ..Target::new(TargetKind::Push, &identifier, call.now) };
    insert(call, &own_id(call)?, target)
}

fn insert(call: &Call<'_>, user_id: &str, target: Target) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = user::find(changes, user_id)?.ok_or(ErrorKind::UserNotFound)?;
        if is_taken(changes, "id", &target.id)? || is_taken(changes, "identifier", &target.identifier)? {
            return Err(ErrorKind::UserTargetAlreadyExists.into());
        }
        user.targets.push(target.clone());
        user::update(changes, &user)?;
        Ok(Reply::created(tell(changes, &user, &target, "create")))
    })
}

fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let targets: Vec<Value> = user.targets.iter().map(|target| target.wire(&user.id)).collect();
    let fields = ["userId", "providerId", "identifier", "providerType"].map(|key| objects::text(call, key));
    objects::page(call, targets, &fields, "Target", "targets")
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let at = position(&user, &call.params.id("targetId")?)?;
    Ok(Reply::ok(user.targets[at].wire(&user.id)))
}

fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    let identifier = call.params.optional_text("identifier", 1, LENGTH)?;
    let name = call.params.optional_text("name", 1, 128)?;
    // This backend has no providers.
    if provider(call)?.is_some() {
        position(&user, &call.params.id("targetId")?)?;
        return Err(ErrorKind::ProviderNotFound.into());
    }
    update_target(call, &user.id, identifier, name)
}

fn update_push(call: &Call<'_>) -> Result<Reply, ApiError> {
    let identifier = call.params.text("identifier", 1, LENGTH)?;
    update_target(call, &own_id(call)?, Some(identifier), Some(call.device().name()))
}

fn update_target(
    call: &Call<'_>,
    user_id: &str,
    identifier: Option<String>,
    name: Option<String>,
) -> Result<Reply, ApiError> {
    let id = call.params.id("targetId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = user::find(changes, user_id)?.ok_or(ErrorKind::UserNotFound)?;
        let at = position(&user, &id)?;
        let target = &mut user.targets[at];
        if let Some(identifier) = identifier {
            check(target.kind, &identifier)?;
            if target.identifier != identifier && is_taken(changes, "identifier", &identifier)? {
                return Err(ErrorKind::UserTargetAlreadyExists.into());
            }
            target.identifier = identifier;
        }
        target.name = name.or_else(|| target.name.take());
        target.updated_at = call.now;
        let target = target.clone();
        user::update(changes, &user)?;
        Ok(Reply::ok(tell(changes, &user, &target, "update")))
    })
}

fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    remove(call, &user.id)
}

fn delete_push(call: &Call<'_>) -> Result<Reply, ApiError> {
    remove(call, &own_id(call)?)
}

fn remove(call: &Call<'_>, user_id: &str) -> Result<Reply, ApiError> {
    let id = call.params.id("targetId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = user::find(changes, user_id)?.ok_or(ErrorKind::UserNotFound)?;
        let target = user.targets.remove(position(&user, &id)?);
        user::update(changes, &user)?;
        tell(changes, &user, &target, "delete");
        Ok(Reply::empty())
    })
}

fn check(kind: TargetKind, identifier: &str) -> Result<(), ApiError> {
    match kind {
        TargetKind::Email if !is_email(identifier) => Err(ErrorKind::GeneralInvalidEmail.into()),
        TargetKind::Sms if !is_phone(identifier) => Err(ErrorKind::GeneralInvalidPhone.into()),
        _ => Ok(()),
    }
}

fn own_id(call: &Call<'_>) -> Result<String, ApiError> {
    call.caller.user_id().map(str::to_owned).ok_or_else(|| ErrorKind::GeneralAccessForbidden.into())
}

fn position(user: &User, id: &str) -> Result<usize, ApiError> {
    let found = user.targets.iter().position(|target| target.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| ErrorKind::UserTargetNotFound.into())
}

fn is_taken(db: &Connection, field: &str, value: &str) -> Result<bool, ApiError> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM users, json_each(users.document, '$.targets') AS target
         WHERE json_extract(target.value, '$.{field}') = ?1 COLLATE NOCASE)"
    );
    Ok(db.query_row(&sql, [value], |row| row.get(0))?)
}

fn tell(changes: &mut Changes<'_>, user: &User, target: &Target, what: &str) -> Value {
    let wire = target.wire(&user.id);
    changes.emit(Event {
        name: format!("users.{}.targets.{}.{what}", user.id, target.id),
        payload: wire.clone(),
        read_roles: vec![format!("user:{}", user.id)],
    });
    wire
}
