//! The server renders forms and never sends one.

use leptos::ev::SubmitEvent;

use super::FormAction;

/// Nothing is submitted while a page is rendered.
pub(super) fn submit(_event: &SubmitEvent, _action: FormAction) {}
