//! Appwrite's checks before a handler runs, in Appwrite's order.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response},
};
use jiff::Timestamp;

use super::{
    Call, Reply, older, platform,
    rate::{self, Allowance},
    reply,
    request::{Incoming, RESPONSE_FORMAT, numbers},
    route::{Route, SecondFactor},
};
use crate::{
    ApiError, AppState, ErrorKind, Profile, account,
    clock::after,
    identity::{self, Caller, Credentials},
};

/// A verified second factor counts as recent for this long (`MFA_RECENT_DURATION`).
const RECENT_FACTOR: Duration = Duration::from_secs(1800);

/// A sign-in or a second factor counts as recent for this long.
const RECENT_SESSION: Duration = Duration::from_secs(600);

/// Checks the request, runs its handler and formats the response.
pub fn run(state: &AppState, route: &Route, incoming: Incoming) -> Response<Body> {
    let now = state.clock().now();
    let mut allowance = None;
    let outcome = checked(state, route, &incoming, now, &mut allowance);
    let mut response = match outcome {
        Ok(reply) => shaped(state, route, reply, &incoming).into_response(),
        Err(error) if route.error_pages => reply::error_page(state, &error),
        Err(error) => reply::error(state, &error),
    };
    let headers = response.headers_mut();
    if let Some(allowance) = allowance {
        let fields = [
            ("x-ratelimit-limit", i64::from(allowance.limit)),
            ("x-ratelimit-remaining", i64::from(allowance.remaining)),
            ("x-ratelimit-reset", allowance.reset),
        ];
        for (name, number) in fields {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
    }
    if let Some(warning) = format_warning(state, &incoming) {
        headers.insert(HeaderName::from_static("x-appwrite-warning"), warning);
    }
    response
}

/// Converts the response for an older profile, and for older SDKs, which send `X-Appwrite-Response-Format`.
fn shaped(state: &AppState, route: &Route, reply: Reply, incoming: &Incoming) -> Reply {
    let version = numbers(state.settings().profile.version());
    let reply = reply.map_json(|body| older::shape_schema(body, route.path, &version));
    match incoming.header(RESPONSE_FORMAT) {
        Some(wanted) => reply.map_json(|body| older::shape(body, route.path, &numbers(wanted))),
        None => reply,
    }
}

fn checked(
    state: &AppState,
    route: &Route,
    incoming: &Incoming,
    now: Timestamp,
    allowance: &mut Option<Allowance>,
) -> Result<Reply, ApiError> {
    let project_id = state.settings().project_id.as_str();
    // Without a project, a request goes to the console project, which has no users here.
    let is_ours = route.names_project
        || match incoming.project() {
            None | Some("console") => false,
            // Compares ids without case, like MariaDB.
            Some(project) if project.eq_ignore_ascii_case(project_id) => true,
            Some(_) => return Err(ErrorKind::ProjectNotFound.into()),
        };
    if !is_ours && is_closed_to_console(route) {
        return Err(ApiError::new(ErrorKind::GeneralAccessForbidden, no_project(incoming)));
    }
    if !is_ours && incoming.header("x-appwrite-key").is_some() && state.settings().profile >= Profile::OneNine {
        return Err(ErrorKind::ProjectIdMissing.into());
    }
    if let Some(origin) = &incoming.origin
        && incoming.header("x-appwrite-key").is_none()
        && !route.error_pages
    {
        platform::check_origin(state, origin)?;
    }
    let caller = if is_ours {
        let credentials = Credentials::from_headers(&incoming.headers, project_id);
        identity::resolve(state, &credentials)?
    } else {
        Caller::default()
    };
    // On the main branch of July 2026, a key has only the scopes granted to it.
    let is_public_to_keys = state.settings().profile != Profile::OneNineNext;
    if caller.is_key() && !is_public_to_keys && route.scopes == ["public"] {
        return Err(missing_scopes(&caller, route, project_id, incoming.host_name())?);
    }
    check_scope(&caller, route, project_id, incoming.host_name())?;
    if !is_ours && !route.is_of_any_project() {
        // The console project has no providers; its other routes do not exist here.
        return Err(match route.error_pages {
            true => ErrorKind::ProjectProviderDisabled.into(),
            false => ApiError::new(ErrorKind::GeneralAccessForbidden, no_project(incoming)),
        });
    }
    check_user(state, &caller, route, now)?;
    let keys = limit_keys(route, incoming, &caller);
    *allowance = count(state, route, &keys, &caller, now);
    if allowance.is_some_and(|allowance| allowance.is_exceeded) {
        return Err(ErrorKind::GeneralRateLimitExceeded.into());
    }
    check_methods(state, route, &caller)?;
    if !route.error_pages {
        incoming.params.check_path()?;
        (route.check)(&incoming.params)?;
    }
    let reply = (route.handler)(&call(state, route, incoming, caller, now))?;
    if route.limit.is_some_and(|limit| limit.reset_on_success) && reply.is_success() {
        for key in &keys {
            state.limiter().clear(key);
        }
    }
    Ok(reply)
}

fn call<'request>(
    state: &'request AppState,
    route: &Route,
    incoming: &'request Incoming,
    caller: Caller,
    now: Timestamp,
) -> Call<'request> {
    // An API key may forward the user's browser.
    let forwarded = incoming.header("x-forwarded-user-agent").filter(|_| caller.is_key());
    let user_agent = forwarded.or_else(|| incoming.header("user-agent")).unwrap_or("").to_owned();
    Call {
        state,
        caller,
        params: &incoming.params,
        uploads: &incoming.uploads,
        headers: &incoming.headers,
        now,
        ip: incoming.ip(),
        user_agent,
        path: route.path,
        locale: incoming.locale().to_owned(),
        base: format!("http://{}", incoming.header("host").unwrap_or("localhost")),
    }
}

/// Appwrite first refuses its groups `database`, `functions`, `sites` and `messaging` to the console project.
fn is_closed_to_console(route: &Route) -> bool {
    const CLOSED: &[&str] = &["/databases", "/tablesdb", "/functions", "/sites", "/messaging"];
    CLOSED.iter().any(|prefix| route.path.starts_with(prefix))
}

fn no_project(incoming: &Incoming) -> &'static str {
    if incoming.header("x-appwrite-project").is_none() {
        "No Appwrite project was specified. Please specify your project ID when initializing your Appwrite SDK."
    } else {
        "This endpoint is not available for the console project. The Appwrite Console is a reserved project ID and cannot be used with the Appwrite SDKs and APIs. Please check if your project ID is correct."
    }
}

fn check_scope(caller: &Caller, route: &Route, project_id: &str, host: &str) -> Result<(), ApiError> {
    if route.scopes.iter().any(|scope| caller.has_scope(scope)) {
        return Ok(());
    }
    Err(missing_scopes(caller, route, project_id, host)?)
}

fn missing_scopes(caller: &Caller, route: &Route, project_id: &str, host: &str) -> Result<ApiError, ApiError> {
    let missing = serde_json::to_string(route.scopes)?;
    Ok(ApiError::new(
        ErrorKind::GeneralUnauthorizedScope,
        format!("{} missing scopes ({missing})", caller.described(project_id, host)),
    ))
}

fn check_user(state: &AppState, caller: &Caller, route: &Route, now: Timestamp) -> Result<(), ApiError> {
    let Some(user) = &caller.user else {
        return Ok(());
    };
    if !user.status {
        return Err(ErrorKind::UserBlocked.into());
    }
    let session = caller.session.as_ref();
    let factors = session.map_or(0, |session| session.factors.len());
    if user.mfa
        && session.is_some()
        && factors < 2
        && route.second_factor != SecondFactor::Exempt
        && state.store().read(|db| account::has_more_factors(db, user))?
    {
        return Err(ErrorKind::UserMoreFactorsRequired.into());
    }
    if route.second_factor == SecondFactor::Recent {
        let given = session.and_then(|session| session.mfa_updated_at);
        if given.is_none_or(|given| now >= after(given, RECENT_FACTOR)) {
            return Err(ErrorKind::UserChallengeRequired.into());
        }
    }
    if route.recent_session {
        let proven =
            session.map(|session| session.mfa_updated_at.unwrap_or(session.created_at).max(session.created_at));
        if proven.is_none_or(|proven| now >= after(proven, RECENT_SESSION)) {
            return Err(ErrorKind::UserReauthenticationRequired.into());
        }
    }
    Ok(())
}

fn check_methods(state: &AppState, route: &Route, caller: &Caller) -> Result<(), ApiError> {
    if route.makes_session && caller.user.is_some() {
        return Err(ErrorKind::UserSessionAlreadyExists.into());
    }
    let Some(method) = route.auth_method.filter(|method| state.is_disabled(*method)) else {
        return Ok(());
    };
    // Appwrite allows API keys to use methods that are switched off.
    if caller.is_key() && !state.settings().disable_for_keys {
        return Ok(());
    }
    Err(ApiError::new(ErrorKind::UserAuthMethodUnsupported, method.refusal()))
}

fn limit_keys(route: &Route, incoming: &Incoming, caller: &Caller) -> Vec<String> {
    let Some(limit) = route.limit else {
        return Vec::new();
    };
    limit
        .keys
        .iter()
        .map(|template| {
            let mut key = template
                .replace("{url}", route.limit_path)
                .replace("{method}", incoming.method.as_str())
                .replace("{ip}", &incoming.ip().to_string())
                .replace("{chunkId}", incoming.header("content-range").unwrap_or(""))
                .replace("{userId}", caller.user_id().unwrap_or(""));
            for name in ["email", "phone", "userId", "challengeId"] {
                let value = incoming.params.raw(name).and_then(|value| value.as_str());
                key = key.replace(&format!("{{param-{name}}}"), value.unwrap_or(""));
            }
            key
        })
        .collect()
}

/// Counts the call under each key and returns the lowest remaining allowance.
fn count(state: &AppState, route: &Route, keys: &[String], caller: &Caller, now: Timestamp) -> Option<Allowance> {
    let limit = route.limit?;
    if caller.is_key() {
        return Some(rate::untouched(limit.count, limit.window, now));
    }
    keys.iter()
        .map(|key| state.limiter().count(key, limit.count, limit.window, now))
        .min_by_key(|allowance| (!allowance.is_exceeded, allowance.remaining))
}

/// The warning header for a client built for a newer Appwrite.
fn format_warning(state: &AppState, incoming: &Incoming) -> Option<HeaderValue> {
    let wanted = incoming.header(RESPONSE_FORMAT)?;
    let version = state.settings().profile.version();
    if numbers(wanted) <= numbers(version) {
        return None;
    }
    HeaderValue::from_str(&format!(
        "The current SDK is built for Appwrite {wanted}. However, the current Appwrite server version is {version}. Please downgrade your SDK to match the Appwrite version: https://appwrite.io/docs/sdks"
    ))
    .ok()
}
