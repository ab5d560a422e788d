//! A form about one row of a list, which opens below its button.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::session::take_submission;

use crate::components::{FormAction, HiddenField, PostForm};

/// A button that opens a form about the row `id`. Works without JavaScript, and stays open after an error.
#[component]
pub fn RowForm(
    /// The server function that the form calls.
    action: FormAction,
    /// The start of the form's id, unique among the forms of a row.
    form: &'static str,
    /// The row's id, which the form sends.
    id: String,
    /// The row's name, for screen readers.
    name: String,
    /// The text of the button that opens the form.
    text: &'static str,
    /// The form's content.
    children: Children,
) -> impl IntoView {
    let left = take_submission(action.path()).filter(|left| left.typed.get("id") == Some(&id));
    view! {
        <details class="confirm" open=left.is_some()>
            <summary class="button button-quiet button-small">
                {text} <span class="visually-hidden">" " {name}</span>
            </summary>
            <PostForm action id=format!("{form}-{id}") only_for=("id", id.clone())>
                <HiddenField name="id" value=id/>
                <AccountField/>
                {children()}
            </PostForm>
        </details>
    }
}
