//! The heading of a page that a form has opened.

use leptos::prelude::*;
use leptos_appwrite::session::take_submission;

/// The heading of a page that answers a form. Takes the focus, so that screen readers read it, unless a field has a
/// problem.
#[component]
pub(super) fn AnswerHeading(
    /// The page.
    page: &'static str,
    /// The heading.
    text: &'static str,
) -> impl IntoView {
    view! { <h1 tabindex="-1" autofocus=take_submission(page).is_none()>{text}</h1> }
}
