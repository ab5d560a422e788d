//! Calls of server functions with the fields of a form.

use leptos::prelude::*;
use leptos::server::codee::Decoder;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use leptos::server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Array;
use web_sys::{RequestInit, Response};

use crate::error::AppError;
use crate::json::Json;

/// The JSON response of a server function without a result.
const NOTHING: &str = "null";

/// Calls a server function without a result. Returns the result, and whether the browser loads another page.
pub(super) async fn post(path: &str, body: &str) -> (Result<(), AppError>, bool) {
    let (text, location) = match exchange(path, body).await {
        Ok(answer) => answer,
        Err(error) => return (Err(error), false),
    };
    if let Some(location) = &location {
        call_redirect_hook(location);
    }
    // Any other response comes from another server, or from another version of this one.
    let answer = if text.trim() == NOTHING { Ok(()) } else { Err(AppError::OutOfDate) };
    (answer, location.is_some())
}

/// Calls a server function. Returns its result as JSON, and where it redirects to.
pub(super) async fn exchange(path: &str, body: &str) -> Result<(String, Option<String>), AppError> {
    let response = send(path, body).await?;
    let headers = response.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    let text = match response.text().map(JsFuture::from) {
        Ok(text) => text.await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    let text = text.ok_or(AppError::Offline)?;
    if response.status() >= 400 {
        let is_ours = header(SERVER_FN_ERROR_HEADER).is_some();
        return Err(refusal(response.status(), is_ours, header("retry-after").as_deref(), &text));
    }
    Ok((text, header("location").filter(|_| header(REDIRECT_HEADER).is_some())))
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
fn refusal(status: u16, is_ours: bool, retry_after: Option<&str>, text: &str) -> AppError {
    match status {
        502..=504 if !is_ours => AppError::BackendUnavailable,
        429 if !is_ours => {
            let retry_after = retry_after.and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
            AppError::TooManyRequests { retry_after }
        }
        // From another server, or from another version of this one.
        _ => Json::decode(text).unwrap_or(AppError::OutOfDate),
    }
}
