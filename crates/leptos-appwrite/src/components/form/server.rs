//! The server renders forms but never submits them.

use leptos::ev::SubmitEvent;

use super::FormAction;

/// Does nothing during rendering.
pub(super) fn submit(_event: &SubmitEvent, _action: FormAction) {}
