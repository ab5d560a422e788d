//! The way back from a provider: two addresses that Appwrite sends browsers to. Neither is a page. The address holds a
//! secret or somebody else's words, so each leads on at once.

use crate::error::AppError;
use crate::security::rate_limit::Attempt;
use crate::session::cookie::append_cookie;
use crate::session::flash::Flash;
use crate::session::opening::{Reopening, reopen_if_cross_site};
use crate::session::own_path::page_then;
use crate::session::request::Sender;
use crate::session::round_trip::RoundTrip;
use crate::state::AppState;
use appwrite_client::{AppwriteError, is_valid_id};
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use secrecy::SecretString;

use super::departure::{REFUSED, RETURN};
use super::refusal;
use crate::auth::finish::finish_sign_in_by_link;

/// The lengths of a provider's secret: 64 characters before 1.9, a JWT since. Codes from mails are shorter and must not
/// be guessed here.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 32..=4096;

/// The two routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(RETURN, get(come_back)).route(REFUSED, get(come_back_refused))
}

/// With a proof of who the person is.
async fn come_back(State(state): State<AppState>, parts: Parts) -> Response {
    // Without the session's cookie we could not end that session.
    let settled = match reopen(&state, &parts) {
        Reopening::Page(page) => return page,
        Reopening::NotNeeded(cookies) => cookies,
    };
    let query = parts.uri.query().unwrap_or_default();
    let Some(trip) = trip(&state, &parts.headers, query) else {
        return to_sign_in(&state, "", AppError::StartAgain, settled);
    };
    // Whatever comes of it: the state was used.
    let mut response = match sign_in(&state, &parts, query, &trip).await {
        Ok(response) => response,
        Err(error) => to_sign_in(&state, trip.next(), error, settled),
    };
    append_cookie(response.headers_mut(), state.round_trip.finish(&parts.headers, &trip));
    response
}

async fn sign_in(state: &AppState, parts: &Parts, query: &str, trip: &RoundTrip) -> Result<Response, AppError> {
    let sender = Sender::of(state, parts);
    let user_id = only(query, "userId").filter(|id| is_valid_id(id)).ok_or(AppError::StartAgain)?;
    let secret = only(query, "secret").filter(|secret| is_of_provider(secret)).ok_or(AppError::StartAgain)?;
    state.limits.count(Attempt::Proof, sender.address, None)?;
    let (admin, visitor, secret) = (state.appwrite.admin(), sender.visitor(), SecretString::from(secret));
    let session = state.steady.refusal(admin.create_token_session(&user_id, &secret, &visitor)).await;
    let session = match session {
        Err(error) if is_no_proof(&error) => return Err(AppError::StartAgain),
        result => result?,
    };
    finish_sign_in_by_link(state, &parts.headers, &session, trip.next()).await
}

/// Whether this has the form of the secret that Appwrite gives after a sign-in at a provider.
fn is_of_provider(secret: &str) -> bool {
    SECRET_LENGTHS.contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Whether what came back with the browser proves nothing (any more).
fn is_no_proof(error: &AppwriteError) -> bool {
    ["user_invalid_token", "user_not_found", "general_argument_invalid"].iter().any(|kind| error.is(kind))
}

/// With an error.
async fn come_back_refused(State(state): State<AppState>, parts: Parts) -> Response {
    let settled = match reopen(&state, &parts) {
        Reopening::Page(page) => return page,
        Reopening::NotNeeded(cookies) => cookies,
    };
    let query = parts.uri.query().unwrap_or_default();
    let Some(trip) = trip(&state, &parts.headers, query) else {
        return to_sign_in(&state, "", AppError::StartAgain, settled);
    };
    let error = only(query, "error").unwrap_or_default();
    let known = state.config.oauth_providers.iter().find(|known| known.id == trip.provider());
    let name = known.map_or(trip.provider(), |known| known.name.as_str());
    let mut response = to_sign_in(&state, trip.next(), refusal::meaning(&error, name), settled);
    append_cookie(response.headers_mut(), state.round_trip.finish(&parts.headers, &trip));
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

/// The round trip that this browser has under way, if this is its way back.
fn trip(state: &AppState, headers: &HeaderMap, query: &str) -> Option<RoundTrip> {
    let given = only(query, "state")?;
    state.round_trip.read(headers, &given)
}

/// The value of a parameter that stands in the query exactly once.
fn only(query: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| own == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

/// The sign-in page, with the reason why the person is there and not signed in. Sets these cookies too.
fn to_sign_in(state: &AppState, next: &str, reason: AppError, cookies: Vec<HeaderValue>) -> Response {
    let sign_in = state.site.paths.sign_in;
    let page = if next.is_empty() { sign_in.to_owned() } else { page_then(sign_in, next) };
    let Ok(location) = HeaderValue::try_from(page) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response();
    append_cookie(response.headers_mut(), cookies);
    append_cookie(response.headers_mut(), state.flash.leave(Flash::Notice(reason)));
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_no_secrets_of_a_provider() {
        assert!(is_of_provider(&"a1".repeat(32)));
        assert!(is_of_provider(&format!("{0}.{0}.{0}", "aB-_9".repeat(10))));
        for secret in ["123456", "", &"1".repeat(31), &"a".repeat(4097), &"a b".repeat(20), &"ä".repeat(20)] {
            assert!(!is_of_provider(secret), "{secret}");
        }
    }

    #[test]
    fn a_parameter_counts_only_if_it_stands_there_once() {
        assert_eq!(only("state=a&userId=b", "state").as_deref(), Some("a"));
        assert_eq!(only("state=a&state=a", "state"), None);
        assert_eq!(only("userId=b", "state"), None);
        assert_eq!(only("", "state"), None);
    }

    proptest! {
        #[test]
        fn no_query_makes_reading_it_panic_and_what_was_written_is_read(text in "\\PC{0,60}", value in "\\PC{0,40}") {
            let _ = only(&text, "state");
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", &value).finish();
            prop_assert_eq!(only(&query, "state"), Some(value));
        }
    }
}
