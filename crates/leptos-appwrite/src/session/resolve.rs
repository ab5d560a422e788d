//! Resolves the session before a page renders, checks access, and redirects users who lack it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::Access;
use super::cookie::{RequestSession, append_cookie};
use super::flash::Flash;
use super::methods::SignInMethods;
use super::opening::{Reopening, reopen_if_cross_site};
use super::own_path::{OwnPath, page_then};
use super::pending_sign_in::PendingView;
use super::renew::{due, renew};
use super::revealed::Revealed;
use super::submission::Submission;
use super::visit::{SignedInUser, Visit};
use crate::config::Backend;
use crate::error::AppError;
use crate::error::http::{retry_after, status};
use crate::render::render;
use crate::site::Paths;
use crate::state::AppState;
use crate::theme;
use crate::theme::cookie::StoredTheme;
use appwrite_client::{User, is_loopback};

/// The request's headers that pages depend on.
const READ_BY_PAGES: HeaderValue = HeaderValue::from_static("Cookie, Accept-Language");

impl Visit {
    /// Returns the visit for a page that does not read the session.
    pub fn of_nobody(state: &AppState) -> Self {
        Self {
            is_person_unknown: true,
            database: state.config.database_id.clone(),
            outbox: outbox(state),
            ..Self::default()
        }
    }
}

/// Returns the address of the outbox of a local backend: the app's own one, or a separate one on this machine.
fn outbox(state: &AppState) -> Option<String> {
    let is_local = match &state.config.backend {
        Backend::Local { .. } => true,
        Backend::Remote { appwrite, public_endpoint } => {
            is_loopback(&appwrite.endpoint) && is_loopback(public_endpoint) && state.appwrite.is_local_appwrite()
        }
    };
    if is_local { state.public_endpoint.join("/outbox").ok().map(String::from) } else { None }
}

/// Handles a request for a page that `access` guards: resolves the session once, and keeps the response private.
pub async fn resolve_page(state: AppState, access: Access, mut request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let kept_theme = theme::cookie::read(request.headers());
    request.extensions_mut().insert(kept_theme.theme);
    if access == Access::SameForAll {
        request.extensions_mut().insert(Visit::of_nobody(&state));
        // No call that the page makes can act as the user.
        request.headers_mut().remove(header::COOKIE);
        let mut response = next.run(request).await;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // The only cookie that it reads is the theme's.
        response.headers_mut().append(header::VARY, READ_BY_PAGES);
        return response;
    }
    let has_secret = access == Access::Always;
    let session = state.cookie.read(request.headers());
    let settled =
        match reopen_if_cross_site(state.cookie, &session, request.headers(), request.uri(), &state.site.wording) {
            Reopening::Page(page) => return page,
            Reopening::NotNeeded(cookies) => cookies,
        };
    let is_marked = state.cookie.is_marked(request.headers());
    let pending = state.pending_sign_in.read(request.headers()).map(|pending| pending.shown);
    let has_pending = pending.is_some();
    // The URL of a page opened from an email contains the link's secret.
    let is_public =
        matches!((&session, access), (RequestSession::None, Access::Anyone)) && !is_marked && settled.is_empty();
    let secret = match &session {
        RequestSession::One(secret) => Some(secret.clone()),
        RequestSession::None | RequestSession::Unusable => None,
    };
    let (resolved, methods) = tokio::join!(resolve(&state, session), state.sign_in_methods());
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut has_flash = false;
    let mut new_theme = None;
    let mut response = match decide(&state.site.paths, access, &resolved, &here, request.uri().query()) {
        Decision::Redirect { to, notice } => redirect(&state, &to, notice),
        Decision::Render { failure } => {
            // If the page cannot be shown, the flash and the typed values stay for the next try.
            let flash = if failure.is_none() { state.flash.read(request.headers()) } else { None };
            has_flash = flash.is_some();
            let visit = visit_of(&state, methods, &resolved, flash, pending, failure);
            let outcome = outcome_of(&visit).cloned();
            request.extensions_mut().insert(visit);
            let mut near_its_end = None;
            if let Resolved::SignedIn(user) = &resolved {
                request.extensions_mut().insert(user.as_ref().clone());
                new_theme = theme::account::of(user, kept_theme);
                if let Some(theme) = new_theme {
                    request.extensions_mut().insert(theme);
                }
                let (parts, body) = request.into_parts();
                near_its_end = secret.and_then(|secret| due(&state, secret, &parts));
                request = Request::from_parts(parts, body);
            }
            // Renews before the page is rendered, because the page may show when the session ends.
            let renewed = renew(&state, near_its_end).await;
            let mut response = next.run(request).await;
            append_cookie(response.headers_mut(), renewed.into_iter().flatten());
            if let Some(outcome) = outcome.filter(|_| response.status() == StatusCode::OK) {
                *response.status_mut() = status(&outcome);
                if let Some(seconds) = retry_after(&outcome) {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
            }
            if has_flash {
                append_cookie(response.headers_mut(), state.flash.clear());
            }
            response
        }
    };
    append_cookie(response.headers_mut(), settled);
    let new_theme = new_theme.map(|theme| StoredTheme { theme, is_here_only: false });
    append_cookie(response.headers_mut(), new_theme.and_then(|kept| theme::cookie::set(kept, state.cookie.is_https())));
    match resolved {
        Resolved::Ended(_) => append_cookie(response.headers_mut(), state.cookie.clear()),
        Resolved::SignedIn(_) | Resolved::NeedsFactor if !is_marked => {
            append_cookie(response.headers_mut(), state.cookie.mark());
        }
        Resolved::SignedIn(_) | Resolved::NeedsFactor | Resolved::SignedOut | Resolved::Unknown(_) => {}
    }
    if has_secret {
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    let caching = if is_public && !has_flash && !has_pending { "no-cache" } else { "no-store" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response.headers_mut().append(header::VARY, READ_BY_PAGES);
    response
}

/// Answers a form by its page, rendered for this user with a secret that it shows once. `refusal` is the form's error.
pub async fn reveal(
    state: &AppState,
    parts: Parts,
    user: User,
    revealed: Revealed,
    refusal: Option<Submission>,
) -> Response {
    let resolved = Resolved::SignedIn(Box::new(user.clone()));
    let methods = state.sign_in_methods().await;
    let visit = visit_of(state, methods, &resolved, refusal.map(Flash::Submission), None, None);
    let code = outcome_of(&visit).map(status);
    let mut request = Request::from_parts(parts, Body::empty());
    *request.method_mut() = Method::GET;
    let theme = theme::cookie::read(request.headers()).theme;
    request.extensions_mut().insert(theme);
    request.extensions_mut().insert(Visit { revealed: Some(revealed.into()), ..visit });
    request.extensions_mut().insert(user);
    let mut response = render(state.clone(), request).await;
    if let Some(code) = code.filter(|_| response.status() == StatusCode::OK) {
        *response.status_mut() = code;
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The state of the request's session cookie.
enum Resolved {
    /// No cookie.
    SignedOut,
    /// A valid session.
    SignedIn(Box<User>),
    /// A session that still needs a second factor.
    NeedsFactor,
    /// A session that has ended, and why.
    Ended(AppError),
    /// Appwrite did not answer.
    Unknown(AppError),
}

async fn resolve(state: &AppState, session: RequestSession) -> Resolved {
    let secret = match session {
        RequestSession::None => return Resolved::SignedOut,
        RequestSession::Unusable => return Resolved::Ended(AppError::SignedOut),
        RequestSession::One(secret) => secret,
    };
    match state.appwrite.session(secret).account().await.map_err(AppError::from) {
        Ok(user) => Resolved::SignedIn(Box::new(user)),
        Err(AppError::MoreFactorsRequired) => Resolved::NeedsFactor,
        Err(error @ (AppError::SignedOut | AppError::Blocked)) => Resolved::Ended(error),
        Err(error) => Resolved::Unknown(error),
    }
}

/// The decision for a page request.
enum Decision {
    Render { failure: Option<AppError> },
    Redirect { to: String, notice: Option<AppError> },
}

fn decide(paths: &Paths, access: Access, resolved: &Resolved, here: &str, query: Option<&str>) -> Decision {
    match (access, resolved) {
        (Access::SameForAll | Access::Always, _) | (Access::SecondFactor, Resolved::NeedsFactor) => {
            Decision::Render { failure: None }
        }
        (Access::SignedOut, Resolved::NeedsFactor) => {
            Decision::Redirect { to: page_then(paths.second_factor, &next_of(paths, query)), notice: None }
        }
        (_, Resolved::NeedsFactor) => Decision::Redirect { to: page_then(paths.second_factor, here), notice: None },
        (Access::SecondFactor, Resolved::SignedOut) => {
            Decision::Redirect { to: page_then(paths.sign_in, &next_of(paths, query)), notice: None }
        }
        (Access::SecondFactor, Resolved::Ended(error)) => {
            Decision::Redirect { to: page_then(paths.sign_in, &next_of(paths, query)), notice: Some(error.clone()) }
        }
        (Access::SignedIn, Resolved::SignedOut) => {
            Decision::Redirect { to: page_then(paths.sign_in, here), notice: None }
        }
        (Access::SignedIn | Access::AnyoneButEnded, Resolved::Ended(error)) => {
            Decision::Redirect { to: page_then(paths.sign_in, here), notice: Some(error.clone()) }
        }
        (Access::SignedIn | Access::AnyoneButEnded | Access::SecondFactor, Resolved::Unknown(error)) => {
            Decision::Render { failure: Some(error.clone()) }
        }
        (Access::SignedOut | Access::SecondFactor, Resolved::SignedIn(_)) => {
            Decision::Redirect { to: next_of(paths, query), notice: None }
        }
        _ => Decision::Render { failure: None },
    }
}

/// Returns the redirect target of the sign-in page.
fn next_of(paths: &Paths, query: Option<&str>) -> String {
    let next = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).find(|(name, _)| name == "next");
    next.and_then(|(_, path)| OwnPath::parse(&path))
        .map_or_else(|| paths.after_sign_in.into(), |path| path.as_str().to_owned())
}

fn visit_of(
    state: &AppState,
    sign_in_methods: SignInMethods,
    resolved: &Resolved,
    flash: Option<Flash>,
    pending: Option<PendingView>,
    failure: Option<AppError>,
) -> Visit {
    let user = match resolved {
        Resolved::SignedIn(user) => Some(SignedInUser::from(user.as_ref())),
        Resolved::SignedOut | Resolved::NeedsFactor | Resolved::Ended(_) | Resolved::Unknown(_) => None,
    };
    let (mut submission, mut notice, mut success) = (None, None, None);
    match flash {
        Some(Flash::Submission(left)) => submission = Some(left),
        Some(Flash::Notice(left)) => notice = Some(left),
        Some(Flash::Success(left)) => success = Some(left),
        None => {}
    }
    let needs_second_factor = matches!(resolved, Resolved::NeedsFactor);
    let is_person_unknown = matches!(resolved, Resolved::Unknown(_));
    Visit {
        user,
        needs_second_factor,
        is_person_unknown,
        submission,
        notice,
        success_text: success.as_ref().and_then(state.site.wording.success),
        success: success.map(Into::into),
        pending_sign_in: pending.map(Into::into),
        sign_in_methods,
        failure,
        ..Visit::of_nobody(state)
    }
}

/// Returns the error that a page shows. A program would get the same status.
fn outcome_of(visit: &Visit) -> Option<&AppError> {
    let of_form = visit.submission.as_ref().and_then(|submission| submission.outcome.as_ref().err());
    visit.failure.as_ref().or(of_form)
}

fn redirect(state: &AppState, to: &str, notice: Option<AppError>) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    append_cookie(response.headers_mut(), notice.and_then(|notice| state.flash.leave(Flash::Notice(notice))));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Resolved {
        let user = serde_json::json!({ "$id": "1", "name": "Ann" });
        Resolved::SignedIn(serde_json::from_value(user).expect("an account"))
    }

    fn target(decision: Decision) -> Option<String> {
        match decision {
            Decision::Redirect { to, .. } => Some(to),
            Decision::Render { .. } => None,
        }
    }

    #[test]
    fn private_page_redirects_to_sign_in_and_back() {
        let decision = decide(&Paths::DEFAULT, Access::SignedIn, &Resolved::SignedOut, "/account?tab=1", None);
        assert_eq!(target(decision).as_deref(), Some("/login?next=%2Faccount%3Ftab%3D1"));
    }

    #[test]
    fn sign_in_page_redirects_signed_in_users_to_own_paths() {
        let on = |query| target(decide(&Paths::DEFAULT, Access::SignedOut, &person(), "/login", query));
        assert_eq!(on(None).as_deref(), Some("/account"));
        assert_eq!(on(Some("next=%2Fbirthdays")).as_deref(), Some("/birthdays"));
        assert_eq!(on(Some("next=%2F%2Fevil")).as_deref(), Some("/account"));
    }

    #[test]
    fn every_page_redirects_to_pending_second_factor_with_next() {
        for access in [Access::Anyone, Access::AnyoneButEnded, Access::SignedIn] {
            let to = target(decide(&Paths::DEFAULT, access, &Resolved::NeedsFactor, "/account?tab=1", None));
            assert_eq!(to.as_deref(), Some("/login/factor?next=%2Faccount%3Ftab%3D1"), "{access:?}");
        }
        let to = target(decide(
            &Paths::DEFAULT,
            Access::SignedOut,
            &Resolved::NeedsFactor,
            "/login",
            Some("next=%2Fbirthdays"),
        ));
        assert_eq!(to.as_deref(), Some("/login/factor?next=%2Fbirthdays"));
        assert_eq!(
            target(decide(&Paths::DEFAULT, Access::SecondFactor, &Resolved::NeedsFactor, "/login/factor", None)),
            None
        );
    }

    #[test]
    fn second_factor_page_redirects_users_without_a_pending_factor() {
        let on = |resolved: &Resolved| {
            target(decide(&Paths::DEFAULT, Access::SecondFactor, resolved, "/login/factor", Some("next=%2Fbirthdays")))
        };
        assert_eq!(on(&person()).as_deref(), Some("/birthdays"));
        assert_eq!(on(&Resolved::SignedOut).as_deref(), Some("/login?next=%2Fbirthdays"));
    }

    #[test]
    fn outage_keeps_users_signed_in() {
        let unknown = Resolved::Unknown(AppError::BackendUnavailable);
        assert!(matches!(
            decide(&Paths::DEFAULT, Access::SignedIn, &unknown, "/account", None),
            Decision::Render { failure: Some(_) }
        ));
        assert!(matches!(
            decide(&Paths::DEFAULT, Access::Anyone, &unknown, "/", None),
            Decision::Render { failure: None }
        ));
    }

    #[test]
    fn home_page_stays_open_after_the_session_has_ended() {
        let ended = Resolved::Ended(AppError::SignedOut);
        assert!(matches!(
            decide(&Paths::DEFAULT, Access::Anyone, &ended, "/", None),
            Decision::Render { failure: None }
        ));
    }
}
