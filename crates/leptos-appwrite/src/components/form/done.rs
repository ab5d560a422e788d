//! The message that a form's success shows.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;

use crate::components::notice::{Notice, Tone};
use crate::components::reactive;
use crate::components::words::words;

/// The message stays for this long.
const SHOWN_FOR: Duration = Duration::from_secs(15);

/// The message after a form's success.
#[derive(Debug, Clone, Copy)]
pub enum DoneMessage {
    /// Always the same text.
    Text(&'static str),
    /// A text with the value of this field.
    Naming(&'static str, fn(&str) -> String),
}

impl From<&'static str> for DoneMessage {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl DoneMessage {
    /// Returns no text without the field's value.
    pub(super) fn text(self, value_of: impl FnOnce(&str) -> Option<String>) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.to_owned()),
            Self::Naming(field, text) => value_of(field)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .map(|value| text(&value)),
        }
    }

    pub(super) fn text_of(self, typed: &BTreeMap<String, String>) -> Option<String> {
        self.text(|field| typed.get(field).cloned())
    }
}

/// Shows the text after success, and removes it after a while.
pub(super) fn done_notice(
    is_done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    text: StoredValue<Option<String>>,
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
    reactive(move || {
        let text = if is_done() && is_shown.get() { text.get_value() } else { None };
        text.map(|text| view! { <Notice tone=Tone::Good>{words(text)}</Notice> })
    })
}
