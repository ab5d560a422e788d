//! The forms that post to their own page, because the response shows a secret once.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};

use crate::account::form_account::check_form_account;
use crate::error::{AppError, Problem};
use crate::one_time_code::without_spaces;
use crate::security::rate_limit::Attempt;
use crate::server::limits::BODY_LIMIT;
use crate::session::Success;
use crate::session::cookie::append_cookie;
use crate::session::flash::Flash;
use crate::session::forms::{is_form, refuse, refused_by_page};
use crate::session::own_path::OwnPath;
use crate::session::request::{ActionRequest, Sender};
use crate::session::resolve::reveal;
use crate::session::revealed::{NewAuthenticator, Revealed};
use crate::session::submission::Submission;
use crate::site::{SecurityPages, Site};
use crate::state::AppState;
use appwrite_client::{AppwriteError, Factors, SessionClient, User};

/// The maximum length of a recovery code, and the maximum number of codes in a file.
const MAX_CODE_LENGTH: usize = 64;
const MAX_CODES: usize = 50;

/// Returns the current request, and the app's security pages. Fails if the app has none.
pub(super) fn on_pages() -> Result<(ActionRequest, SecurityPages), AppError> {
    let request = ActionRequest::current()?;
    let pages = request.state.site.paths.security.ok_or(AppError::MethodUnavailable)?;
    Ok((request, pages))
}

/// Opens the overview, which shows what has changed.
pub(super) fn go_back(request: &ActionRequest, pages: SecurityPages, success: Success) {
    request.leave_success(success);
    request.go_to(&OwnPath::of_page(pages.overview));
}

/// Fails if the form was rendered for another user than the one who is signed in now.
pub(super) async fn check_account(request: &ActionRequest, account: &str) -> Result<(), AppError> {
    match account {
        "" => Ok(()),
        account => check_form_account(&request.user::<User>().await?.id, account),
    }
}

/// Asks for the second factor again before a change that could bypass it.
pub(crate) async fn require_factor_if_on(session: &SessionClient, user: &User) -> Result<(), AppError> {
    if user.mfa && has_factor(session.factors().await?) {
        session.require_recent_challenge().await?;
    }
    Ok(())
}

/// True if Appwrite would ask for one of these factors. Recovery codes alone do not count.
pub(crate) fn has_factor(has: Factors) -> bool {
    has.totp || has.email || has.phone
}

/// Returns the routes of the forms, if the app has their pages.
pub(crate) fn routes(site: &Site) -> Router<AppState> {
    match site.paths.security {
        None => Router::new(),
        Some(pages) => Router::new()
            .route(
                pages.authenticator,
                post(move |State(state): State<AppState>, request: Request| async move {
                    match Posted::read(&state, request).await {
                        Ok(posted) => {
                            let answer = authenticator(&state, &posted).await;
                            posted.answer(&state, pages, pages.authenticator, answer).await
                        }
                        Err(refusal) => refusal,
                    }
                }),
            )
            .route(
                pages.recovery_codes,
                post(move |State(state): State<AppState>, request: Request| async move {
                    match Posted::read(&state, request).await {
                        Ok(posted) if posted.fields.contains_key("codes") => posted.file(&state).await,
                        Ok(posted) => {
                            let answer = recovery_codes(&state, &posted).await;
                            posted.answer(&state, pages, pages.recovery_codes, answer).await
                        }
                        Err(refusal) => refusal,
                    }
                }),
            ),
    }
}

/// A posted form.
pub(crate) struct Posted {
    pub parts: Parts,
    fields: BTreeMap<String, String>,
}

/// The answer to a form.
enum Answer {
    /// The page, with a secret and an error of its form.
    Show(Box<User>, Revealed, Option<AppError>),
    /// The overview.
    Done(Success),
}

impl Posted {
    /// Reads the form. Returns a response as the error if the body is not a form.
    pub async fn read(state: &AppState, request: Request) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if !is_form(&parts.headers) {
            return Err(refuse(state, &parts.headers, AppError::UnsupportedMediaType).await);
        }
        match to_bytes(body, BODY_LIMIT).await {
            Ok(body) => Ok(Self { parts, fields: url::form_urlencoded::parse(&body).into_owned().collect() }),
            Err(_) => Err(refuse(state, &parts.headers, AppError::TooLarge).await),
        }
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Returns a client that acts as the user, and the user. Fails if the form was rendered for another user.
    pub async fn user(&self, state: &AppState) -> Result<(SessionClient, User), AppError> {
        let secret = state.cookie.secret(&self.parts.headers).ok_or(AppError::SignedOut)?;
        let session = state.appwrite.session(secret);
        let user = session.account().await?;
        check_form_account(&user.id, self.field("account"))?;
        Ok((session, user))
    }

    async fn answer(
        self,
        state: &AppState,
        pages: SecurityPages,
        page: &'static str,
        answer: Result<Answer, AppError>,
    ) -> Response {
        match answer {
            Ok(Answer::Show(user, revealed, error)) => {
                let refusal = error.map(|error| Submission::of_page(page, error));
                reveal(state, self.parts, *user, revealed, refusal).await
            }
            Ok(Answer::Done(success)) => {
                let mut headers = HeaderMap::from_iter([
                    (header::LOCATION, HeaderValue::from_static(pages.overview)),
                    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                ]);
                append_cookie(&mut headers, state.flash.leave(Flash::Success(success)));
                (StatusCode::SEE_OTHER, headers).into_response()
            }
            Err(error) => refused_by_page(state, page, error),
        }
    }

    /// Returns the codes of the page as a file, which works without JavaScript.
    async fn file(&self, state: &AppState) -> Response {
        let codes: Vec<_> = self.field("codes").split_whitespace().collect();
        let is_code =
            |code: &&str| code.len() <= MAX_CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if codes.is_empty() || codes.len() > MAX_CODES || !codes.iter().all(is_code) {
            return refuse(state, &self.parts.headers, AppError::BadRequest).await;
        }
        let headers = [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"recovery-codes.txt\""),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, codes.join("\n") + "\n").into_response()
    }
}

/// Creates an authenticator app, or confirms the one that the page shows.
async fn authenticator(state: &AppState, posted: &Posted) -> Result<Answer, AppError> {
    let (session, user) = posted.user(state).await?;
    require_factor_if_on(&session, &user).await?;
    if posted.fields.contains_key("uri") {
        return confirm(state, posted, &session, user).await;
    }
    match session.create_authenticator().await {
        Ok(created) => {
            let app = NewAuthenticator::of_uri(created.uri.expose_secret());
            let app = app.ok_or_else(|| AppError::internal("Appwrite's authenticator has no address to draw"))?;
            Ok(Answer::Show(Box::new(user), Revealed::Authenticator(app), None))
        }
        Err(error) if error.is("user_authenticator_already_verified") => Ok(Answer::Done(Success::AuthenticatorAdded)),
        Err(error) => Err(error.into()),
    }
}

/// Confirms the app. After an error, the page shows the same app, because the user has already scanned its code.
async fn confirm(state: &AppState, posted: &Posted, session: &SessionClient, user: User) -> Result<Answer, AppError> {
    let app = NewAuthenticator::of_uri(posted.field("uri")).ok_or(AppError::BadRequest)?;
    let address = Sender::of(state, &posted.parts).address;
    match check_code(state, address, session, &user, posted.field("code")).await {
        Ok(()) => Ok(finish(state, session, user).await),
        Err(error @ (AppError::SignedOut | AppError::MoreFactorsRequired | AppError::NotFound)) => Err(error),
        Err(error) => Ok(Answer::Show(Box::new(user), Revealed::Authenticator(app), Some(error))),
    }
}

async fn check_code(
    state: &AppState,
    address: std::net::IpAddr,
    session: &SessionClient,
    user: &User,
    typed: &str,
) -> Result<(), AppError> {
    let code = without_spaces(typed);
    if code.is_empty() {
        return Err(AppError::field("code", Problem::Missing));
    }
    state.limits.count(Attempt::SecondFactor, address, Some(&user.id)).await?;
    let wrong = || AppError::field("code", Problem::WrongCode);
    if code.len() > MAX_CODE_LENGTH {
        return Err(wrong());
    }
    match session.confirm_authenticator(&SecretString::from(code)).await {
        Err(error) if error.is("user_invalid_token") => Err(wrong()),
        Err(error) if error.is("user_authenticator_already_verified") => Ok(()),
        result => Ok(result?),
    }
}

/// Turns the second factor on and creates the first recovery codes. If this fails, the app stays. The overview offers
/// the failed step.
async fn finish(state: &AppState, session: &SessionClient, user: User) -> Answer {
    let codes = async {
        if !user.mfa {
            session.update_mfa(true).await?;
        }
        match session.create_recovery_codes().await {
            // The account has recovery codes from an earlier attempt, which the user may not have seen. The first proof
            // of the address replaces them.
            Err(error) if has_codes(&error) && !user.mfa => {
                state.appwrite.admin().replace_recovery_codes(&user.id).await
            }
            result => result,
        }
    };
    match codes.await {
        Ok(codes) => Answer::Show(Box::new(user), shown(codes), None),
        Err(error) => {
            if !has_codes(&error) {
                tracing::warn!(%error, "the second factor could not be turned on, or its recovery codes could not be created");
            }
            Answer::Done(Success::AuthenticatorAdded)
        }
    }
}

/// Makes recovery codes, in place of those that the account has.
async fn recovery_codes(state: &AppState, posted: &Posted) -> Result<Answer, AppError> {
    let (session, user) = posted.user(state).await?;
    require_factor_if_on(&session, &user).await?;
    let codes = match session.create_recovery_codes().await {
        Err(error) if has_codes(&error) => session.replace_recovery_codes().await?,
        result => result?,
    };
    Ok(Answer::Show(Box::new(user), shown(codes), None))
}

fn has_codes(error: &AppwriteError) -> bool {
    error.is("user_recovery_codes_already_exists")
}

fn shown(codes: Vec<SecretString>) -> Revealed {
    Revealed::RecoveryCodes(codes.iter().map(|code| code.expose_secret().to_owned()).collect())
}
