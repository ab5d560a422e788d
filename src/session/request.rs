//! One request of a person, as server functions and the JSON routes see it: who asks, and how to answer with a cookie.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use url::Url;

use super::cookie::Presented;
use super::flash::Flash;
use super::news::News;
use super::own_path::OwnPath;
use super::pending::Proof;
use super::pending_cookie::PendingSignIn;
use super::visit::{Person, Visit};
use crate::auth::known_browser::KnownBrowser;
use crate::error::{AppError, FieldError, Problem};
use crate::security::client_address::client_address;
use crate::server::AppState;
use crate::session::round_trip::RoundTrip;
use appwrite_client::{AppwriteError, NewSession, SessionClient, SessionSecret, Visitor};

/// Who sends a request: what our limits count by, and what Appwrite is told of the person.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The client's address, as far as we can trust it.
    pub address: IpAddr,
    /// The browser and the accounts that it has signed in to before.
    pub known_browser: Option<KnownBrowser>,
    user_agent: Option<HeaderValue>,
}

impl Sender {
    /// Reads the sender off a request.
    pub fn of(state: &AppState, parts: &Parts) -> Self {
        Self {
            address: client_address(parts, &state.config.trusted_proxies),
            known_browser: state.known_browsers.read(&parts.headers),
            user_agent: parts.headers.get(header::USER_AGENT).cloned(),
        }
    }

    /// What Appwrite is told of the person for whom our server calls.
    pub fn visitor(&self) -> Visitor {
        Visitor { user_agent: self.user_agent.clone(), address: Some(self.address) }
    }
}

/// The request that a server function answers.
pub struct ActionRequest {
    /// The server's state.
    pub state: AppState,
    /// Who asks.
    pub sender: Sender,
    headers: HeaderMap,
    response: ResponseOptions,
    visit: Option<Visit>,
}

impl ActionRequest {
    /// The request at hand. Fails only where there is none, which is a mistake of ours.
    pub fn current() -> Result<Self, AppError> {
        let parts = use_context::<Parts>().ok_or_else(no_context)?;
        let state = use_context::<AppState>().ok_or_else(no_context)?;
        let response = use_context::<ResponseOptions>().ok_or_else(no_context)?;
        let visit = parts.extensions.get::<Visit>().cloned();
        Ok(Self { sender: Sender::of(&state, &parts), headers: parts.headers, state, response, visit })
    }

    /// The secret in the request's cookie.
    pub fn session_secret(&self) -> Option<SessionSecret> {
        match self.state.cookie.read(&self.headers) {
            Presented::One(secret) => Some(secret),
            Presented::None | Presented::Unusable => None,
        }
    }

    /// A client that acts as the person who asks.
    pub fn session(&self) -> Result<SessionClient, AppError> {
        self.session_secret().map(|secret| self.state.appwrite.session(secret)).ok_or(AppError::SignedOut)
    }

    /// The person who asks: the one whom the page at hand was resolved for, or else as Appwrite knows them now.
    pub async fn person(&self) -> Result<Person, AppError> {
        match &self.visit {
            Some(visit) => visit.person.clone().ok_or(AppError::SignedOut),
            None => Ok(self.session()?.account().await?.into()),
        }
    }

    /// The person who asks, or none if nobody is signed in. A session that has ended is an error, not nobody.
    pub async fn person_or_guest(&self) -> Result<Option<Person>, AppError> {
        match &self.visit {
            Some(visit) => Ok(visit.person.clone()),
            None if self.session_secret().is_none() => Ok(None),
            None => self.person().await.map(Some),
        }
    }

    /// Signs this browser in.
    pub fn start_session(&self, session: &NewSession) -> Result<(), AppError> {
        for cookie in self.state.cookie.set(session).ok_or_else(|| no_cookie("session"))? {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
        Ok(())
    }

    /// Signs this browser out, whatever Appwrite says.
    pub fn forget_session(&self) {
        for cookie in self.state.cookie.clear() {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// The sign-in that this browser has under way. Fails with [`AppError::StartAgain`] if there is none of this kind.
    pub fn pending(&self, is_this: impl FnOnce(Proof) -> bool) -> Result<PendingSignIn, AppError> {
        let pending = self.state.pending.read(&self.headers).ok_or(AppError::StartAgain)?;
        if is_this(pending.shown.proof) { Ok(pending) } else { Err(AppError::StartAgain) }
    }

    /// Keeps a sign-in under way in this browser.
    pub fn keep_pending(&self, pending: &PendingSignIn) -> Result<(), AppError> {
        let cookie = self.state.pending.keep(pending).ok_or_else(|| no_cookie("pending sign-in"))?;
        self.response.append_header(header::SET_COOKIE, cookie);
        Ok(())
    }

    /// Forgets the sign-in that this browser has under way, if there is one.
    pub fn forget_pending(&self) {
        if self.state.pending.read(&self.headers).is_some()
            && let Some(cookie) = self.state.pending.clear()
        {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Leaves good news for the page that comes next.
    pub fn leave_news(&self, news: News) {
        if let Some(cookie) = self.state.flash.leave(Flash::News(news)) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Remembers in this browser that it has signed in to the account with this address.
    pub fn remember_account(&self, email: &str) {
        if let Some(cookie) = self.state.known_browsers.remember(self.sender.known_browser.clone(), email) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Keeps the answer out of every cache.
    pub fn no_store(&self) {
        self.response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    /// Sends the person where they wanted to go, if that is a path of ours, or to their account.
    pub fn go_to_next(&self, next: &str) {
        let next = OwnPath::parse(next);
        leptos_axum::redirect(next.as_ref().map_or("/account", OwnPath::as_str));
    }

    /// Sends the person to a page of ours.
    pub fn go_to(&self, page: &OwnPath) {
        leptos_axum::redirect(page.as_str());
    }

    /// Keeps a round trip to a provider in this browser.
    pub fn keep_round_trip(&self, trip: &RoundTrip) -> Result<(), AppError> {
        let cookie = self.state.round_trip.keep(&self.headers, trip).ok_or_else(|| no_cookie("round trip"))?;
        self.response.append_header(header::SET_COOKIE, cookie);
        Ok(())
    }

    /// Sends the person to a page of another site.
    pub fn go_elsewhere(&self, page: &Url) {
        leptos_axum::redirect(page.as_str());
    }

    /// Sends the person to the home page.
    pub fn go_home(&self) {
        leptos_axum::redirect("/");
    }
}

fn no_context() -> AppError {
    AppError::internal("a server function ran without its request")
}

/// The error for a value that does not fit into a cookie.
pub fn no_cookie(name: &str) -> AppError {
    AppError::internal(format_args!("the {name} cookie cannot be set"))
}

impl From<AppwriteError> for AppError {
    /// What Appwrite's refusal means to the person. The call itself has logged outages and what an operator can cure.
    fn from(error: AppwriteError) -> Self {
        if error.is_signed_out() {
            return Self::SignedOut;
        }
        if let Some(cure) = error.cure() {
            if error.kind().is_none() {
                tracing::warn!(%error, cure, "unusable response from Appwrite: check the configuration");
            }
            return Self::Misconfigured;
        }
        if error.is_rate_limited() {
            let wait = error.retry_at().map(|at| at.as_second() - jiff::Timestamp::now().as_second());
            return Self::TooManyRequests { retry_after: wait.and_then(|wait| u64::try_from(wait).ok()).unwrap_or(60) };
        }
        if error.is_outage() {
            return Self::BackendUnavailable;
        }
        if let Some(column) = error.column() {
            return Self::field(column, refusal_of(column));
        }
        match error.kind() {
            Some("user_invalid_credentials") => Self::InvalidCredentials,
            Some("user_more_factors_required") => Self::MoreFactorsRequired,
            Some("user_password_reset_required") => Self::PasswordResetRequired,
            Some("user_blocked") => Self::Blocked,
            Some("user_already_exists" | "user_email_already_exists" | "user_target_already_exists") => {
                Self::EmailTaken
            }
            Some("user_unauthorized") => Self::Forbidden,
            Some("user_invalid_token") => Self::LinkInvalid,
            Some("user_auth_method_unsupported" | "general_smtp_disabled" | "general_phone_disabled") => {
                Self::MethodUnavailable
            }
            Some("password_personal_data") => Self::field("password", Problem::PersonalData),
            Some("password_recently_used") => Self::field("password", Problem::UsedBefore),
            Some("password_pwned") => Self::field("password", Problem::Breached),
            Some("general_invalid_email") => Self::field("email", Problem::NotAnEmail),
            Some("general_invalid_phone") => Self::field("phone", Problem::NotAPhone),
            // The project's rules for addresses: no throw-away mailboxes, for instance.
            Some(kind) if kind.starts_with("user_email_") => Self::field("email", Problem::Refused),
            Some("general_argument_invalid" | "general_bad_request") => Self::BadRequest,
            Some(_) if error.is_not_found() => Self::NotFound,
            _ if matches!(error, AppwriteError::InvalidId) => Self::NotFound,
            _ => Self::unforeseen(&error),
        }
    }
}

impl AppError {
    /// What Appwrite's refusal of what a link from a mail carried means: whatever is wrong with the link is one thing.
    pub fn of_mail_link(error: AppwriteError) -> Self {
        if matches!(error.parameter(), Some("userId" | "secret")) {
            return Self::LinkInvalid;
        }
        match error.into() {
            Self::NotFound => Self::LinkInvalid,
            other => other,
        }
    }

    /// What Appwrite's refusal of a form's values means. `sent` pairs Appwrite's parameters or columns with the form's fields.
    ///
    /// An argument that is no field is our mistake; one that Appwrite does not name may be any of the fields.
    pub fn of_form(error: AppwriteError, sent: &[(&str, &str)]) -> Self {
        let field_of = |parameter: &str| sent.iter().find(|(own, _)| *own == parameter).map(|(_, field)| *field);
        if error.is("general_argument_invalid") && error.cure().is_none() {
            return match error.parameter() {
                Some(parameter) => match field_of(parameter) {
                    Some(field) => Self::field(field, refusal_of(parameter)),
                    None => Self::unforeseen(&error),
                },
                None => Self::Invalid(
                    sent.iter()
                        .map(|(_, field)| FieldError { field: (*field).into(), problem: Problem::Refused })
                        .collect(),
                ),
            };
        }
        match error.into() {
            Self::Invalid(mut errors) => {
                for error in &mut errors {
                    if let Some(field) = field_of(&error.field) {
                        error.field = field.into();
                    }
                }
                Self::Invalid(errors)
            }
            other => other,
        }
    }

    /// A refusal that the app does not expect: the log has what Appwrite said.
    fn unforeseen(error: &AppwriteError) -> Self {
        let (status, words) = (error.status(), error.message_for_log());
        tracing::warn!(%error, kind = error.kind(), status, words, "unexpected refusal from Appwrite");
        Self::Internal
    }
}

/// The problem with a value that Appwrite refuses for this parameter or column, as far as its name tells.
fn refusal_of(parameter: &str) -> Problem {
    match parameter {
        "email" => Problem::NotAnEmail,
        "phone" => Problem::NotAPhone,
        "password" => Problem::TooWeak,
        "birthday" => Problem::NotADate,
        _ => Problem::Refused,
    }
}

/// Collects what is wrong with the fields of a form, so that the person hears of all of it at once.
#[derive(Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes a problem with a field, if there is one.
    pub fn note(&mut self, field: &str, problem: Option<Problem>) {
        self.0.extend(problem.map(|problem| FieldError { field: field.into(), problem }));
    }

    /// Fails if anything was noted.
    pub fn check(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}
