//! A highlighted message on the page.

use leptos::prelude::*;

/// The kind of a notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Success.
    Good,
    /// Failure. Screen readers announce it at once.
    Bad,
    /// Information.
    Neutral,
}

/// A highlighted message on the page.
#[component]
pub fn Notice(
    /// The kind of message.
    tone: Tone,
    /// The message.
    children: Children,
) -> impl IntoView {
    let (class, role) = match tone {
        Tone::Good => ("notice notice-good", "status"),
        Tone::Bad => ("notice notice-bad", "alert"),
        Tone::Neutral => ("notice", "note"),
    };
    view! { <p class=class role=role>{children()}</p> }
}
