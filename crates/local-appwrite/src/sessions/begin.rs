//! Creates the session of a sign-in.

use super::Session;
use crate::{clock, http::Call, identity::secret};

/// The additional factor of a passkey, which counts as a second factor completed now.
pub(crate) const USER_VERIFICATION: &str = "userVerification";

impl Session {
    /// A session of `user_id` with this secret that starts at the time of the call.
    #[must_use]
    pub fn begin(
        call: &Call<'_>,
        user_id: &str,
        secret: &str,
        (provider, provider_uid): (&str, &str),
        factors: &[&str],
    ) -> Self {
        Self {
            id: secret::id(call.now),
            user_id: user_id.to_owned(),
            secret_hash: secret::hash(secret),
            created_at: call.now,
            updated_at: call.now,
            expire: clock::after(call.now, call.state.settings().session_duration),
            provider: provider.to_owned(),
            provider_uid: provider_uid.to_owned(),
            provider_access_token: String::new(),
            provider_access_token_expiry: None,
            provider_refresh_token: String::new(),
            ip: call.ip,
            device: call.device(),
            factors: factors.iter().map(|factor| (*factor).to_owned()).collect(),
            mfa_updated_at: factors.contains(&USER_VERIFICATION).then_some(call.now),
        }
    }
}
