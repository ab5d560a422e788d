//! Sign-in by a provider's ID token, which the browser has from the provider itself.

use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    oauth2,
};

/// Providers whose ID tokens Appwrite accepts.
const PROVIDERS: [&str; 2] = ["apple", "google"];

/// `POST /account/sessions/id-token`. Always refused: here no provider but `mock` is enabled, and it makes no such tokens.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let provider = call.params.text("provider", 1, 128)?;
    call.params.text("idToken", 1, 8192)?;
    call.params.optional_text("nonce", 0, 256)?;
    call.params.optional_text("accessToken", 0, 4096)?;
    call.params.range_or("accessTokenExpiry", 0, 31_536_000, 0)?;
    call.params.optional_text("name", 0, 128)?;
    match PROVIDERS.contains(&provider.as_str()) {
        false => Err(ErrorKind::ProjectProviderUnsupported.into()),
        true => Err(oauth2::disabled()),
    }
}
