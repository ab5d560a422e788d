//! The theme's cookie. It holds one of three words, so it needs no seal, and a sibling domain that plants it changes only
//! colors.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, SameSite};
use time::Duration;

use super::Theme;
use crate::session::request_cookies;

const NAME: &str = "theme";

/// The longest that browsers keep a cookie.
const LIFETIME: Duration = Duration::days(400);

/// Returns the theme of a request.
pub(crate) fn read(headers: &HeaderMap) -> Theme {
    request_cookies::only(headers, NAME).and_then(Theme::of_name).unwrap_or_default()
}

/// Returns the `Set-Cookie` header that keeps the theme, or removes the cookie for the system's colors.
pub(crate) fn set(theme: Theme, is_https: bool) -> Option<HeaderValue> {
    let lifetime = if theme == Theme::System { Duration::ZERO } else { LIFETIME };
    let cookie = Cookie::build((NAME, theme.as_str()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(lifetime)
        .build();
    HeaderValue::try_from(cookie.to_string()).ok()
}
