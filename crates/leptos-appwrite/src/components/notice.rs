//! A sentence that stands out on the page.

use leptos::prelude::*;

/// What kind of news a notice brings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something went as wished.
    Good,
    /// Something did not work; screen readers say it at once.
    Bad,
    /// Something worth knowing.
    Neutral,
}

/// A sentence that stands out on the page.
#[component]
pub fn Notice(
    /// What kind of news this is.
    tone: Tone,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    let (class, role) = match tone {
        Tone::Good => ("notice notice-good", "status"),
        Tone::Bad => ("notice notice-bad", "alert"),
        Tone::Neutral => ("notice", "note"),
    };
    view! { <p class=class role=role>{children()}</p> }
}
