//! Starts and stops ceremonies. Their code is in a part of the wasm that the browser loads for the first one.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;
use web_sys::js_sys::{Function, Promise, Reflect};

use super::task::{Mediation, Task};
use super::{Ceremony, part};
use crate::error::AppError;

thread_local! {
    /// Stops the current ceremony. Browsers perform one at a time.
    static UNDER_WAY: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Performs this ceremony, and stops the current one. Returns the form's fields with the answer.
pub(crate) async fn perform(ceremony: Ceremony, body: String, mediation: Mediation) -> Result<String, AppError> {
    let controller = AbortController::new().map_err(|_| AppError::PasskeysUnsupported)?;
    let signal = controller.signal();
    replace(Some(controller));
    let work = part::perform(Task { ceremony, body, mediation, signal }).await.map_err(|_| AppError::Offline)?;
    work.await
}

/// Stops the current ceremony.
pub(crate) fn abort() {
    replace(None);
}

fn replace(controller: Option<AbortController>) {
    if let Some(former) = UNDER_WAY.replace(controller) {
        former.abort();
    }
}

/// True if the browser has passkeys for this page. Pages of IP addresses have none.
pub(crate) fn has_passkeys() -> bool {
    let host = window().location().hostname().unwrap_or_default();
    let is_ip_address = host.starts_with('[') || host.ends_with(|last: char| last.is_ascii_digit());
    !is_ip_address && class().is_ok_and(|class| class.is_function())
}

/// True if the browser can offer passkeys in the autofill of a field.
pub(crate) async fn has_passkey_autofill() -> bool {
    let Ok(promise) = ask_for_autofill() else { return false };
    JsFuture::from(promise).await.is_ok_and(|answer| answer.is_truthy())
}

fn ask_for_autofill() -> Result<Promise, JsValue> {
    let class = class()?;
    let ask: Function = Reflect::get(&class, &"isConditionalMediationAvailable".into())?.dyn_into()?;
    ask.call0(&class)?.dyn_into()
}

/// Returns the browser's `PublicKeyCredential`.
fn class() -> Result<JsValue, JsValue> {
    Reflect::get(&window(), &"PublicKeyCredential".into())
}
