//! Adds a passkey: creates the challenge for the browser, and verifies the response.

use serde_json::{Value, json};

use super::{
    RelyingParty, ceremony,
    challenge::{self, Challenge, Purpose},
    passkey::{self, Passkey, State},
};
use crate::{
    ApiError, ErrorKind,
    account::user,
    http::{Call, Reply},
    identity::secret,
    users::User,
};

/// The maximum number of passkeys per user, including those being added.
const MAX_PASSKEYS: usize = 10;

/// `POST /account/passkeys`.
pub(super) fn start(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let id = call.params.optional_id("passkeyId", call.now)?.unwrap_or_else(|| secret::id(call.now));
    let name = call.params.optional_text("name", 0, 128)?.unwrap_or_default();
    let rp = RelyingParty::of(call)?;
    let challenge = Challenge::new(call, purpose(call, user, &id)?, rp);
    call.state.store().write(call.state.hub(), |changes| {
        match passkey::find(changes, &id)? {
            Some(Passkey { user_id, state: State::Pending { challenge_id }, id, .. }) if user_id == user.id => {
                passkey::remove(changes, &id)?;
                challenge::remove(changes, &challenge_id)?;
            }
            Some(_) => return Err(ErrorKind::UserPasskeyAlreadyExists.into()),
            None => {}
        }
        let (stale, own): (Vec<_>, Vec<_>) =
            passkey::of_user(changes, &user.id)?.into_iter().partition(|passkey| passkey.is_stale(call.now));
        for passkey in stale {
            passkey::remove(changes, &passkey.id)?;
        }
        if own.len() >= MAX_PASSKEYS {
            return Err(ErrorKind::UserPasskeyLimitExceeded.into());
        }
        challenge.insert(changes)?;
        let fresh = Passkey {
            id,
            user_id: user.id.clone(),
            created_at: call.now,
            updated_at: call.now,
            name,
            accessed_at: None,
            user_handle: own.first().map_or_else(challenge::random_text, |passkey| passkey.user_handle.clone()),
            state: State::Pending { challenge_id: challenge.id.clone() },
        };
        passkey::insert(changes, &fresh)?;
        Ok(Reply::created(challenge.wire(options(call, user, &challenge, &fresh.user_handle, &own))))
    })
}

fn purpose(call: &Call<'_>, user: &User, passkey_id: &str) -> Result<Purpose, ApiError> {
    let session = call.caller.session.as_ref().ok_or(ErrorKind::UserSessionNotFound)?;
    Ok(Purpose::Registration {
        user_id: user.id.clone(),
        passkey_id: passkey_id.to_owned(),
        session_id: session.id.clone(),
    })
}

/// The argument of `navigator.credentials.create`, as JSON.
fn options(call: &Call<'_>, user: &User, challenge: &Challenge, user_handle: &str, own: &[Passkey]) -> Value {
    let known = [user.email.as_deref(), user.phone.as_deref(), Some(user.name.as_str())];
    let name = known.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&user.id);
    let display_name = if user.name.is_empty() { name } else { &user.name };
    let exclude: Vec<Value> =
        own.iter().filter_map(Passkey::credential).map(ceremony::Credential::descriptor).collect();
    json!({
        "rp": {"id": challenge.rp.id, "name": call.project_name()},
        "user": {"id": user_handle, "name": name, "displayName": display_name},
        "challenge": challenge.bytes,
        "timeout": 300_000,
        "attestation": "none",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "excludeCredentials": exclude,
    })
}

/// `PUT /account/passkeys/:id/verification`.
pub(super) fn complete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let id = call.params.id("passkeyId")?;
    let sent = call.params.object("credential")?;
    let pending = call.state.store().read(|db| passkey::find(db, &id))?.filter(|passkey| passkey.user_id == user.id);
    let Some(Passkey { state: State::Pending { challenge_id }, id, .. }) = pending else {
        return Err(ErrorKind::UserPasskeyNotFound.into());
    };
    let rp = RelyingParty::of(call).map_err(|_| ErrorKind::UserInvalidToken)?;
    let challenge = challenge::take(call, &challenge_id, &purpose(call, user, &id)?, &rp)?;
    let credential = ceremony::created(&sent, &challenge).ok_or(ErrorKind::UserPasskeyInvalid)?;
    call.state.store().write(call.state.hub(), |changes| {
        if passkey::by_credential(changes, &credential.id)?.is_some() {
            return Err(ErrorKind::UserPasskeyAlreadyExists.into());
        }
        let mut passkey = passkey::find(changes, &id)?.ok_or(ErrorKind::UserPasskeyNotFound)?;
        passkey.state = State::Verified(credential);
        passkey.updated_at = call.now;
        passkey::update(changes, &passkey)?;
        Ok(Reply::ok(passkey.wire()))
    })
}
