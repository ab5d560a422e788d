//! A highlighted message on the page.

use leptos::html::P;
use leptos::prelude::*;

use super::focus::{focus_in_place, is_nothing_focused};
use crate::effect::effect;

/// The kind of a notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Success.
    Good,
    /// Failure. Screen readers announce it at once.
    Bad,
    /// Information.
    Neutral,
    /// Something was not done or has ended, and it is no failure. Screen readers announce it at once.
    Warning,
}

/// A highlighted message on the page.
#[component]
pub fn Notice(
    /// The kind of message.
    tone: Tone,
    /// True if the notice takes the focus, so that screen readers read it. On a page that shows it later, only if the
    /// element that had the focus is gone.
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
    let (class, role) = match tone {
        Tone::Good => ("notice notice-good", "status"),
        Tone::Bad => ("notice notice-bad", "alert"),
        Tone::Neutral => ("notice", "note"),
        Tone::Warning => ("notice", "alert"),
    };
    if takes_focus {
        effect(move || {
            if let Some(notice) = node_ref.try_get().flatten() {
                // One frame later, what the notice replaces is gone.
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
            // Without a script, the browser focuses it. In a page that is open, the attribute would come too late.
            autofocus=takes_focus && cfg!(feature = "ssr")
            node_ref=node_ref
        >
            {children()}
        </p>
    }
}
