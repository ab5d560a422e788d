//! The server renders forms but never submits them.

use leptos::ev::SubmitEvent;

use super::FormAction;

/// No form is submitted during rendering.
pub(super) fn value_of(_event: &SubmitEvent, _field: &str) -> Option<String> {
    None
}

/// Does nothing during rendering.
pub(super) fn submit(_event: &SubmitEvent, _action: FormAction) {}
