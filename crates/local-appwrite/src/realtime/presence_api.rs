//! The HTTP API of presences.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::frame::{PresenceMessage, Refusal};
use super::presence::PresenceChange;
use crate::clock::after;
use crate::http::{Call, Reply, Route};
use crate::tables::{Kind, objects};
use crate::{ApiError, ErrorKind, Profile, users};

/// The longest status.
const MAX_STATUS_LENGTH: usize = 255;

/// The default and the maximum lifetime of a presence.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The routes of the presences service. Servers before 1.9.5 have none.
pub fn routes(profile: Profile) -> Vec<Route> {
    const READ: &[&str] = &["presences.read"];
    const WRITE: &[&str] = &["presences.write"];
    match profile {
        Profile::OneFive | Profile::OneSix | Profile::OneEight => Vec::new(),
        _ => vec![
            Route::get("/presences", list).scope(READ),
            Route::get("/presences/{presenceId}", get).scope(READ),
            Route::put("/presences/{presenceId}", upsert).scope(WRITE),
            Route::patch("/presences/{presenceId}", update).scope(WRITE),
            Route::delete("/presences/{presenceId}", delete).scope(WRITE),
        ],
    }
}

/// `GET /presences`: those that the caller may read, oldest first; an API key reads all. Takes conditions and orders of
/// `userId`, `status`, `source`, `expiresAt` and the dates, `limit`, `offset` and `total`.
fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut fields = ["userId", "status", "source"].map(|key| objects::text(call, key)).to_vec();
    fields.push(objects::field(call, "expiresAt", Kind::Datetime));
    // Accepts the parameter for caching, but always reads.
    call.params.range_or("ttl", 0, 86_400, 0)?;
    let presences = call.state.hub().presences(roles(call).as_deref());
    objects::page(call, presences, &fields, "Presence", "presences")
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    allowed(call, "read").map(Reply::ok)
}

/// `PUT /presences/:id`: the caller's own presence, or with an API key that of any user.
fn upsert(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("presenceId")?;
    let named = named_user(call)?;
    let status = call.params.text("status", 1, MAX_STATUS_LENGTH)?;
    let permissions = permissions(call)?;
    let expires_at = expires_at(call)?.unwrap_or_else(|| after(call.now, LIFETIME));
    let metadata = Some(metadata(call)?.unwrap_or_else(|| Value::Object(serde_json::Map::new())));
    let own = call.caller.user_id().filter(|_| !call.caller.is_key()).map(str::to_owned);
    let user_id = named
        .or(own)
        .ok_or_else(|| ApiError::new(ErrorKind::GeneralBadRequest, "userId is required for API key authentication"))?;
    let message = PresenceMessage { id, status, metadata, permissions };
    let put = call.state.hub().put_presence(&user_id, roles(call).as_deref(), message, expires_at);
    put.map(Reply::ok).map_err(refused)
}

fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("presenceId")?;
    let user_id = named_user(call)?;
    let status = call.params.optional_text("status", 1, MAX_STATUS_LENGTH)?;
    let (expires_at, metadata, permissions) = (expires_at(call)?, metadata(call)?, permissions(call)?);
    call.params.loose_boolean_or("purge", false)?;
    let present = allowed(call, "update")?;
    if user_id.is_none() && status.is_none() && expires_at.is_none() && metadata.is_none() && permissions.is_none() {
        return Ok(Reply::ok(present));
    }
    let change = PresenceChange { user_id, status, expires_at, metadata, permissions };
    call.state.hub().update_presence(&id, roles(call).as_deref(), change).map(Reply::ok).map_err(refused)
}

fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    allowed(call, "delete")?;
    call.state.hub().remove_presence(&call.params.id("presenceId")?);
    Ok(Reply::empty())
}

/// The caller's roles; none for an API key, which may do everything.
fn roles(call: &Call<'_>) -> Option<Vec<String>> {
    (!call.caller.is_key()).then(|| call.caller.roles())
}

fn allowed(call: &Call<'_>, action: &str) -> Result<Value, ApiError> {
    let id = call.params.id("presenceId")?;
    call.state.hub().presence(&id, action, roles(call).as_deref()).map_err(refused)
}

/// The user for whom an API key acts.
fn named_user(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(id) = call.params.raw("userId").map(|_| call.params.id("userId")).transpose()? else {
        return Ok(None);
    };
    if !call.caller.is_key() {
        let message = "userId is not allowed for non-API key and non-privileged users";
        return Err(ApiError::new(ErrorKind::GeneralUnauthorizedScope, message));
    }
    let user = call.state.store().read(|db| users::find(db, &id))?.ok_or(ErrorKind::UserNotFound)?;
    Ok(Some(user.id))
}

fn metadata(call: &Call<'_>) -> Result<Option<Value>, ApiError> {
    call.params.raw("metadata").map(|_| call.params.object("metadata").map(Value::Object)).transpose()
}

fn permissions(call: &Call<'_>) -> Result<Option<Vec<String>>, ApiError> {
    call.params.raw("permissions").map(|_| call.params.required_texts("permissions", 100, 1024)).transpose()
}

fn expires_at(call: &Call<'_>) -> Result<Option<Timestamp>, ApiError> {
    let why = || ApiError::invalid_param("expiresAt", "Value must be valid date in the future and within 30 days.");
    let Some(value) = call.params.raw("expiresAt") else {
        return Ok(None);
    };
    let at = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    at.filter(|at| *at > call.now && *at <= after(call.now, MAX_LIFETIME)).map(Some).ok_or_else(why)
}

/// Converts a Realtime error to an HTTP error.
fn refused(refusal: Refusal) -> ApiError {
    match (refusal.code, refusal.message.is_empty()) {
        (404, _) => ErrorKind::PresenceNotFound.into(),
        (409, _) => ApiError::new(ErrorKind::PresenceAlreadyExists, refusal.message),
        (401, true) => ErrorKind::UserUnauthorized.into(),
        (401, false) => ApiError::new(ErrorKind::UserUnauthorized, refusal.message),
        _ => ApiError::new(ErrorKind::GeneralArgumentInvalid, refusal.message),
    }
}
