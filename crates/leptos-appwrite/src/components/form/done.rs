//! The message that a form's success shows.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::notice::{Notice, Tone};
use crate::components::words::words;

/// The message stays for this long.
const SHOWN_FOR: Duration = Duration::from_secs(15);

/// The message after a form's success.
#[derive(Debug, Clone, Copy)]
pub enum DoneMessage {
    /// Always the same text.
    Text(&'static str),
    /// A view of the value of this field.
    Naming(&'static str, fn(&str) -> AnyView),
}

impl From<&'static str> for DoneMessage {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl DoneMessage {
    /// Returns the field's value, trimmed. Without it, there is no message.
    pub(super) fn named(self, value_of: impl FnOnce(&str) -> Option<String>) -> Option<String> {
        match self {
            Self::Text(_) => Some(String::new()),
            Self::Naming(field, _) => {
                value_of(field).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
            }
        }
    }

    fn view(self, named: &str) -> AnyView {
        match self {
            Self::Text(text) => words(text).into_any(),
            Self::Naming(_, view) => view(named),
        }
    }
}

/// Shows the message after success, and removes it after a while.
pub(super) fn done_notice(
    is_done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    message: DoneMessage,
    named: StoredValue<Option<String>>,
) -> impl IntoView {
    let is_shown = RwSignal::new(true);
    Effect::new(move |_| {
        if is_done() {
            is_shown.set(true);
            if let Ok(timer) = set_timeout_with_handle(move || is_shown.set(false), SHOWN_FOR) {
                on_cleanup(move || timer.clear());
            }
        }
    });
    move || {
        let named = if is_done() && is_shown.get() { named.get_value() } else { None };
        named.map(|named| view! { <Notice tone=Tone::Good>{message.view(&named)}</Notice> })
    }
}
