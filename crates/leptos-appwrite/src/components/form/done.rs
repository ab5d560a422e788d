//! The message that a form's success shows.

use std::time::Duration;

use leptos::html::P;
use leptos::prelude::*;

use crate::components::focus::{focus, has_focus};
use crate::components::notice::{Notice, NoticeKind};
use crate::components::reactive;
use crate::components::words::words;
use crate::effect::effect;

/// The message stays for this long, and longer while it has the focus.
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
    /// Returns the field's value, trimmed. Without a value, there is no message.
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

/// Shows the message after success and moves the focus to it. Removes it after a while.
pub(super) fn done_notice(
    is_done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    message: DoneMessage,
    named: StoredValue<Option<String>>,
) -> impl IntoView {
    let is_shown = RwSignal::new(true);
    let notice = NodeRef::<P>::new();
    let mut is_later = false;
    effect(move || {
        let is_later = std::mem::replace(&mut is_later, true);
        if is_done() {
            is_shown.set(true);
            // The browser has focused the message of a form posted without JavaScript.
            if is_later {
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
        let named = if is_done() && is_shown.get() { named.get_value() } else { None };
        named.map(|named| {
            view! {
                <Notice kind=NoticeKind::Success takes_focus=true node_ref=notice>{message.view(&named)}</Notice>
            }
        })
    })
}
