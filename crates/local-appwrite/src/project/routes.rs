//! `GET` and `PATCH /project/policies/:id`: an API key reads and changes policies. Changes last until the backend
//! stops.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Policies, PwnedPasswords, SecondFactors};
use crate::{
    ApiError, AuthMethod, Profile,
    http::{Call, Reply, Route},
    passkeys::{self, RelyingParty},
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
        Route::get("/project", project).scope(&["project.read"]),
        Route::patch("/project/auth-methods/{methodId}", auth_method).scope(&["project.write"]),
        Route::get("/project/policies/{policyId}", get).scope(READ),
        Route::patch("/project/policies/password-personal-data", personal_data).scope(WRITE),
        Route::patch("/project/policies/password-dictionary", dictionary).scope(WRITE),
        Route::patch("/project/policies/password-history", history).scope(WRITE),
        Route::patch("/project/policies/password-strength", strength).scope(WRITE),
        Route::patch("/project/policies/session-limit", session_limit).scope(WRITE),
    ];
    if profile == Profile::Two {
        routes.push(Route::patch("/project/policies/password-rotation", rotation).scope(WRITE));
        routes.push(Route::patch("/project/policies/password-pwned", pwned).scope(WRITE));
        routes.push(Route::patch("/project/policies/passkey", passkey).scope(WRITE));
        routes.push(Route::patch("/project/policies/mfa-factors", factors).scope(WRITE));
    }
    routes
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    const IDS: &[&str] = &[
        "password-dictionary",
        "password-history",
        "password-strength",
        "password-personal-data",
        "session-limit",
        "password-rotation",
        "password-pwned",
        "passkey",
        "mfa-factors",
    ];
    const OLD: usize = 5;
    let known = if call.profile() == Profile::Two { IDS } else { &IDS[..OLD] };
    let id = call.params.choice("policyId", known)?;
    if id == "passkey" {
        let rp = RelyingParty::of_policy(call.state);
        return Ok(Reply::ok(json!({"$id": id, "rpId": rp.id, "origins": rp.origins})));
    }
    Ok(Reply::ok(wire(id, &call.state.policies(), call.profile())))
}

fn wire(id: &str, policies: &Policies, profile: Profile) -> Value {
    let strength = &policies.strength;
    let with_list = |is_on: bool, denied: &[String]| match profile {
        Profile::Two => json!({"$id": id, "enabled": is_on, "denyList": denied}),
        _ => json!({"$id": id, "enabled": is_on}),
    };
    match id {
        "password-personal-data" => with_list(policies.personal_data, &policies.denied_terms),
        "password-dictionary" => with_list(policies.dictionary, &policies.denied_passwords),
        "password-history" => json!({"$id": id, "total": policies.history}),
        "password-rotation" => json!({
            "$id": id,
            "enabled": policies.rotation.is_some(),
            "maxAge": policies.rotation.map_or(DEFAULT_AGE.unsigned_abs(), |age| age.as_secs()),
        }),
        "password-pwned" => json!({
            "$id": id,
            "enabled": policies.pwned.is_looked_up,
            "sessions": policies.pwned.at_sign_in,
            "users": policies.pwned.as_new,
        }),
        "session-limit" => json!({"$id": id, "total": policies.session_limit.unwrap_or(0)}),
        "mfa-factors" => {
            let SecondFactors { totp, email, phone, custom } = policies.factors;
            json!({"$id": id, "totp": totp, "email": email, "phone": phone, "custom": custom})
        }
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

/// `GET /project`. Of the project's fields, this backend has the id, the name and the sign-in methods.
fn project(call: &Call<'_>) -> Result<Reply, ApiError> {
    let methods: Vec<Value> = methods_of(call)
        .map(|method| json!({"$id": method.id(), "enabled": !call.state.is_disabled(method)}))
        .collect();
    let id = &call.state.settings().project_id;
    Ok(Reply::ok(json!({"$id": id, "name": call.project_name(), "authMethods": methods})))
}

/// Omits passkeys on servers before 2.5, and for SDKs up to 2.3.
fn methods_of(call: &Call<'_>) -> impl Iterator<Item = AuthMethod> {
    let has_passkeys = call.profile() == Profile::Two && !call.wants_format_before([2, 3, 1]);
    AuthMethod::ALL.into_iter().filter(move |method| has_passkeys || *method != AuthMethod::Passkey)
}

/// `PATCH /project/auth-methods/:id`.
fn auth_method(call: &Call<'_>) -> Result<Reply, ApiError> {
    let ids = AuthMethod::ALL.map(AuthMethod::id);
    let known = if call.profile() == Profile::Two { &ids[..] } else { &ids[..ids.len() - 1] };
    let id = call.params.choice("methodId", known)?;
    let is_on = call.params.boolean("enabled")?;
    for method in AuthMethod::ALL.into_iter().filter(|method| method.id() == id) {
        call.state.switch_method(method, is_on);
    }
    project(call)
}

fn changed(call: &Call<'_>, change: impl FnOnce(&mut Policies)) -> Result<Reply, ApiError> {
    call.state.change_policies(change);
    project(call)
}

fn personal_data(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("enabled")?;
    let denied = deny_list(call)?;
    changed(call, |policies| {
        policies.personal_data = is_on;
        policies.denied_terms = denied.unwrap_or_else(|| std::mem::take(&mut policies.denied_terms));
    })
}

/// Since 2.6, a policy may list further terms; `None` leaves them unchanged.
fn deny_list(call: &Call<'_>) -> Result<Option<Vec<String>>, ApiError> {
    let is_sent = call.profile() == Profile::Two && call.params.raw("denyList").is_some();
    is_sent.then(|| call.params.texts("denyList", 1000, 256)).transpose()
}

fn dictionary(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("enabled")?;
    let denied = deny_list(call)?;
    changed(call, |policies| {
        policies.dictionary = is_on;
        policies.denied_passwords = denied.unwrap_or_else(|| std::mem::take(&mut policies.denied_passwords));
    })
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

fn pwned(call: &Call<'_>) -> Result<Reply, ApiError> {
    let own = call.state.policies().pwned;
    let wanted = PwnedPasswords {
        is_looked_up: call.params.boolean_or("enabled", true)?,
        at_sign_in: call.params.boolean_or("sessions", own.at_sign_in)?,
        as_new: call.params.boolean_or("users", own.as_new)?,
    };
    changed(call, |policies| policies.pwned = wanted)
}

fn factors(call: &Call<'_>) -> Result<Reply, ApiError> {
    let own = call.state.policies().factors;
    let wanted = SecondFactors {
        totp: call.params.boolean_or("totp", own.totp)?,
        email: call.params.boolean_or("email", own.email)?,
        phone: call.params.boolean_or("phone", own.phone)?,
        custom: call.params.boolean_or("custom", own.custom)?,
    };
    changed(call, |policies| policies.factors = wanted)
}

/// The relying party's id cannot change while passkeys belong to it.
fn passkey(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rp_id = call.params.text("rpId", 0, 253)?;
    if !rp_id.is_empty() && !passkeys::is_rp_id(&rp_id) {
        return Err(ApiError::invalid_param("rpId", "Value must be a registrable domain or localhost"));
    }
    let is_new = call.state.policies().passkey_rp_id != rp_id;
    if is_new && call.state.store().read(|db| passkeys::is_rp_in_use(db, call.now))? {
        return Err(ApiError::invalid_param("rpId", "The relying party cannot change while users have passkeys"));
    }
    changed(call, |policies| policies.passkey_rp_id = rp_id)
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
    Ok(Reply::ok(wire("password-strength", &call.state.policies(), call.profile())))
}
