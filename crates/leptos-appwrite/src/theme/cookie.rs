//! The theme's cookie. It contains one of three words, so it needs no seal: a sibling domain that sets it can only
//! change colors.

use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite};
use time::Duration;

use super::Theme;
use crate::session::request_cookies;

const NAME: &str = "theme";

/// The maximum lifetime of a cookie in browsers.
const LIFETIME: Duration = Duration::days(400);

/// Marks a theme that the account could not store: in this browser, it overrides the account's.
const HERE_ONLY: &str = ".here";

/// The theme in a browser's cookie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StoredTheme {
    pub theme: Theme,
    /// True if the theme could not be stored in the user's account.
    pub is_here_only: bool,
}

/// Returns the theme of a request.
pub(crate) fn read(headers: &HeaderMap) -> StoredTheme {
    let Some(value) = request_cookies::only(headers, NAME) else { return StoredTheme::default() };
    let (name, is_here_only) = value.strip_suffix(HERE_ONLY).map_or((value, false), |name| (name, true));
    Theme::of_name(name).map(|theme| StoredTheme { theme, is_here_only }).unwrap_or_default()
}

/// Returns the `Set-Cookie` header that keeps the theme, or removes the cookie for the system's colors.
pub(crate) fn set(kept: StoredTheme, is_https: bool) -> Option<HeaderValue> {
    let lifetime = if kept == StoredTheme::default() { Duration::ZERO } else { LIFETIME };
    let suffix = if kept.is_here_only { HERE_ONLY } else { "" };
    let cookie = Cookie::build((NAME, format!("{}{suffix}", kept.theme.as_str())))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(lifetime)
        .build();
    HeaderValue::try_from(cookie.to_string()).ok()
}
