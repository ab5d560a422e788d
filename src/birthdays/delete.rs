//! The page, and the dialog in its place, that asks before it deletes a birthday.

use leptos::prelude::*;
use leptos_router::components::A;

use super::actions::DeleteBirthday;
use super::model::Birthday;
use super::own::{DateInWords, OwnBirthdayPage};
use super::page_of_list::use_list_address;
use crate::components::{FormAction, HiddenField, PageDialog, PageInDialog, PostForm, SubmitButton, words};

const TITLE: &str = "Delete this birthday?";

/// Names the birthday, and deletes it when the user confirms.
#[component]
pub fn DeleteBirthdayPage() -> impl IntoView {
    let form = |birthday| view! { <DeleteForm birthday is_page=true/> }.into_any();
    view! { <OwnBirthdayPage title=TITLE form/> }
}

/// The dialog.
#[component]
pub(super) fn DeleteDialog(
    /// The birthday.
    dialog: PageDialog<Birthday>,
) -> impl IntoView {
    let content = |birthday| view! { <DeleteForm birthday is_page=false/> }.into_any();
    view! { <PageInDialog id="delete-dialog" title=TITLE dialog content/> }
}

#[component]
fn DeleteForm(birthday: Birthday, is_page: bool) -> impl IntoView {
    let action = FormAction::of::<DeleteBirthday>();
    let date = view! { <DateInWords birthday=birthday.clone()/> };
    let Birthday { id, name, .. } = birthday;
    let back = use_list_address();
    view! {
        <p>
            <strong>{words(name)}</strong> ", " {date}
            ". It disappears for everyone who sees it. You can't undo this."
        </p>
        <PostForm action id="delete-birthday" class="form">
            <HiddenField name="id" value=id/>
            <HiddenField name="next" value=back.clone()/>
            <div class="actions">
                <SubmitButton class="button button-danger">"Delete"</SubmitButton>
                {is_page.then(|| view! { <A href=back attr:class="button button-quiet">"Keep it"</A> })}
            </div>
        </PostForm>
    }
}
