//! A form about one row of a list, in a dialog.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::session::take_submission;

use crate::components::{ConfirmDialog, FormAction, HiddenField, PostForm};

/// A button that opens a form about the row `id`. It stays open after an error.
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
    let (dialog_id, title) = (format!("{form}-{id}-dialog"), format!("{text} {name}"));
    let button = move || view! { {text} <span class="visually-hidden">" " {name}</span> };
    view! {
        <ConfirmDialog id=dialog_id title class="button button-quiet button-small" button is_open=left.is_some()>
            <PostForm action id=format!("{form}-{id}") only_for=("id", id.clone())>
                <HiddenField name="id" value=id/>
                <AccountField/>
                {children()}
            </PostForm>
        </ConfirmDialog>
    }
}
