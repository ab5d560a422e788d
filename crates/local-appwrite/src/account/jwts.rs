//! JWTs for the caller's session.

use std::time::Duration;

use serde_json::json;

use super::user;
use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply},
    identity::jwt,
};

/// The default lifetime of a JWT in seconds.
const DEFAULT: i64 = 900;

/// `POST /account/jwts`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let duration = duration(call)?;
    let user = user(call)?;
    if call.caller.by_jwt {
        // Up to 1.9.6, Appwrite finds the session by its secret, which a JWT does not contain.
        return Err(match call.profile() {
            Profile::Two => ErrorKind::UserJwtCreationDenied.into(),
            _ => ErrorKind::UserSessionNotFound.into(),
        });
    }
    let session_id = call.caller.session_id().ok_or(ErrorKind::UserSessionNotFound)?;
    let jwt = jwt::issue(call.state.jwt_key(), &user.id, session_id, call.now, duration)?;
    Ok(Reply::created(json!({"jwt": jwt})))
}

/// The JWT's lifetime. Appwrite accepts 0 and then fails.
pub(crate) fn duration(call: &Call<'_>) -> Result<Duration, ApiError> {
    // For the account's JWTs, the parameter was added later than for those of API keys.
    if call.profile() < Profile::OneNine && !call.path.starts_with("/users") {
        return Ok(Duration::from_secs(DEFAULT.unsigned_abs()));
    }
    match call.params.range_or("duration", 0, 3600, DEFAULT)? {
        0 => Err(ErrorKind::GeneralUnknown.into()),
        seconds => Ok(Duration::from_secs(seconds.unsigned_abs())),
    }
}
