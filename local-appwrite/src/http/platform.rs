//! The project's Web platforms: which host names browsers may come from, and links may lead to.

use url::Url;

use crate::{ApiError, AppState, ErrorKind};

/// Whether a browser at `origin` belongs to the project. Only the host name counts, not scheme or port.
#[must_use]
pub fn is_known_origin(state: &AppState, origin: &str) -> bool {
    host_of(origin).is_some_and(|host| is_known_host(state, &host))
}

/// Whether the URL's host belongs to the project.
#[must_use]
pub fn is_known_url(state: &AppState, url: &Url) -> bool {
    url.host_str().is_some_and(|host| is_known_host(state, host))
}

/// What Appwrite says to a stranger.
///
/// # Errors
/// `general_unknown_origin` when the origin's host is none of the project's platforms.
pub fn check_origin(state: &AppState, origin: &str) -> Result<(), ApiError> {
    if is_known_origin(state, origin) {
        return Ok(());
    }
    let host = host_of(origin).unwrap_or_else(|| origin.to_owned());
    Err(ApiError::new(ErrorKind::GeneralUnknownOrigin, format!("Invalid Origin. {}", register(&host))))
}

/// How to become known, in Appwrite's words.
#[must_use]
pub fn register(host: &str) -> String {
    format!("Register your new client ({host}) as a new Web platform on your project console dashboard")
}

fn host_of(origin: &str) -> Option<String> {
    Url::parse(origin).ok()?.host_str().map(str::to_owned)
}

fn is_known_host(state: &AppState, host: &str) -> bool {
    state.settings().platforms.iter().any(|platform| {
        match platform.strip_prefix("*.") {
            // `*.example.com` covers every name below example.com, and nothing else.
            Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => platform.eq_ignore_ascii_case(host),
        }
    })
}
