//! The page that changes one birthday.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::actions::UpdateBirthday;
use super::list::VisibilityField;
use super::model::Birthday;
use super::own::OwnBirthdayPage;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Shows a form with the birthday's values.
#[component]
pub fn EditBirthdayPage() -> impl IntoView {
    view! { <OwnBirthdayPage title="Edit a birthday" form=|birthday| view! { <EditForm birthday/> }.into_any()/> }
}

#[component]
fn EditForm(birthday: Birthday) -> impl IntoView {
    let action = FormAction::of::<UpdateBirthday>();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if action.is_done() {
            navigate("/birthdays", Default::default());
        }
    });
    view! {
        <PostForm action id="edit-birthday" class="form" label="Edit a birthday" then="/birthdays">
            <HiddenField name="id" value=birthday.id/>
            <TextField name="name" label="Name" value=birthday.name/>
            <TextField name="date" label="Birthday" kind="date" value=birthday.date/>
            <VisibilityField visibility=birthday.visibility/>
            <div class="actions">
                <SubmitButton>"Save"</SubmitButton>
                <A href="/birthdays" attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
}
