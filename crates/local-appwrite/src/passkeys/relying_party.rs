//! The relying party: the domain that passkeys belong to, and the pages that may use them.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ApiError, AppState, AuthMethod, ErrorKind, http::Call};

const LOCALHOST: &str = "localhost";

/// Domains under which anyone can register a name. Appwrite has the full list of public suffixes.
const PUBLIC_SUFFIXES: &[&str] = &["co.uk", "com.au", "github.io", "netlify.app", "pages.dev", "vercel.app"];

/// A relying party. A challenge stores its own, so a change invalidates the challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelyingParty {
    pub(crate) id: String,
    pub(crate) origins: Vec<String>,
}

impl RelyingParty {
    /// The relying party of a request: `localhost` for its pages, else the one of the policy.
    ///
    /// # Errors
    /// `user_auth_method_unsupported` without either, for API keys too.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        let page = call.header("origin").and_then(|origin| Url::parse(origin).ok());
        let is_localhost = page.is_some_and(|page| page.host_str() == Some(LOCALHOST)) && has_localhost(call.state);
        let rp = if is_localhost { Self::with_id(call.state, LOCALHOST) } else { Self::of_policy(call.state) };
        match rp.id.as_str() {
            "" => Err(ApiError::new(ErrorKind::UserAuthMethodUnsupported, AuthMethod::Passkey.refusal())),
            _ => Ok(rp),
        }
    }

    /// Returns the relying party of the project's policy. Its id is empty if the policy names none.
    pub(crate) fn of_policy(state: &AppState) -> Self {
        Self::with_id(state, &state.policies().passkey_rp_id)
    }

    fn with_id(state: &AppState, id: &str) -> Self {
        let origins = match id {
            LOCALHOST if has_localhost(state) => vec!["http://localhost".to_owned(), "https://localhost".to_owned()],
            LOCALHOST | "" => Vec::new(),
            _ => {
                let platforms = state.settings().platforms.iter();
                platforms.filter(|platform| is_within(id, platform)).map(|host| format!("https://{host}")).collect()
            }
        };
        Self { id: id.to_owned(), origins }
    }

    /// Returns true for a page of one of these origins, on any port.
    pub(super) fn has_page(&self, origin: &str) -> bool {
        let Ok(url) = Url::parse(origin) else {
            return false;
        };
        let Some(host) = url.host_str().filter(|_| url.origin().ascii_serialization() == origin) else {
            return false;
        };
        self.origins.iter().any(|own| match own.split_once("://") {
            Some((scheme, own)) if scheme == url.scheme() => match own.strip_prefix("*.") {
                Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
                None => host == own,
            },
            _ => false,
        })
    }
}

fn has_localhost(state: &AppState) -> bool {
    state.settings().platforms.iter().any(|platform| platform == LOCALHOST)
}

fn is_within(id: &str, platform: &str) -> bool {
    let host = platform.strip_prefix("*.").unwrap_or(platform);
    host == id || host.strip_suffix(id).is_some_and(|below| below.ends_with('.'))
}

/// Returns true for `localhost` and for domains that can be registered, in lower case.
#[must_use]
pub fn is_rp_id(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let labels: Vec<&str> = text.split('.').collect();
    let ends_in_letters = labels.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    text == LOCALHOST
        || (text.len() <= 253
            && labels.len() > 1
            && labels.iter().all(|label| is_label(label))
            && ends_in_letters
            && !PUBLIC_SUFFIXES.contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rp_id_is_localhost_or_a_registrable_domain() {
        for good in ["localhost", "example.com", "login.example.com", "xn--bcher-kva.example"] {
            assert!(is_rp_id(good), "{good}");
        }
        for bad in ["", "com", "github.io", "127.0.0.1", "Example.com", "https://example.com", "a..b", "-a.com", "::1"]
        {
            assert!(!is_rp_id(bad), "{bad}");
        }
    }

    #[test]
    fn origin_matches_by_scheme_and_host_on_any_port() {
        let origins = ["http://localhost", "https://example.com", "https://*.example.com"].map(str::to_owned);
        let rp = RelyingParty { id: "example.com".into(), origins: origins.to_vec() };
        for good in ["http://localhost:3000", "https://example.com", "https://a.example.com:8443"] {
            assert!(rp.has_page(good), "{good}");
        }
        for bad in [
            "http://example.com",
            "https://localhost",
            "https://notexample.com",
            "https://example.com.evil",
            "https://example.com/path",
            "https://u@example.com",
            "null",
        ] {
            assert!(!rp.has_page(bad), "{bad}");
        }
    }
}
