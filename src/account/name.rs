//! The page that changes the name.

use leptos::prelude::*;
use leptos_appwrite::account::ChangeName;

use super::change::{ChangeButtons, ChangeFields, ChangePage};
use crate::components::{FormAction, PostForm, TextField};
use crate::person::Person;

/// Asks for the new name.
#[component]
pub fn NamePage() -> impl IntoView {
    view! { <ChangePage title="Your name" content=|person| view! { <NameForm person/> }.into_any()/> }
}

#[component]
fn NameForm(person: Person) -> impl IntoView {
    let action = FormAction::of::<ChangeName>();
    view! {
        <PostForm action id="change-name" class="form">
            <ChangeFields/>
            <TextField name="name" label="Name" autocomplete="name" value=person.name/>
            <ChangeButtons/>
        </PostForm>
    }
}
