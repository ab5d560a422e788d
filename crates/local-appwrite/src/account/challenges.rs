//! The second-factor challenge at sign-in.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    emit, factors,
    tokens::{require_sms, require_smtp},
    user,
};
use crate::{
    ApiError, ErrorKind, Profile, clock,
    http::{Call, Reply},
    identity::secret,
    outbox::{self, Message, Sender},
    sessions,
    store::Changes,
    users::User,
};

const LIFETIME: Duration = Duration::from_secs(3600);
const FACTORS: [&str; 5] = ["email", "phone", "totp", "recoveryCode", "custom"];
/// Before 2.0, Appwrite had no custom factor.
const OLD_FACTORS: usize = 4;

#[derive(Serialize, Deserialize)]
struct Challenge {
    id: String,
    factor: String,
    /// The hash of the code, for factors that send one.
    code_hash: Option<String>,
    /// The code of a custom factor, which a key may read.
    #[serde(default)]
    code: Option<String>,
    created_at: Timestamp,
    expire: Timestamp,
}

impl Challenge {
    fn wire(&self, user_id: &str) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "userId": user_id,
            "expire": clock::wire(self.expire),
        })
    }
}

/// `POST /account/mfa/challenges`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let known = if call.profile() == Profile::Two { &FACTORS[..] } else { &FACTORS[..OLD_FACTORS] };
    let factor = call.params.choice("factor", known)?;
    check_policy(call, factor)?;
    let user = user(call)?;
    let code = secret::code(6);
    let message = prepare(call, user, factor, &code)?;
    let challenge = Challenge {
        id: secret::id(call.now),
        factor: factor.to_owned(),
        code_hash: message.is_some().then(|| secret::hash(&code)),
        code: (factor == "custom").then_some(code),
        created_at: call.now,
        expire: clock::after(call.now, LIFETIME),
    };
    call.state.store().write(call.state.hub(), |changes| {
        changes.execute(
            "INSERT INTO challenges (id, user_id, document) VALUES (?1, ?2, ?3)",
            params![challenge.id, user.id, serde_json::to_string(&challenge)?],
        )?;
        emit(changes, &user.id, &format!("challenges.{}.create", challenge.id), challenge.wire(&user.id));
        if let Some(message) = &message {
            outbox::keep(changes, call.now, message)?;
        }
        Ok(Reply::created(challenge.wire(&user.id)))
    })
}

/// Refuses a factor that the project's policy has switched off.
fn check_policy(call: &Call<'_>, factor: &str) -> Result<(), ApiError> {
    match call.state.policies().factors.allow(factor) {
        true => Ok(()),
        false => Err(ErrorKind::UserAuthMethodUnsupported.into()),
    }
}

/// Checks that the user has the factor. Returns the message with the code, if the factor sends one.
fn prepare(call: &Call<'_>, user: &User, factor: &str, code: &str) -> Result<Option<Message>, ApiError> {
    match factor {
        "email" => {
            require_smtp(call)?;
            let email = user.email.as_deref().ok_or(ErrorKind::UserEmailNotFound)?;
            if !user.email_verification {
                return Err(ErrorKind::UserEmailNotVerified.into());
            }
            Ok(Some(Sender::of(call).factor_code(email, code)))
        }
        "phone" => {
            require_sms(call)?;
            let phone = user.phone.as_deref().ok_or(ErrorKind::UserPhoneNotFound)?;
            if !user.phone_verification {
                return Err(ErrorKind::UserPhoneNotVerified.into());
            }
            Ok(Some(Sender::of(call).sms_code(phone, code)))
        }
        _ => Ok(None),
    }
}

/// `PUT /account/mfa/challenges`. Adds the factor to the session, which keeps its secret.
pub fn complete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.text("challengeId", 1, 256)?;
    let given = call.params.text("otp", 1, 256)?;
    let user = user(call)?;
    let own = call.caller.session.clone().ok_or(ErrorKind::UserSessionNotFound)?;
    call.state.store().write(call.state.hub(), |changes| {
        let challenge = find(changes, &user.id, &id)?
            .filter(|challenge| call.now < challenge.expire)
            .ok_or(ErrorKind::UserInvalidToken)?;
        check_policy(call, &challenge.factor)?;
        if !is_met(changes, call, user, &challenge, &given)? {
            return Err(ErrorKind::UserInvalidToken.into());
        }
        changes.execute("DELETE FROM challenges WHERE id = ?1", [&id])?;
        let mut session = own;
        // Appwrite returns `$updatedAt` of the previous change, and the factor's time as stored.
        let mut wire = session.bare_wire();
        session.gain(&challenge.factor);
        session.mfa_updated_at = Some(call.now);
        session.updated_at = call.now;
        sessions::update(changes, &session)?;
        wire["factors"] = json!(session.factors);
        wire["mfaUpdatedAt"] = clock::database(call.now).into();
        // Appwrite sends the event of a new session here.
        emit(changes, &user.id, &format!("sessions.{}.create", session.id), wire.clone());
        Ok(match call.profile() {
            Profile::OneFive => Reply::empty(),
            _ => Reply::ok(wire),
        })
    })
}

fn is_met(
    changes: &Changes<'_>,
    call: &Call<'_>,
    user: &User,
    challenge: &Challenge,
    given: &str,
) -> Result<bool, ApiError> {
    match challenge.factor.as_str() {
        "totp" => Ok(factors::authenticator(changes, &user.id)?
            .is_some_and(|authenticator| authenticator.is_verified && authenticator.accepts(given, call))),
        "recoveryCode" => factors::spend_recovery_code(changes, &user.id, given),
        "custom" => Ok(challenge.code.as_deref() == Some(given)),
        _ => Ok(challenge.code_hash.as_deref() == Some(secret::hash(given).as_str())),
    }
}

/// `GET /users/:userId/mfa/challenges/:challengeId`: the code of a custom factor, for the server that delivers it.
pub(crate) fn of_user(call: &Call<'_>, user: &User) -> Result<Reply, ApiError> {
    let id = call.params.text("challengeId", 1, 256)?;
    let found = call.state.store().read(|db| find(db, &user.id, &id))?;
    let challenge = found.filter(|challenge| call.now < challenge.expire).ok_or(ErrorKind::UserInvalidToken)?;
    let code = challenge.code.as_deref().ok_or(ErrorKind::UserInvalidToken)?;
    let mut wire = challenge.wire(&user.id);
    wire["code"] = code.into();
    Ok(Reply::ok(wire))
}

fn find(db: &Connection, user_id: &str, id: &str) -> Result<Option<Challenge>, ApiError> {
    let document: Option<String> = db
        .query_row("SELECT document FROM challenges WHERE user_id = ?1 AND id = ?2", [user_id, id], |row| row.get(0))
        .optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}
