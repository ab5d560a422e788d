//! The redirect to the provider's consent page.

use url::Url;

use super::{MOCK, request::OAuth2State};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply},
    outbox::mail::default_link,
};

/// The providers that Appwrite knows. Only `mock` is enabled here.
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
    leave(call, true)
}

/// `GET /account/sessions/oauth2/:provider`.
pub fn session(call: &Call<'_>) -> Result<Reply, ApiError> {
    leave(call, false)
}

/// The provider in the path.
pub(super) fn provider(call: &Call<'_>) -> Result<String, ApiError> {
    let provider = call.params.text("provider", 1, 128)?;
    if PROVIDERS.contains(&provider.as_str()) {
        return Ok(provider);
    }
    let list = PROVIDERS.join(", ");
    Err(ApiError::invalid_param("provider", format!("Value must be one of ({list})")))
}

/// The parameters that a provider returns.
#[derive(Default)]
pub(super) struct Returned {
    pub(super) code: Option<String>,
    pub(super) state: Option<String>,
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}

/// Reads what the provider returned; an empty parameter counts as missing.
pub(super) fn returned(call: &Call<'_>) -> Result<Returned, ApiError> {
    let text = |name: &str, least| {
        Ok::<_, ApiError>(call.params.optional_text(name, least, 2048)?.filter(|text| !text.is_empty()))
    };
    Ok(Returned {
        code: text("code", 0)?,
        state: text("state", 1)?,
        error: text("error", 0)?,
        error_description: text("error_description", 0)?,
    })
}

fn leave(call: &Call<'_>, token: bool) -> Result<Reply, ApiError> {
    let provider = provider(call)?;
    let success = page(call, "success")?;
    let failure = page(call, "failure")?;
    call.params.texts("scopes", 100, 4096)?;
    if provider != MOCK {
        return Err(ErrorKind::ProjectProviderDisabled.into());
    }
    let state = OAuth2State::new(&success, &failure, token).to_json();
    let callback = super::callback_url(&call.base, &call.state.settings().project_id);
    let query = super::address::query(&[
        ("client_id".to_owned(), MOCK.to_owned()),
        ("redirect_uri".to_owned(), callback),
        ("scope".to_owned(), "email".to_owned()),
        ("state".to_owned(), state),
    ]);
    Ok(Reply::redirect(&format!("{}/oauth2/mock/authorize?{query}", call.base)))
}

fn page(call: &Call<'_>, name: &str) -> Result<Url, ApiError> {
    match call.params.raw(name) {
        Some(_) => call.params.platform_url(name, call.state),
        None => default_link(call, &format!("/console/auth/oauth2/{name}")),
    }
}
