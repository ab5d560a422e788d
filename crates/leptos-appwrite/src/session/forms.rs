//! Responses to server functions: an HTTP status for programs; for form posts without JavaScript, a redirect to a page
//! that shows the result.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use url::Url;

use super::cookie::append_cookie;
use super::flash::Flash;
use super::mail_link::MailLink;
use super::opening::open_elsewhere;
use super::own_path::{OwnPath, page_then};
use super::submission::{MARKED_SECRETS, SECRET_FIELDS, Submission};
use crate::error::AppError;
use crate::error::http::{refusal_in_json, retry_after, status, wants_page};
use crate::render::failure_page;
use crate::server::limits::BODY_LIMIT;
use crate::site::Paths;
use crate::state::AppState;

/// The path prefix of the server functions.
const ACTIONS: &str = "/actions/";

/// Fields that control the response and that the user did not type.
const CONTROL_FIELDS: [&str; 2] = ["page", "then"];

/// Middleware around all server functions.
pub async fn answer_actions(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.uri().path().starts_with(ACTIONS) {
        let response = next.run(request).await;
        return for_programs(&state, response).await;
    }
    if !is_form(request.headers()) {
        return refuse(&state, request.headers(), AppError::UnsupportedMediaType).await;
    }
    let is_page_wanted = wants_page(request.headers());
    let (mut parts, body) = request.into_parts();
    // If the client accepts HTML, a server function redirects to the `Referer`, which may be another site.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if !is_page_wanted {
        let response = next.run(Request::from_parts(parts, body)).await;
        return for_programs(&state, response).await;
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return failure_page(&state, AppError::TooLarge).await;
    };
    let form = PostedForm::parse(parts.uri.path(), &body);
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    for_browsers(&state, form, response).await
}

/// True if the content type is that of a form, the only one that server functions accept.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let media_type = text(headers, header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Returns an error as a page if the client asked for one, or else as JSON.
pub async fn refuse(state: &AppState, headers: &HeaderMap, error: AppError) -> Response {
    if wants_page(headers) {
        return failure_page(state, error).await;
    }
    let code = status(&error);
    (code, axum::Json(refusal_in_json(code, &(state.site.wording.error)(&error)))).into_response()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The fields of a posted form.
struct PostedForm {
    action: String,
    page: Option<OwnPath>,
    then: Option<OwnPath>,
    typed: BTreeMap<String, String>,
    link: Option<MailLink>,
}

impl PostedForm {
    fn parse(action: &str, body: &Bytes) -> Self {
        let mut typed: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        let [page, then] = CONTROL_FIELDS.map(|field| typed.remove(field).and_then(|path| OwnPath::parse(&path)));
        let link = typed.get("user_id").zip(typed.get("secret"));
        let link = link.and_then(|(user_id, secret)| MailLink::parse(user_id, secret));
        let marked = typed.remove(MARKED_SECRETS).unwrap_or_default();
        typed.retain(|name, _| {
            !SECRET_FIELDS.contains(&name.as_str()) && !marked.split(' ').any(|secret| secret == name)
        });
        Self { action: action.into(), page, then, typed, link }
    }

    fn page(&self) -> &str {
        self.page.as_ref().map_or("/", OwnPath::as_str)
    }
}

/// Sets the status that matches the error, and removes the cookie of a session that has ended.
async fn for_programs(state: &AppState, response: Response) -> Response {
    let (error, mut response) = read_error(response).await;
    if let Some(error) = error {
        if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            *response.status_mut() = status(&error);
        }
        add_headers(state, &error, response.headers_mut());
    }
    response
}

/// Redirects the browser to the page that shows the result.
async fn for_browsers(state: &AppState, form: PostedForm, response: Response) -> Response {
    let (error, response) = read_error(response).await;
    let mut headers = HeaderMap::new();
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    let location = response.headers().get(header::LOCATION).cloned();
    let paths = &state.site.paths;
    let (target, flash) = match error {
        None if location.is_some() => (location, None),
        None if form.then.is_some() => (form.then.as_ref().and_then(|path| path.as_str().try_into().ok()), None),
        None => (form.page().try_into().ok(), Some(submission(&form, Ok(())))),
        Some(error) => {
            add_headers(state, &error, &mut headers);
            let (target, flash) = after_error(paths, form.page(), error, |error| submission(&form, Err(error)));
            (target.try_into().ok(), flash)
        }
    };
    let Some(target) = target else {
        return failure_page(state, AppError::internal("the form's page is no value of a header")).await;
    };
    headers.remove(header::RETRY_AFTER);
    if let Some(address) = target.to_str().ok().and_then(|target| Url::parse(target).ok()) {
        // A path of this app does not parse as a URL, so this is another site's address.
        let mut page = open_elsewhere(&address, &state.site.wording);
        page.headers_mut().extend(headers);
        return page;
    }
    headers.insert(header::LOCATION, target);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    append_cookie(&mut headers, flash.and_then(|flash| state.flash.leave(flash)));
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Returns the page to open after an error, and the message for it.
fn after_error(
    paths: &Paths,
    page: &str,
    error: AppError,
    submission: impl FnOnce(AppError) -> Flash,
) -> (String, Option<Flash>) {
    if let Some(proof) = paths.proof_for(&error) {
        return (page_then(proof, page), (error == AppError::SignedOut).then_some(Flash::Notice(error)));
    }
    match error {
        AppError::OutOfDate | AppError::OtherAccount => (page.to_owned(), Some(Flash::Notice(error))),
        error => (page.to_owned(), Some(submission(error))),
    }
}

/// Redirects to the page whose form failed, if the page itself answers its form.
pub(crate) fn refused_by_page(state: &AppState, page: &'static str, error: AppError) -> Response {
    let mut headers = HeaderMap::new();
    add_headers(state, &error, &mut headers);
    headers.remove(header::RETRY_AFTER);
    let submission = |error| Flash::Submission(Submission::of_page(page, error));
    let (target, flash) = after_error(&state.site.paths, page, error, submission);
    let Ok(target) = HeaderValue::try_from(target) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    headers.insert(header::LOCATION, target);
    append_cookie(&mut headers, flash.and_then(|flash| state.flash.leave(flash)));
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn submission(form: &PostedForm, outcome: Result<(), AppError>) -> Flash {
    let link = match outcome {
        Ok(()) | Err(AppError::LinkInvalid) => None,
        Err(_) => form.link.clone(),
    };
    let typed = form.typed.clone();
    Flash::Submission(Submission { action: form.action.clone(), outcome, typed, is_cut: false, link })
}

fn add_headers(state: &AppState, error: &AppError, headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if *error == AppError::SignedOut {
        append_cookie(headers, state.cookie.clear());
    }
    if let Some(seconds) = retry_after(error) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}

/// Reads the error from a server function's response, if any, and returns the response unchanged.
async fn read_error(response: Response) -> (Option<AppError>, Response) {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return (None, response);
    }
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) => return (Some(AppError::internal(error)), Response::from_parts(parts, Body::empty())),
    };
    (Some(AppError::de(body.clone())), Response::from_parts(parts, Body::from(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &'static str) -> PostedForm {
        PostedForm::parse("/actions/sign_up", &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn typed_values_are_kept_except_secrets_and_control_fields() {
        let form = parse("name=Ann&postcode=1010&decoder=x&password=x&code=1&secret=y&page=%2Fsignup&then=%2F");
        assert_eq!(form.typed.keys().collect::<Vec<_>>(), ["decoder", "name", "postcode"]);
        assert_eq!((form.page(), form.then.as_ref().map(OwnPath::as_str)), ("/signup", Some("/")));
    }

    #[test]
    fn form_cannot_redirect_to_another_site() {
        assert_eq!(parse("page=https%3A%2F%2Fevil").page(), "/");
        assert!(parse("then=%2F%2Fevil").then.is_none());
    }
}
