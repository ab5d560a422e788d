//! Posts a form without loading a document.

use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlElement, HtmlFormElement, HtmlInputElement, UrlSearchParams};

use super::FormAction;
use super::ceremony::browser::perform;
pub(super) use super::ceremony::browser::{abort, has_passkey_autofill, has_passkeys};
use super::ceremony::task::Mediation;
use super::exchange::post;
use crate::error::AppError;

/// Posts the form's fields and stores the result, one call at a time.
pub(super) fn submit(event: &SubmitEvent, action: FormAction) {
    if action.is_page {
        return;
    }
    event.prevent_default();
    if action.is_pending.get_untracked() {
        return;
    }
    action.is_pending.set(true);
    let own_path = event.submitter().and_then(|button| button.get_attribute("formaction"));
    match posted(event) {
        Ok(body) => spawn_local(async move {
            let body = match action.ceremony {
                Some(ceremony) => perform(ceremony, body, Mediation::Optional).await,
                None => Ok(body),
            };
            match body {
                Ok(body) => send(action, own_path.as_deref().unwrap_or(action.path()), &body).await,
                Err(error) => end(action, Err(error)),
            }
        }),
        Err(_) => end(action, Err(AppError::BadRequest)),
    }
}

/// Waits until the user chooses a passkey in the autofill of a field, then sends it with the fields of the form with
/// this id. Shows no errors before the choice, because the user did not ask for a passkey.
pub(super) fn autofill(action: FormAction, form: &'static str) {
    let Some(ceremony) = action.ceremony else { return };
    spawn_local(async move {
        let Ok(answer) = perform(ceremony, String::new(), Mediation::Conditional).await else { return };
        let form = document().get_element_by_id(form).and_then(|form| form.dyn_into().ok());
        let Some(Ok(fields)) = form.map(|form| encoded(&form, None)) else { return };
        if action.is_pending.try_get_untracked() == Some(false) {
            action.is_pending.set(true);
            send(action, action.path(), &(fields + &answer)).await;
        }
    });
}

/// Presses the form's button if the field that the user types into is ready.
pub(super) fn send_if(event: &Event, is_ready: impl FnOnce(&str) -> bool) {
    let field: Option<HtmlInputElement> = event.target().and_then(|field| field.dyn_into().ok());
    let Some(field) = field.filter(|field| is_ready(&field.value())) else { return };
    let button = field.form().and_then(|form| form.query_selector("button[type='submit']").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

async fn send(action: FormAction, path: &str, body: &str) {
    let (answer, leads_on) = post(path, body).await;
    if leads_on { wait_for_page(action) } else { end(action, answer) }
}

/// Returns the value of one of the form's text fields.
pub(super) fn value_of(event: &SubmitEvent, field: &str) -> Option<String> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    FormData::new_with_form(&form).ok()?.get(field).as_string()
}

/// Stores the result, unless the form has left the page.
fn end(action: FormAction, answer: Result<(), AppError>) {
    let _ = action.is_pending.try_set(false);
    set_answer(action, answer);
}

fn set_answer(action: FormAction, answer: Result<(), AppError>) {
    let _ = action.answer.try_set(Some(answer));
    let _ = action.answers.try_update(|answers| *answers = answers.wrapping_add(1));
}

/// Stores the success. Blocks further posts while the next page loads, until the back button shows this page again.
fn wait_for_page(action: FormAction) {
    set_answer(action, Ok(()));
    window_event_listener_untyped("pageshow", move |_| {
        let _ = action.is_pending.try_set(false);
    });
}

/// Encodes the fields of the form that is sent, with that of the button.
fn posted(event: &SubmitEvent) -> Result<String, JsValue> {
    encoded(&event.target().ok_or(JsValue::NULL)?.dyn_into()?, event.submitter())
}

/// Encodes the fields like a browser's form post.
fn encoded(form: &HtmlFormElement, button: Option<HtmlElement>) -> Result<String, JsValue> {
    let fields = FormData::new_with_form(form)?;
    let field = button.and_then(|button| button.get_attribute("name").zip(button.get_attribute("value")));
    if let Some((name, value)) = field {
        fields.append_with_str(&name, &value)?;
    }
    // Passes a sequence of pairs, despite the constructor's name.
    Ok(UrlSearchParams::new_with_str_sequence_sequence(&fields)?.to_string().into())
}
