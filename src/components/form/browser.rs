//! Posts a form without loading a document.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Array;
use web_sys::{FormData, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use super::FormAction;
use crate::error::AppError;

/// What a server function without a result answers, in JSON.
const NOTHING: &str = "null";

/// Posts the form's fields and notes the answer, one call at a time.
pub(super) fn submit(event: &SubmitEvent, action: FormAction) {
    event.prevent_default();
    if action.is_pending.get_untracked() {
        return;
    }
    action.is_unused.set(false);
    action.answer.set(None);
    action.is_pending.set(true);
    match encoded(event) {
        Ok(body) => spawn_local(async move { end(action, post(action.path(), &body).await) }),
        Err(_) => end(action, Err(AppError::BadRequest)),
    }
}

/// Notes the answer, unless the form is gone from the page.
fn end(action: FormAction, answer: Result<(), AppError>) {
    let _ = action.is_pending.try_set(false);
    let _ = action.answer.try_set(Some(answer));
}

/// The fields as browsers encode them when they post a form.
fn encoded(event: &SubmitEvent) -> Result<String, JsValue> {
    let form: HtmlFormElement = event.target().ok_or(JsValue::NULL)?.dyn_into()?;
    let fields = FormData::new_with_form(&form)?;
    // A sequence of pairs, whatever the name of this constructor says.
    Ok(UrlSearchParams::new_with_str_sequence_sequence(&fields)?.to_string().into())
}

async fn post(path: &str, body: &str) -> Result<(), AppError> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&body.into());
    let headers = [["accept", "application/json"], ["content-type", "application/x-www-form-urlencoded"]];
    request.set_headers(
        &headers.map(|pair| pair.map(JsValue::from).into_iter().collect::<Array>()).into_iter().collect::<Array>(),
    );
    let response =
        JsFuture::from(window().fetch_with_str_and_init(path, &request)).await.map_err(|_| AppError::Offline)?;
    let response: Response = response.dyn_into().map_err(|_| AppError::OutOfDate)?;
    let text = JsFuture::from(response.text().map_err(|_| AppError::Offline)?).await.map_err(|_| AppError::Offline)?;
    let text = text.as_string().unwrap_or_default();
    if response.status() >= 400 {
        return Err(AppError::de(text.into()));
    }
    let headers = response.headers();
    if headers.has(REDIRECT_HEADER).unwrap_or_default()
        && let Ok(Some(location)) = headers.get("location")
    {
        call_redirect_hook(&location);
    }
    // Anything else was answered by another server, or by another version of ours.
    if text.trim() == NOTHING { Ok(()) } else { Err(AppError::OutOfDate) }
}
