//! The redirect to the provider's consent page.

use url::Url;

use super::{
    MOCK,
    request::{self, OAuth2Request, Outcome},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    identity::secret,
    outbox::mail::default_link,
};

/// Providers that Appwrite knows; of these only `mock` is enabled here.
const PROVIDERS: &[&str] = &[
    "amazon",
    "apple",
    "auth0",
    "authentik",
    "autodesk",
    "bitbucket",
    "bitly",
    "box",
    "dailymotion",
    "discord",
    "disqus",
    "dropbox",
    "etsy",
    "facebook",
    "figma",
    "github",
    "gitlab",
    "google",
    "linkedin",
    "microsoft",
    MOCK,
    "notion",
    "oidc",
    "okta",
    "paypal",
    "paypalSandbox",
    "podio",
    "salesforce",
    "slack",
    "spotify",
    "stripe",
    "tradeshift",
    "tradeshiftBox",
    "twitch",
    "wordpress",
    "x",
    "yahoo",
    "yammer",
    "yandex",
    "zoho",
    "zoom",
];

/// `GET /account/tokens/oauth2/:provider`.
pub fn token(call: &Call<'_>) -> Result<Reply, ApiError> {
    leave(call, Outcome::Token)
}

/// `GET /account/sessions/oauth2/:provider`.
pub fn session(call: &Call<'_>) -> Result<Reply, ApiError> {
    leave(call, Outcome::Session)
}

fn leave(call: &Call<'_>, outcome: Outcome) -> Result<Reply, ApiError> {
    let provider = call.params.text("provider", 1, 128)?;
    if !PROVIDERS.contains(&provider.as_str()) {
        let list = PROVIDERS.join(", ");
        return Err(ApiError::invalid_param("provider", format!("Value must be one of ({list})")));
    }
    let success = page(call, "success")?;
    let failure = page(call, "failure")?;
    call.params.texts("scopes", 100, 4096)?;
    if provider != MOCK {
        return Err(ErrorKind::ProjectProviderDisabled.into());
    }
    let state = secret::hex(64);
    let request = OAuth2Request { provider, success, failure, outcome, created_at: call.now, consent: None };
    call.state.store().write::<_, ApiError>(call.state.hub(), |changes| request::keep(changes, &state, &request))?;
    Ok(Reply::redirect(&format!("{}/oauth2/mock/authorize?state={state}", call.base)))
}

fn page(call: &Call<'_>, name: &str) -> Result<Url, ApiError> {
    match call.params.raw(name) {
        Some(_) => call.params.platform_url(name, call.state),
        None => default_link(call, &format!("/console/auth/oauth2/{name}")),
    }
}
