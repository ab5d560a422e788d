//! The second factor: turning it on and off, authenticator apps, recovery codes.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{emit, profile::change, user};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply},
    identity::{secret, totp::Totp},
    sessions,
    users::{self, User},
};

/// The number of recovery codes, and the length of each.
const RECOVERY_CODES: (usize, usize) = (6, 10);

/// An authenticator app of a user. Has no `Debug`: it holds the shared secret.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Authenticator {
    id: String,
    totp: Totp,
    pub(super) is_verified: bool,
}

impl Authenticator {
    pub(super) fn accepts(&self, code: &str, call: &Call<'_>) -> bool {
        self.totp.accepts(code, call.now)
    }
}

/// `PATCH /account/mfa`.
pub fn switch(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_on = call.params.boolean("mfa")?;
    change(call, "update.mfa", |user, changes| {
        user.mfa = is_on;
        // Like Appwrite, counts the factors that the session has so far, so that the user stays signed in.
        if let Some(session) = call.caller.session.as_ref().filter(|_| is_on) {
            let mut session = session.clone();
            let app = authenticator(changes, &user.id)?;
            let proven = [
                ("totp", app.is_some_and(|app| app.is_verified)),
                ("email", user.email.is_some() && user.email_verification),
                ("phone", user.phone.is_some() && user.phone_verification),
            ];
            for (factor, _) in proven.into_iter().filter(|(_, is_proven)| *is_proven) {
                session.gain(factor);
            }
            sessions::update(changes, &session)?;
        }
        Ok(())
    })
}

/// `GET /account/mfa/factors`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    of_user(call, user(call)?)
}

/// The factors of one user.
pub(crate) fn of_user(call: &Call<'_>, user: &User) -> Result<Reply, ApiError> {
    let authenticator = call.state.store().read(|db| authenticator(db, &user.id))?;
    let allowed = call.state.policies().factors;
    let mut factors = json!({
        "totp": allowed.totp && authenticator.is_some_and(|authenticator| authenticator.is_verified),
        "phone": allowed.phone && user.phone.is_some() && user.phone_verification,
        "email": allowed.email && user.email.is_some() && user.email_verification,
        "recoveryCode": !user.recovery_codes.is_empty(),
    });
    if call.profile() == Profile::Two {
        // Includes the factor even if nobody delivers its codes.
        factors["custom"] = allowed.custom.into();
    }
    Ok(Reply::ok(factors))
}

/// `POST /account/mfa/authenticators/totp`.
pub fn create_authenticator(call: &Call<'_>) -> Result<Reply, ApiError> {
    only_totp(call)?;
    let user = user(call)?;
    let totp = Totp::generate();
    let fresh = Authenticator { id: secret::id(call.now), totp: totp.clone(), is_verified: false };
    call.state.store().write::<_, ApiError>(call.state.hub(), |changes| {
        if authenticator(changes, &user.id)?.is_some_and(|authenticator| authenticator.is_verified) {
            return Err(ErrorKind::UserAuthenticatorAlreadyVerified.into());
        }
        remove(changes, &user.id)?;
        keep(changes, &user.id, &fresh)
    })?;
    let account = user.email.as_deref().or(user.phone.as_deref()).unwrap_or(&user.id);
    Ok(Reply::ok(json!({
        "secret": totp.secret(),
        "uri": totp.uri(&call.project_name(), account),
    })))
}

/// `PUT /account/mfa/authenticators/totp`.
pub fn verify_authenticator(call: &Call<'_>) -> Result<Reply, ApiError> {
    only_totp(call)?;
    let code = call.params.text("otp", 1, 256)?;
    let session = call.caller.session.clone();
    change(call, "update.mfa", |user, changes| {
        let mut found = authenticator(changes, &user.id)?.ok_or(ErrorKind::UserAuthenticatorNotFound)?;
        if found.is_verified {
            return Err(ErrorKind::UserAuthenticatorAlreadyVerified.into());
        }
        if !found.accepts(&code, call) {
            return Err(ErrorKind::UserInvalidToken.into());
        }
        found.is_verified = true;
        keep(changes, &user.id, &found)?;
        if let Some(mut session) = session {
            session.gain("totp");
            sessions::update(changes, &session)?;
        }
        Ok(())
    })
}

/// `DELETE /account/mfa/authenticators/totp`.
pub fn delete_authenticator(call: &Call<'_>) -> Result<Reply, ApiError> {
    only_totp(call)?;
    let user = user(call)?;
    call.state.store().write(call.state.hub(), |changes| {
        if !remove(changes, &user.id)? {
            return Err(ErrorKind::UserAuthenticatorNotFound.into());
        }
        emit(changes, &user.id, "delete.mfa", user.event_payload(call.profile()));
        Ok(Reply::empty())
    })
}

/// `POST /account/mfa/recovery-codes`.
pub fn create_recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    let codes = new_codes();
    let shown = codes.clone();
    change(call, "update.mfa", |user, _| {
        if !user.recovery_codes.is_empty() {
            return Err(ErrorKind::UserRecoveryCodesAlreadyExists.into());
        }
        user.recovery_codes = codes;
        Ok(())
    })?;
    Ok(Reply::created(json!({"recoveryCodes": shown})))
}

/// `PATCH /account/mfa/recovery-codes`.
pub fn regenerate_recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    let codes = new_codes();
    let shown = codes.clone();
    change(call, "update.mfa", |user, _| {
        if user.recovery_codes.is_empty() {
            return Err(ErrorKind::UserRecoveryCodesNotFound.into());
        }
        user.recovery_codes = codes;
        Ok(())
    })?;
    Ok(Reply::ok(json!({"recoveryCodes": shown})))
}

/// `GET /account/mfa/recovery-codes`.
pub fn recovery_codes(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    if user.recovery_codes.is_empty() {
        return Err(ErrorKind::UserRecoveryCodesNotFound.into());
    }
    Ok(Reply::ok(json!({"recoveryCodes": user.recovery_codes})))
}

/// New recovery codes.
pub(crate) fn new_codes() -> Vec<String> {
    let (count, digits) = RECOVERY_CODES;
    (0..count).map(|_| secret::hex(digits)).collect()
}

fn only_totp(call: &Call<'_>) -> Result<(), ApiError> {
    call.params.choice("type", &["totp"]).map(drop)
}

/// Returns true if the user has a second factor. Recovery codes alone do not count.
pub(crate) fn has_more_factors(db: &Connection, user: &User) -> Result<bool, ApiError> {
    if user.email_verification || user.phone_verification {
        return Ok(true);
    }
    Ok(authenticator(db, &user.id)?.is_some_and(|authenticator| authenticator.is_verified))
}

/// The user's authenticator app, verified or not.
pub(super) fn authenticator(db: &Connection, user_id: &str) -> Result<Option<Authenticator>, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM authenticators WHERE user_id = ?1 AND kind = 'totp'", [user_id], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn keep(db: &Connection, user_id: &str, authenticator: &Authenticator) -> Result<(), ApiError> {
    db.execute(
        "INSERT OR REPLACE INTO authenticators (id, user_id, kind, document) VALUES (?1, ?2, 'totp', ?3)",
        params![authenticator.id, user_id, serde_json::to_string(authenticator)?],
    )?;
    Ok(())
}

/// Adds a verified authenticator app to the user.
pub(crate) fn install(db: &Connection, user_id: &str, totp: Totp, now: Timestamp) -> Result<(), ApiError> {
    keep(db, user_id, &Authenticator { id: secret::id(now), totp, is_verified: true })
}

/// Deletes the user's authenticator app. Returns false if there is none.
pub(crate) fn remove(db: &Connection, user_id: &str) -> Result<bool, ApiError> {
    Ok(db.execute("DELETE FROM authenticators WHERE user_id = ?1", [user_id])? > 0)
}

/// Uses up a recovery code. Returns false if `code` is not one of the user's.
pub(super) fn spend_recovery_code(db: &Connection, user_id: &str, code: &str) -> Result<bool, ApiError> {
    let Some(mut user) = users::find(db, user_id)? else {
        return Ok(false);
    };
    let before = user.recovery_codes.len();
    user.recovery_codes.retain(|own| own != code);
    users::update(db, &user)?;
    Ok(user.recovery_codes.len() < before)
}
