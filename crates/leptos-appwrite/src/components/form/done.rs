//! The message that a form's success shows.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::html::P;
use leptos::prelude::*;

use crate::components::focus::{focus, has_focus};
use crate::components::notice::{Notice, Tone};
use crate::components::reactive;
use crate::components::words::words;

/// The message stays for this long, and longer while it has the focus.
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

/// Shows the text after success and moves the focus to it. Removes it after a while.
pub(super) fn done_notice(
    is_done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    text: StoredValue<Option<String>>,
) -> impl IntoView {
    let is_shown = RwSignal::new(true);
    let notice = NodeRef::<P>::new();
    Effect::new(move |is_later: Option<()>| {
        if is_done() {
            is_shown.set(true);
            // The browser has focused the message of a form posted without JavaScript.
            if is_later.is_some() {
                request_animation_frame(move || {
                    if let Some(notice) = notice.try_get_untracked().flatten() {
                        focus(&notice);
                    }
                });
            }
            let hide = move || {
                if !notice.get_untracked().is_some_and(|notice| has_focus(&notice)) {
                    is_shown.set(false);
                }
            };
            if let Ok(timer) = set_interval_with_handle(hide, SHOWN_FOR) {
                on_cleanup(move || timer.clear());
            }
        }
    });
    reactive(move || {
        let text = if is_done() && is_shown.get() { text.get_value() } else { None };
        text.map(|text| view! { <Notice tone=Tone::Good takes_focus=true node_ref=notice>{words(text)}</Notice> })
    })
}
