//! Posts a form without loading a document.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use leptos::server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Array;
use web_sys::{FormData, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use super::FormAction;
use crate::error::AppError;

/// The JSON response of a server function without a result.
const NOTHING: &str = "null";

/// Posts the form's fields and stores the result, one call at a time.
pub(super) fn submit(event: &SubmitEvent, action: FormAction) {
    if action.is_page {
        return;
    }
    event.prevent_default();
    if action.is_pending.get_untracked() {
        return;
    }
    action.is_unused.set(false);
    action.answer.set(None);
    action.is_pending.set(true);
    match encoded(event) {
        Ok(body) => spawn_local(async move {
            let (answer, leads_on) = post(action.path(), &body).await;
            if leads_on { wait_for_page(action) } else { end(action, answer) }
        }),
        Err(_) => end(action, Err(AppError::BadRequest)),
    }
}

/// Returns the value of one of the form's text fields.
pub(super) fn value_of(event: &SubmitEvent, field: &str) -> Option<String> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    FormData::new_with_form(&form).ok()?.get(field).as_string()
}

/// Stores the result, unless the form has left the page.
fn end(action: FormAction, answer: Result<(), AppError>) {
    let _ = action.is_pending.try_set(false);
    let _ = action.answer.try_set(Some(answer));
}

/// Stores the success. Blocks further posts while the next page loads, until the back button shows this page again.
fn wait_for_page(action: FormAction) {
    let _ = action.answer.try_set(Some(Ok(())));
    window_event_listener_untyped("pageshow", move |_| {
        let _ = action.is_pending.try_set(false);
    });
}

/// Encodes the fields like a browser's form post.
fn encoded(event: &SubmitEvent) -> Result<String, JsValue> {
    let form: HtmlFormElement = event.target().ok_or(JsValue::NULL)?.dyn_into()?;
    let fields = FormData::new_with_form(&form)?;
    // Passes a sequence of pairs, despite the constructor's name.
    Ok(UrlSearchParams::new_with_str_sequence_sequence(&fields)?.to_string().into())
}

/// Returns the result, and whether the browser loads another page.
async fn post(path: &str, body: &str) -> (Result<(), AppError>, bool) {
    let response = match send(path, body).await {
        Ok(response) => response,
        Err(error) => return (Err(error), false),
    };
    let headers = response.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    let text = match response.text().map(JsFuture::from) {
        Ok(text) => text.await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    let Some(text) = text else { return (Err(AppError::Offline), false) };
    if response.status() >= 400 {
        let is_ours = header(SERVER_FN_ERROR_HEADER).is_some();
        return (Err(refusal(response.status(), is_ours, header("retry-after").as_deref(), text)), false);
    }
    let location = header("location").filter(|_| header(REDIRECT_HEADER).is_some());
    if let Some(location) = &location {
        call_redirect_hook(location);
    }
    // Any other response came from another server or another version of this one.
    let answer = if text.trim() == NOTHING { Ok(()) } else { Err(AppError::OutOfDate) };
    (answer, location.is_some())
}

async fn send(path: &str, body: &str) -> Result<Response, AppError> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&body.into());
    let headers = [["accept", "application/json"], ["content-type", "application/x-www-form-urlencoded"]];
    let headers = headers.map(|pair| pair.map(JsValue::from).into_iter().collect::<Array>());
    request.set_headers(&headers.into_iter().collect::<Array>());
    let sent = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await;
    sent.map_err(|_| AppError::Offline)?.dyn_into().map_err(|_| AppError::OutOfDate)
}

/// Returns the error for a failed response. If a proxy sent it, uses only the status.
fn refusal(status: u16, is_ours: bool, retry_after: Option<&str>, text: String) -> AppError {
    match status {
        502..=504 if !is_ours => AppError::BackendUnavailable,
        429 if !is_ours => {
            let retry_after = retry_after.and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
            AppError::TooManyRequests { retry_after }
        }
        _ => AppError::de(text.into()),
    }
}
