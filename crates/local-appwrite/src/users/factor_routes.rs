//! The routes by which an API key reads and changes users' second factors and identities.

use serde_json::{Value, json};

use super::{
    changes::{emit_payload, requested},
    user,
};
use crate::{
    ApiError, ErrorKind, Profile, account,
    http::{Call, Reply, Route},
    oauth2::identity,
    tables::objects::Search,
};

/// The routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    const READ: &[&str] = &["users.read"];
    const WRITE: &[&str] = &["users.write"];
    let mut routes = vec![
        Route::get("/users/{userId}/mfa/factors", factors).scope(READ),
        Route::get("/users/{userId}/mfa/recovery-codes", recovery_codes).scope(READ),
        Route::patch("/users/{userId}/mfa/recovery-codes", create_recovery_codes).scope(WRITE),
        Route::put("/users/{userId}/mfa/recovery-codes", regenerate_recovery_codes).scope(WRITE),
        Route::delete("/users/{userId}/mfa/authenticators/{type}", delete_authenticator).scope(WRITE),
        Route::get("/users/identities", identities).scope(READ),
        Route::delete("/users/identities/{identityId}", delete_identity).scope(WRITE),
    ];
    if profile == Profile::Two {
        routes.push(Route::get("/users/{userId}/mfa/challenges/{challengeId}", challenge).scope(READ));
    }
    routes
}

fn challenge(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    account::challenge_of(call, &user)
}

fn factors(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    account::factors_of(call, &user)
}

fn recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = requested(call)?;
    if user.recovery_codes.is_empty() {
        return Err(ErrorKind::UserRecoveryCodesNotFound.into());
    }
    Ok(Reply::ok(json!({"recoveryCodes": user.recovery_codes})))
}

fn create_recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    set_recovery_codes(call, "create.mfa", |codes| match codes.is_empty() {
        true => Ok(()),
        false => Err(ErrorKind::UserRecoveryCodesAlreadyExists),
    })
}

fn regenerate_recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    set_recovery_codes(call, "update.mfa", |codes| match codes.is_empty() {
        true => Err(ErrorKind::UserRecoveryCodesNotFound),
        false => Ok(()),
    })
}

fn set_recovery_codes(
    call: &Call<'_>,
    what: &str,
    check: fn(&[String]) -> Result<(), ErrorKind>,
) -> Result<Reply, ApiError> {
    let id = requested(call)?.id;
    let codes = account::new_recovery_codes();
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = user::find(changes, &id)?.ok_or(ErrorKind::UserNotFound)?;
        check(&user.recovery_codes)?;
        user.recovery_codes.clone_from(&codes);
        user.updated_at = call.now;
        user::update(changes, &user)?;
        let answer = json!({"recoveryCodes": codes});
        emit_payload(changes, &user.id, what, answer.clone());
        Ok(Reply::ok(answer))
    })
}

fn delete_authenticator(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.params.choice("type", &["totp"])?;
    let user = requested(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        if !account::remove_authenticator(changes, &user.id)? {
            return Err(ErrorKind::UserAuthenticatorNotFound.into());
        }
        emit_payload(changes, &user.id, "delete.mfa", user.admin_event_payload(call.profile()));
        Ok(Reply::empty())
    })
}

fn identities(call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = Search::of(call)?;
    let mut all = call.state.store().read(identity::all)?;
    all.retain(|identity| {
        let texts = [&identity.user_id, &identity.provider, &identity.provider_uid, &identity.provider_email];
        search.finds(&texts.map(String::as_str))
    });
    identity::page(call, &all)
}

fn delete_identity(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("identityId")?;
    call.state.store().write(call.state.hub(), |changes| {
        let all = identity::all(changes)?;
        let identity = all.iter().find(|identity| identity.id == id).ok_or(ErrorKind::UserIdentityNotFound)?;
        identity::remove(changes, &id)?;
        let payload: Value = identity.wire();
        emit_payload(changes, &identity.user_id, &format!("identities.{id}.delete"), payload);
        Ok(Reply::empty())
    })
}
