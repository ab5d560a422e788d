//! The page, and the dialog in its place, that asks before it deletes a birthday.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_router::components::A;

use super::actions::DeleteBirthday;
use super::model::Birthday;
use super::own::{OwnBirthdayPage, date_in_words};
use super::page_of_list::{use_list_address, use_row_address};
use crate::components::{
    FormAction, HiddenField, PageDialog, PageInDialog, PostForm, SubmitButton, inert, reactive, words,
};

const TITLE: &str = "Delete this birthday?";

/// Names the birthday, and deletes it when the user confirms.
#[component]
pub fn DeleteBirthdayPage() -> impl IntoView {
    let action = FormAction::of::<DeleteBirthday>();
    let form = |birthday, action| view! { <DeleteForm birthday action is_page=true/> }.into_any();
    view! { <OwnBirthdayPage title=TITLE action form/> }
}

/// The dialog.
#[component]
pub(super) fn DeleteDialog(
    /// The birthday.
    dialog: PageDialog<Birthday>,
) -> impl IntoView {
    let content = |birthday| {
        let action = FormAction::of::<DeleteBirthday>();
        view! { <DeleteForm birthday action is_page=false/> }.into_any()
    };
    view! { <PageInDialog id="delete-dialog" title=TITLE dialog content/> }
}

#[component]
fn DeleteForm(birthday: Birthday, action: FormAction, is_page: bool) -> impl IntoView {
    let date = inert(date_in_words(&birthday));
    let Birthday { id, name, .. } = birthday;
    let (back, row) = (use_list_address(), use_row_address(&id));
    // The page hides this form then; the dialog hides only its button.
    let is_gone = Memo::new(move |_| action.is_refused_with(&AppError::NotFound));
    let button = move || view! { <SubmitButton class="button button-danger">"Delete"</SubmitButton> };
    view! {
        <p>
            <strong>{words(name.clone())}</strong> ", " {date}
            ". It disappears for everyone who sees it. You can't undo this."
        </p>
        <PostForm action id="delete-birthday" class="form">
            <HiddenField name="id" value=id/>
            <HiddenField name="name" value=name/>
            <HiddenField name="next" value=back/>
            <div class="actions">
                {reactive(move || (!is_gone.get()).then(button))}
                {is_page.then(|| view! { <A href=row exact=true attr:class="button button-quiet">"Keep it"</A> })}
            </div>
        </PostForm>
    }
}
