//! Passkeys: registration, sign-in, and the lists of a user's passkeys.

mod by_key;
mod ceremony;
mod challenge;
#[cfg(test)]
mod fuzz;
mod list;
mod passkey;
mod registration;
mod relying_party;
mod sign_in;

use crate::{
    AuthMethod, Profile,
    http::{Limit, Route},
};

pub(crate) use passkey::is_rp_in_use;
pub(crate) use relying_party::RelyingParty;
pub use relying_party::is_rp_id;

/// The life of a challenge.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);

const ACCOUNT: &[&str] = &["account"];
const SESSIONS_WRITE: &[&str] = &["sessions.write"];
const BY_USER: Limit = Limit::hourly(10, &["url:{url},userId:{userId}"]);
const BY_IP: Limit = Limit::hourly(10, &["url:{url},ip:{ip}"]);

/// The routes of passkeys, which Appwrite has since 2.5.
pub(crate) fn routes(profile: Profile) -> Vec<Route> {
    if profile != Profile::Two {
        return Vec::new();
    }
    let mut routes = vec![
        Route::post("/account/passkeys", registration::start)
            .scope(ACCOUNT)
            .auth_method(AuthMethod::Passkey)
            .recent_session()
            .limit(BY_USER),
        Route::put("/account/passkeys/{passkeyId}/verification", registration::complete)
            .scope(ACCOUNT)
            .recent_session()
            .limit(BY_USER),
        Route::get("/account/passkeys", list::list).scope(ACCOUNT),
        Route::get("/account/passkeys/{passkeyId}", list::get).scope(ACCOUNT),
        Route::patch("/account/passkeys/{passkeyId}", list::rename).scope(ACCOUNT),
        Route::delete("/account/passkeys/{passkeyId}", list::delete).scope(ACCOUNT).recent_session(),
        Route::post("/account/tokens/passkey", sign_in::start)
            .scope(SESSIONS_WRITE)
            .auth_method(AuthMethod::Passkey)
            .limit(BY_IP),
        Route::put("/account/tokens/passkey", sign_in::complete).scope(SESSIONS_WRITE).limit(BY_IP),
    ];
    routes.extend(by_key::routes());
    routes
}
