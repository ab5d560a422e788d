//! The two routes to which Appwrite redirects after a provider's page. Neither renders a page: the URL contains a
//! secret or untrusted text, so each redirects at once.

use crate::error::AppError;
use crate::security::rate_limit::Attempt;
use crate::session::cookie::{CookieLifetime, append_cookie};
use crate::session::flash::Flash;
use crate::session::opening::{Reopening, reopen_if_cross_site};
use crate::session::own_path::page_then;
use crate::session::request::Sender;
use crate::state::AppState;
use appwrite_client::is_valid_id;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::finish::finish_sign_in_by_link;
use super::pending::{PendingOAuth, PendingOAuthCookie};
use super::refusal;
use super::start::{REFUSED, RETURN};
use crate::auth::guest::stays::page_for;
use crate::auth::proof::{Source, redeem};

/// Accepted secret lengths: 64 characters before 1.9, a JWT since. Codes from emails are shorter; rejecting them here
/// prevents guessing.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 32..=4096;

/// Returns the success and failure routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(RETURN, get(come_back)).route(REFUSED, get(come_back_refused))
}

/// Handles the success URL, which contains a proof of identity.
async fn come_back(State(state): State<AppState>, parts: Parts) -> Response {
    // Without the session cookie, the server cannot end the previous session.
    let settled = match reopen(&state, &parts) {
        Reopening::Page(page) => return page,
        Reopening::NotNeeded(cookies) => cookies,
    };
    let query = parts.uri.query().unwrap_or_default();
    let Some(pending) = pending(&state, &parts.headers, query) else {
        return to_sign_in(&state, "", CookieLifetime::Persistent, AppError::StartAgain, settled);
    };
    match page_for(&state, state.cookie.secret(&parts.headers)).await {
        Ok(Some(page)) => return to_page(&state, page.to_owned(), None, settled),
        Ok(None) => {}
        Err(error) => return to_sign_in(&state, pending.next(), pending.lifetime(), error, settled),
    }
    // The state is used up now, whether the sign-in succeeds or not.
    let mut response = match sign_in(&state, &parts, query, &pending).await {
        Ok(response) => response,
        Err(error) => to_sign_in(&state, pending.next(), pending.lifetime(), error, settled),
    };
    append_cookie(response.headers_mut(), PendingOAuthCookie::new(&state.sealer).finish(&parts.headers, &pending));
    response
}

async fn sign_in(state: &AppState, parts: &Parts, query: &str, pending: &PendingOAuth) -> Result<Response, AppError> {
    let sender = Sender::of(state, parts);
    let user_id = only(query, "userId").filter(|id| is_valid_id(id)).ok_or(AppError::StartAgain)?;
    let secret = only(query, "secret").filter(|secret| is_of_provider(secret)).ok_or(AppError::StartAgain)?;
    state.limits.count(Attempt::Proof, sender.address, None).await?;
    let redeemed =
        redeem(state, &sender, &user_id, secret.into(), Source::Provider(pending.provider().to_owned())).await?;
    let redeemed = redeemed.ok_or(AppError::StartAgain)?;
    finish_sign_in_by_link(state, &parts.headers, &redeemed, pending).await
}

/// True if this looks like the secret that Appwrite returns after a sign-in at a provider.
fn is_of_provider(secret: &str) -> bool {
    SECRET_LENGTHS.contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Handles the failure URL.
async fn come_back_refused(State(state): State<AppState>, parts: Parts) -> Response {
    let settled = match reopen(&state, &parts) {
        Reopening::Page(page) => return page,
        Reopening::NotNeeded(cookies) => cookies,
    };
    let query = parts.uri.query().unwrap_or_default();
    let Some(pending) = pending(&state, &parts.headers, query) else {
        return to_sign_in(&state, "", CookieLifetime::Persistent, AppError::StartAgain, settled);
    };
    let error = only(query, "error").unwrap_or_default();
    let known = state.config.oauth_providers.iter().find(|known| known.id == pending.provider());
    let name = known.map_or(pending.provider(), |known| known.name.as_str());
    let mut response = to_sign_in(&state, pending.next(), pending.lifetime(), refusal::meaning(&error, name), settled);
    append_cookie(response.headers_mut(), PendingOAuthCookie::new(&state.sealer).finish(&parts.headers, &pending));
    response
}

fn reopen(state: &AppState, parts: &Parts) -> Reopening {
    reopen_if_cross_site(
        state.cookie,
        &state.cookie.read(&parts.headers),
        &parts.headers,
        &parts.uri,
        &state.site.wording,
    )
}

/// Returns this browser's pending OAuth2 sign-in if the query contains its state.
fn pending(state: &AppState, headers: &HeaderMap, query: &str) -> Option<PendingOAuth> {
    let given = only(query, "state")?;
    PendingOAuthCookie::new(&state.sealer).read(headers, &given)
}

/// Returns the value of a parameter that occurs exactly once in the query.
fn only(query: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| own == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

/// Redirects to the page with the providers' buttons, which shows the reason. Also sets these cookies. `?keep=no` says that
/// the user chose not to stay signed in.
fn to_sign_in(
    state: &AppState,
    next: &str,
    lifetime: CookieLifetime,
    reason: AppError,
    cookies: Vec<HeaderValue>,
) -> Response {
    let page = state.site.paths.provider.unwrap_or(state.site.paths.sign_in);
    let mut page = if next.is_empty() { page.to_owned() } else { page_then(page, next) };
    if lifetime == CookieLifetime::BrowserSession {
        page += if next.is_empty() { "?keep=no" } else { "&keep=no" };
    }
    to_page(state, page, Some(reason), cookies)
}

fn to_page(state: &AppState, page: String, notice: Option<AppError>, cookies: Vec<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::try_from(page) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response();
    append_cookie(response.headers_mut(), cookies);
    append_cookie(response.headers_mut(), notice.and_then(|notice| state.flash.leave(Flash::Notice(notice))));
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emailed_codes_are_refused_as_provider_secrets() {
        assert!(is_of_provider(&"a1".repeat(32)));
        assert!(is_of_provider(&format!("{0}.{0}.{0}", "aB-_9".repeat(10))));
        for secret in ["123456", "", &"1".repeat(31), &"a".repeat(4097), &"a b".repeat(20), &"ä".repeat(20)] {
            assert!(!is_of_provider(secret), "{secret}");
        }
    }

    #[test]
    fn repeated_parameter_is_ignored() {
        assert_eq!(only("state=a&userId=b", "state").as_deref(), Some("a"));
        assert_eq!(only("state=a&state=a", "state"), None);
        assert_eq!(only("userId=b", "state"), None);
        assert_eq!(only("", "state"), None);
    }

    proptest! {
        #[test]
        fn query_parser_never_panics_and_restores_values(text in "\\PC{0,60}", value in "\\PC{0,40}") {
            let _ = only(&text, "state");
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", &value).finish();
            prop_assert_eq!(only(&query, "state"), Some(value));
        }
    }
}
