//! The server renders forms but never submits them.

use leptos::ev::{Event, SubmitEvent};

use super::FormAction;

/// No form is submitted during rendering.
pub(super) fn value_of(_event: &SubmitEvent, _field: &str) -> Option<String> {
    None
}

/// Does nothing during rendering.
pub(super) fn submit(_event: &SubmitEvent, _action: FormAction) {}

/// Does nothing during rendering.
pub(super) fn autofill(_action: FormAction, _form: &'static str) {}

/// Does nothing during rendering.
pub(super) fn send_if(_event: &Event, _is_ready: impl FnOnce(&str) -> bool) {}

/// Does nothing during rendering.
pub(super) fn abort() {}

/// Unknown before a browser runs the page.
pub(super) fn has_passkeys() -> bool {
    false
}

/// Unknown before a browser runs the page.
pub(super) fn has_passkey_autofill() -> impl Future<Output = bool> {
    std::future::ready(false)
}
