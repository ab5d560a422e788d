//! Signs in with a passkey: creates the challenge, and returns a token for a valid response.

use std::time::Duration;

use serde_json::json;

use super::{
    RelyingParty, ceremony,
    challenge::{self, Challenge, Purpose},
    passkey::{self, State},
};
use crate::{
    ApiError, ErrorKind,
    clock::after,
    http::{Call, Reply},
    identity::secret,
    tokens::{self, Token, TokenKind},
    users,
};

/// The life of the token that becomes a session.
const TOKEN_LIFETIME: Duration = Duration::from_secs(60);

/// `POST /account/tokens/passkey`.
pub(super) fn start(call: &Call<'_>) -> Result<Reply, ApiError> {
    let challenge = Challenge::new(call, Purpose::SignIn, RelyingParty::of(call)?);
    let public_key = json!({
        "challenge": challenge.bytes,
        "rpId": challenge.rp.id,
        "timeout": 300_000,
        "userVerification": "required",
        "allowCredentials": [],
    });
    call.state.store().write(call.state.hub(), |changes| {
        challenge.insert(changes)?;
        Ok(Reply::created(challenge.wire(public_key)))
    })
}

/// `PUT /account/tokens/passkey`. Guests get the token's secret too, because the signature proves who they are.
pub(super) fn complete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("challengeId")?;
    let sent = call.params.object("credential")?;
    let rp = RelyingParty::of(call).map_err(|_| ErrorKind::UserInvalidToken)?;
    let challenge = challenge::take(call, &id, &Purpose::SignIn, &rp)?;
    let secret = secret::hex(64);
    call.state.store().write(call.state.hub(), |changes| {
        let credential_id = ceremony::id_of(&sent).ok_or(ErrorKind::UserPasskeyInvalid)?;
        let mut passkey = passkey::by_credential(changes, &credential_id)?.ok_or(ErrorKind::UserPasskeyInvalid)?;
        let known = passkey.credential().ok_or(ErrorKind::UserPasskeyInvalid)?;
        let used =
            ceremony::used(&sent, &challenge, known, &passkey.user_handle).ok_or(ErrorKind::UserPasskeyInvalid)?;
        let user = users::find(changes, &passkey.user_id)?.ok_or(ErrorKind::UserPasskeyInvalid)?;
        if !user.status {
            return Err(ErrorKind::UserBlocked.into());
        }
        passkey.state = State::Verified(used);
        passkey.accessed_at = Some(call.now);
        passkey::update(changes, &passkey)?;
        let token = Token::new(&user.id, TokenKind::Passkey, &secret, call.now, after(call.now, TOKEN_LIFETIME));
        tokens::insert(changes, &token)?;
        Ok(Reply::created(token.wire(&secret, "")))
    })
}
