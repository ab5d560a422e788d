//! The page that asks before it deletes a birthday.

use leptos::prelude::*;
use leptos_router::components::A;

use super::actions::DeleteBirthday;
use super::model::Birthday;
use super::own::{DateInWords, OwnBirthdayPage};
use super::page_of_list::use_list_address;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, words};

/// Names the birthday, and deletes it when the user confirms.
#[component]
pub fn DeleteBirthdayPage() -> impl IntoView {
    let action = FormAction::of::<DeleteBirthday>();
    let form = |birthday, action| view! { <DeleteForm birthday action/> }.into_any();
    view! { <OwnBirthdayPage title="Delete this birthday?" action form/> }
}

#[component]
fn DeleteForm(birthday: Birthday, action: FormAction) -> impl IntoView {
    let date = view! { <DateInWords birthday=birthday.clone()/> };
    let Birthday { id, name, .. } = birthday;
    let back = use_list_address();
    view! {
        <p>
            <strong>{words(name.clone())}</strong> ", " {date}
            ". It disappears for everyone who sees it. You can't undo this."
        </p>
        <PostForm action id="delete-birthday" class="form">
            <HiddenField name="id" value=id/>
            <HiddenField name="name" value=name/>
            <HiddenField name="next" value=back.clone()/>
            <div class="actions">
                <SubmitButton class="button button-danger">"Delete"</SubmitButton>
                <A href=back attr:class="button button-quiet">"Keep it"</A>
            </div>
        </PostForm>
    }
}
