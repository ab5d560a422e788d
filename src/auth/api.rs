//! JSON API to sign in: `POST /api/login` and `GET /api/user`, as in Appwrite's guide to server-side rendering.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, RequestExt, Router};
use leptos_appwrite::auth::finish::end_former_session;
use leptos_appwrite::auth::password::{self, Credentials};
use leptos_appwrite::english::{problem as problem_in_words, sentence};
use leptos_appwrite::error::AppError;
use leptos_appwrite::error::http::{refusal_in_json, retry_after, status};
use leptos_appwrite::session::cookie::{CookieLifetime, RequestSession, append_cookie};
use leptos_appwrite::session::request::{Sender, no_cookie};
use leptos_appwrite::state::AppState;
use serde::Deserialize;
use serde_json::json;

use crate::person::Person;

/// The routes under `/api`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/login", post(login)).route("/user", get(user)).fallback(not_found)
}

#[derive(Deserialize)]
struct LoginBody {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    /// False for a session cookie without expiry.
    keep: Option<bool>,
}

async fn login(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sender = Sender::of(&state, &parts);
    let former = state.cookie.secret(&parts.headers);
    let body = match Request::from_parts(parts, body).extract::<Json<LoginBody>, _>().await {
        Ok(Json(body)) => body,
        Err(rejection) => return refusal(&state, &rejected(&rejection)),
    };
    let credentials = Credentials::new(&body.email, body.password);
    let session = match password::sign_in(&state, &sender, &credentials).await {
        Ok(session) => session,
        Err(error) => return refusal(&state, &error),
    };
    // This API cannot ask for a second factor, so it deletes a session that still needs one.
    if let Err(error) = state.appwrite.session(session.secret.clone()).account().await {
        end_former_session(&state, Some(session.secret)).await;
        return refusal(&state, &error.into());
    }
    let lifetime = CookieLifetime::of_choice(body.keep.unwrap_or(true));
    let Some(cookies) = state.cookie.set(&session, lifetime) else {
        return refusal(&state, &no_cookie("session"));
    };
    end_former_session(&state, former).await;
    let mut response = ([no_store()], Json(json!({ "success": true }))).into_response();
    append_cookie(response.headers_mut(), cookies);
    append_cookie(response.headers_mut(), state.known_browsers.remember(sender.known_browser, &credentials.email));
    response
}

async fn user(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let secret = match state.cookie.read(&headers) {
        RequestSession::One(secret) => secret,
        // A request from another site's link carries no `Strict` cookie; the browser may still have it, so keep it.
        RequestSession::None => return in_json(&AppError::SignedOut),
        RequestSession::Unusable => return refusal(&state, &AppError::SignedOut),
    };
    match state.appwrite.session(secret).account().await {
        Ok(user) => {
            let person = Person::from(user);
            let user = json!({ "id": person.id, "name": person.name, "email": person.email });
            ([no_store()], Json(json!({ "success": true, "user": user }))).into_response()
        }
        Err(error) => refusal(&state, &error.into()),
    }
}

async fn not_found(State(state): State<AppState>) -> Response {
    refusal(&state, &AppError::NotFound)
}

fn rejected(rejection: &JsonRejection) -> AppError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMediaType,
        _ => AppError::BadRequest,
    }
}

/// An error response that also clears the cookie if the session has ended.
fn refusal(state: &AppState, error: &AppError) -> Response {
    let mut response = in_json(error);
    if *error == AppError::SignedOut {
        append_cookie(response.headers_mut(), state.cookie.clear());
    }
    response
}

/// `{"success": false, "error": …}` with the error's status. Form field errors become a plain 400.
fn in_json(error: &AppError) -> Response {
    let code = if matches!(error, AppError::Invalid(_)) { StatusCode::BAD_REQUEST } else { status(error) };
    let sentence = match error {
        AppError::Invalid(problems) => problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem_in_words(problem.problem, None)))
            .collect::<Vec<_>>()
            .join(" "),
        error => sentence(error),
    };
    let mut body = refusal_in_json(code, &sentence);
    if *error == AppError::MoreFactorsRequired {
        body["secondFactor"] = true.into();
    }
    let mut response = (code, [no_store()], Json(body)).into_response();
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn no_store() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
