//! The current request, as server functions and the JSON routes see it: its sender, and how to set cookies.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos::reactive::owner::with_context;
use leptos_axum::ResponseOptions;
use url::Url;

use super::cookie::CookieLifetime;
use super::flash::Flash;
use super::methods::SignInMethod;
use super::own_path::OwnPath;
use super::pending_cookie::PendingSignIn;
use super::pending_sign_in::Proof;
use super::success::Success;
use super::visit::Visit;
use crate::error::AppError;
use crate::security::app_limits::AppLimit;
use crate::security::client_address::client_address;
use crate::session::known_browser::KnownBrowser;
use crate::state::AppState;
use crate::tables::Table;
use appwrite_client::{NewSession, Rows, SessionClient, SessionSecret, User, Visitor};

/// The sender of a request, for rate limits and for the headers that Appwrite receives.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The client's address, as reported by the peer or a trusted proxy.
    pub address: IpAddr,
    /// The browser and the accounts that it has signed in to before.
    pub known_browser: Option<KnownBrowser>,
    user_agent: Option<HeaderValue>,
}

impl Sender {
    /// Reads the sender from a request.
    pub fn of(state: &AppState, parts: &Parts) -> Self {
        Self {
            address: client_address(parts, &state.config.trusted_proxies),
            known_browser: state.known_browsers.read(&parts.headers),
            user_agent: parts.headers.get(header::USER_AGENT).cloned(),
        }
    }

    /// Returns what Appwrite learns about the user.
    pub fn visitor(&self) -> Visitor {
        Visitor { user_agent: self.user_agent.clone(), address: Some(self.address) }
    }
}

/// The request that a server function handles.
pub struct ActionRequest {
    /// The server's state.
    pub state: AppState,
    /// The sender.
    pub sender: Sender,
    headers: HeaderMap,
    response: ResponseOptions,
    /// The user resolved for the page being rendered; none if a server function runs on its own.
    #[expect(clippy::option_option, reason = "a page may have been resolved to nobody")]
    resolved: Option<Option<User>>,
}

impl ActionRequest {
    /// Returns the current request. Fails only outside of a request, which is a bug.
    pub fn current() -> Result<Self, AppError> {
        let state = use_context::<AppState>().ok_or_else(no_context)?;
        let response = use_context::<ResponseOptions>().ok_or_else(no_context)?;
        let of_parts = |parts: &Parts| {
            let user = || parts.extensions.get::<User>().cloned();
            let resolved = parts.extensions.get::<Visit>().map(|_| user());
            (Sender::of(&state, parts), parts.headers.clone(), resolved)
        };
        let (sender, headers, resolved) = with_context::<Parts, _>(of_parts).ok_or_else(no_context)?;
        Ok(Self { state, sender, headers, response, resolved })
    }

    /// Returns the current request for a sign-in method. Fails with [`AppError::MethodUnavailable`] if the app has no
    /// pages for it.
    pub fn for_method(method: SignInMethod) -> Result<Self, AppError> {
        let request = Self::current()?;
        if request.state.site.paths.offers(method) { Ok(request) } else { Err(AppError::MethodUnavailable) }
    }

    /// Counts this request against a limit of the app: by `key`, for instance the user's id, or else by the client's
    /// address. Fails with [`AppError::TooManyRequests`] above the limit.
    pub async fn limit(&self, limit: &AppLimit, key: Option<&str>) -> Result<(), AppError> {
        self.state.limits.count_for_app(limit, self.sender.address, key).await
    }

    /// Returns the request's headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the header `Accept-Language`, or an empty text.
    pub fn accept_language(&self) -> &str {
        self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the secret from the request's cookie.
    pub fn session_secret(&self) -> Option<SessionSecret> {
        self.state.cookie.secret(&self.headers)
    }

    /// Returns a client that acts as the user.
    pub fn session(&self) -> Result<SessionClient, AppError> {
        self.session_secret().map(|secret| self.state.appwrite.session(secret)).ok_or(AppError::SignedOut)
    }

    /// Returns the rows of a table, with the user's permissions.
    pub fn rows(&self, table: &Table) -> Result<Rows, AppError> {
        Ok(self.session()?.rows(&self.state.config.database_id, table.id))
    }

    /// Returns the rows of a table by its id. Fails with [`AppError::NotFound`] if the app has no such table.
    pub fn rows_by_id(&self, table: &str) -> Result<Rows, AppError> {
        self.rows(self.state.site.tables.iter().find(|known| known.id == table).ok_or(AppError::NotFound)?)
    }

    /// Returns the user: the one resolved for the page being rendered, or else fetched from Appwrite.
    pub async fn user<U: From<User>>(&self) -> Result<U, AppError> {
        match &self.resolved {
            Some(user) => user.clone().map(U::from).ok_or(AppError::SignedOut),
            None => Ok(self.session()?.account().await?.into()),
        }
    }

    /// Returns the user, or none without a session. A session that has ended is an error.
    pub async fn user_if_any<U: From<User>>(&self) -> Result<Option<U>, AppError> {
        match &self.resolved {
            Some(user) => Ok(user.clone().map(U::from)),
            None if self.session_secret().is_none() => Ok(None),
            None => self.user().await.map(Some),
        }
    }

    /// Returns how long the browser keeps the session after a sign-in, by the form's field `keep`: with `yes`, until the
    /// session expires; with `same`, as long as the current session; otherwise until the browser is closed.
    pub fn cookie_lifetime(&self, keep: &str) -> CookieLifetime {
        match keep {
            "yes" => CookieLifetime::Persistent,
            "same" => self.state.cookie.lifetime(&self.headers).unwrap_or_default(),
            _ => CookieLifetime::BrowserSession,
        }
    }

    /// Signs this browser in.
    pub fn start_session(&self, session: &NewSession, lifetime: CookieLifetime) -> Result<(), AppError> {
        for cookie in self.state.cookie.set(session, lifetime).ok_or_else(|| no_cookie("session"))? {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
        Ok(())
    }

    /// Signs this browser out, regardless of Appwrite's response.
    pub fn forget_session(&self) {
        for cookie in self.state.cookie.clear() {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Returns this browser's pending sign-in. Fails with [`AppError::StartAgain`] if none waits for this proof.
    pub(crate) fn pending_sign_in(&self, proof: Proof) -> Result<PendingSignIn, AppError> {
        let pending = self.state.pending_sign_in.read(&self.headers);
        pending.filter(|pending| pending.shown.proof == proof).ok_or(AppError::StartAgain)
    }

    /// Stores a pending sign-in in this browser.
    pub(crate) fn keep_pending_sign_in(&self, pending: &PendingSignIn) -> Result<(), AppError> {
        let cookie = self.state.pending_sign_in.keep(pending).ok_or_else(|| no_cookie("pending sign-in"))?;
        self.response.append_header(header::SET_COOKIE, cookie);
        Ok(())
    }

    /// Removes this browser's pending sign-in, if any.
    pub(crate) fn forget_pending_sign_in(&self) {
        if self.state.pending_sign_in.read(&self.headers).is_some()
            && let Some(cookie) = self.state.pending_sign_in.clear()
        {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Tells the next page that an action succeeded.
    pub fn leave_success(&self, success: Success) {
        if let Some(cookie) = self.state.flash.leave(Flash::Success(success)) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Records in this browser that it has signed in to the account with this address.
    pub fn remember_account(&self, email: &str) {
        if let Some(cookie) = self.state.known_browsers.remember(self.sender.known_browser.clone(), email) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Forbids caching of the response.
    pub fn no_store(&self) {
        self.response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    /// Redirects to `next` if it is a path of this app, or else to the app's default page after sign-in.
    pub fn go_to_next(&self, next: &str) {
        let next = OwnPath::parse(next);
        leptos_axum::redirect(next.as_ref().map_or(self.state.site.paths.after_sign_in, OwnPath::as_str));
    }

    /// Redirects to a page of this app.
    pub fn go_to(&self, page: &OwnPath) {
        leptos_axum::redirect(page.as_str());
    }

    /// Sets the cookie that `cookie` makes from the request's headers. Fails if it makes none.
    pub fn set_cookie(&self, cookie: impl FnOnce(&HeaderMap) -> Option<HeaderValue>) -> Result<(), AppError> {
        let cookie = cookie(&self.headers).ok_or_else(|| no_cookie("requested"))?;
        self.response.append_header(header::SET_COOKIE, cookie);
        Ok(())
    }

    /// Sets a cookie that only changes what this browser is shown, so it has no seal. Only the server reads it. Lives for
    /// `seconds`, or without them until the browser closes. Fails if the value cannot be in a header.
    pub fn set_display_cookie(&self, name: &str, value: &str, seconds: Option<u32>) -> Result<(), AppError> {
        let lifetime = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let secure = if self.state.cookie.is_https() { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{lifetime}{secure}");
        self.set_cookie(|_| HeaderValue::try_from(cookie).ok())
    }

    /// Redirects to another site.
    pub fn go_elsewhere(&self, page: &Url) {
        leptos_axum::redirect(page.as_str());
    }

    /// Redirects to the home page.
    pub fn go_home(&self) {
        leptos_axum::redirect(self.state.site.paths.home);
    }
}

fn no_context() -> AppError {
    AppError::internal("a server function ran without its request")
}

/// Returns the error for a value that does not fit into a cookie.
pub fn no_cookie(name: &str) -> AppError {
    AppError::internal(format_args!("the {name} cookie cannot be set"))
}
