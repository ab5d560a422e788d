//! The page that asks before it deletes a birthday.

use leptos::prelude::*;
use leptos_router::components::A;

use super::actions::DeleteBirthday;
use super::model::Birthday;
use super::own::{DateInWords, OwnBirthdayPage};
use super::page_of_list::{use_list_address, use_row_address};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, words};

/// Names the birthday, and deletes it when the user confirms.
#[component]
pub fn DeleteBirthdayPage() -> impl IntoView {
    view! { <OwnBirthdayPage title="Delete this birthday?" form=|birthday| view! { <DeleteForm birthday/> }.into_any()/> }
}

#[component]
fn DeleteForm(birthday: Birthday) -> impl IntoView {
    let action = FormAction::of::<DeleteBirthday>();
    let date = view! { <DateInWords birthday=birthday.clone()/> };
    let Birthday { id, name, .. } = birthday;
    let (back, row) = (use_list_address(), use_row_address(&id));
    view! {
        <p>
            <strong>{words(name)}</strong> ", " {date}
            ". It disappears for everyone who sees it. You can't undo this."
        </p>
        <PostForm action id="delete-birthday" class="form">
            <HiddenField name="id" value=id/>
            <HiddenField name="next" value=back/>
            <div class="actions">
                <SubmitButton class="button button-danger">"Delete"</SubmitButton>
                <A href=row exact=true attr:class="button button-quiet">"Keep it"</A>
            </div>
        </PostForm>
    }
}
