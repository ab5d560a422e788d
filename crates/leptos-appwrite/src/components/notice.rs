//! A highlighted message on the page.

use leptos::html::P;
use leptos::prelude::*;

use super::focus::{focus_in_place, is_nothing_focused};
use crate::effect::effect;

/// The kind of a notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Success.
    Success,
    /// Failure. Screen readers announce it at once.
    Error,
    /// Information.
    Info,
    /// A warning: something was not done or has ended. Screen readers announce it at once.
    Warning,
}

/// A highlighted message on the page.
#[component]
pub fn Notice(
    /// The kind of message.
    kind: NoticeKind,
    /// True if the notice takes the focus, so that screen readers read it. In an open page, it takes the focus only if
    /// the focused element is gone.
    #[prop(optional)]
    takes_focus: bool,
    /// Its id.
    #[prop(optional_no_strip)]
    id: Option<String>,
    /// The notice's element.
    #[prop(optional)]
    node_ref: NodeRef<P>,
    /// The message.
    children: Children,
) -> impl IntoView {
    let (class, role) = match kind {
        NoticeKind::Success => ("notice notice-good", "status"),
        NoticeKind::Error => ("notice notice-bad", "alert"),
        NoticeKind::Info => ("notice", "note"),
        NoticeKind::Warning => ("notice", "alert"),
    };
    if takes_focus {
        effect(move || {
            if let Some(notice) = node_ref.try_get().flatten() {
                // Waits one frame, until the content that the notice replaces is gone.
                request_animation_frame(move || {
                    if is_nothing_focused() {
                        focus_in_place(&notice);
                    }
                });
            }
        });
    }
    view! {
        <p
            id=id
            class=class
            role=role
            tabindex="-1"
            // Without JavaScript, the browser focuses the notice. In an open page, it would ignore the attribute.
            autofocus=takes_focus && cfg!(feature = "ssr")
            node_ref=node_ref
        >
            {children()}
        </p>
    }
}
