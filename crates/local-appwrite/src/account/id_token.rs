//! Sign-in by an ID token that the browser received from the provider.

use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    oauth2,
};

/// Providers whose ID tokens Appwrite accepts.
const PROVIDERS: [&str; 2] = ["apple", "google"];

/// `POST /account/sessions/id-token`. Always refused: the only enabled provider, `mock`, issues no ID tokens.
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
