//! `GET` and `PATCH /project/policies/:id`: read and changed by an API key, in force until the stop.

use std::time::Duration;

use serde_json::{Value, json};

use super::Policies;
use crate::{
    ApiError, Profile,
    http::{Call, Reply, Route},
};

const READ: &[&str] = &["policies.read", "project.policies.read"];
const WRITE: &[&str] = &["policies.write", "project.policies.write"];

/// The default maximum age of a password in seconds: a year.
const DEFAULT_AGE: i64 = 31_536_000;

/// The routes of the project's policies.
pub(crate) fn routes(profile: Profile) -> Vec<Route> {
    if profile < Profile::OneNine {
        return Vec::new();
    }
    let mut routes = vec![
        Route::get("/project/policies/{policyId}", get).scope(READ),
        Route::patch("/project/policies/password-personal-data", personal_data).scope(WRITE),
        Route::patch("/project/policies/password-dictionary", dictionary).scope(WRITE),
        Route::patch("/project/policies/password-history", history).scope(WRITE),
        Route::patch("/project/policies/password-strength", strength).scope(WRITE),
        Route::patch("/project/policies/session-limit", session_limit).scope(WRITE),
    ];
    if profile == Profile::Two {
        routes.push(Route::patch("/project/policies/password-rotation", rotation).scope(WRITE));
    }
    routes
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    const IDS: &[&str] = &[
        "password-dictionary",
        "password-history",
        "password-strength",
        "password-personal-data",
        "password-rotation",
        "session-limit",
    ];
    let id = call.params.choice("policyId", IDS)?;
    Ok(Reply::ok(wire(id, &call.state.policies())))
}

fn wire(id: &str, policies: &Policies) -> Value {
    let strength = &policies.strength;
    match id {
        "password-personal-data" => json!({"$id": id, "enabled": policies.personal_data}),
        "password-dictionary" => json!({"$id": id, "enabled": policies.dictionary}),
        "password-history" => json!({"$id": id, "total": policies.history}),
        "password-rotation" => json!({
            "$id": id,
            "enabled": policies.rotation.is_some(),
            "maxAge": policies.rotation.map_or(DEFAULT_AGE.unsigned_abs(), |age| age.as_secs()),
        }),
        "session-limit" => json!({"$id": id, "total": policies.session_limit.unwrap_or(0)}),
        _ => json!({
            "$id": id,
            "min": strength.min,
            "uppercase": strength.uppercase,
            "lowercase": strength.lowercase,
            "number": strength.number,
            "symbols": strength.symbols,
        }),
    }
}

/// Appwrite answers the whole project, of which this backend has the id and the name.
fn changed(call: &Call<'_>, change: impl FnOnce(&mut Policies)) -> Result<Reply, ApiError> {
    call.state.change_policies(change);
    Ok(Reply::ok(json!({"$id": call.state.settings().project_id, "name": call.project_name()})))
}

fn personal_data(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("enabled")?;
    changed(call, |policies| policies.personal_data = is_on)
}

fn dictionary(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("enabled")?;
    changed(call, |policies| policies.dictionary = is_on)
}

fn history(call: &Call<'_>) -> Result<Reply, ApiError> {
    let total = call.params.range_or_null("total", 1, 20)?.unwrap_or(0);
    changed(call, |policies| policies.history = usize::try_from(total).unwrap_or(0))
}

fn session_limit(call: &Call<'_>) -> Result<Reply, ApiError> {
    let total = call.params.range("total", 1, 100)?;
    changed(call, |policies| policies.session_limit = usize::try_from(total).ok())
}

fn rotation(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean_or("enabled", true)?;
    let seconds = call.params.range_or("maxAge", 1, i64::from(u32::MAX), DEFAULT_AGE)?;
    changed(call, |policies| policies.rotation = is_on.then(|| Duration::from_secs(seconds.unsigned_abs())))
}

fn strength(call: &Call<'_>) -> Result<Reply, ApiError> {
    let own = call.state.policies().strength;
    let default = i64::try_from(own.min).unwrap_or(8);
    let strength = super::PasswordStrength {
        min: usize::try_from(call.params.range_or("min", 8, 256, default)?).unwrap_or(8),
        uppercase: call.params.boolean_or("uppercase", own.uppercase)?,
        lowercase: call.params.boolean_or("lowercase", own.lowercase)?,
        number: call.params.boolean_or("number", own.number)?,
        symbols: call.params.boolean_or("symbols", own.symbols)?,
    };
    call.state.change_policies(|policies| policies.strength = strength);
    Ok(Reply::ok(wire("password-strength", &call.state.policies())))
}
