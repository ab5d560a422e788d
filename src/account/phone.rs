//! The page that changes the phone number.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangePhone, UsernameField};

use super::change::{ChangeButtons, ChangeFields, ChangePage, save_account_first, set_password_first};
use super::confirm_phone::PhoneState;
use crate::components::{FormAction, PostForm, TextField};
use crate::person::Person;

/// Asks for the new number and the password.
#[component]
pub fn PhonePage() -> impl IntoView {
    view! { <ChangePage title="Change your phone number" content/> }
}

fn content(person: Person) -> AnyView {
    if person.is_guest() {
        return save_account_first();
    }
    let state = (!person.phone.is_empty()).then(|| view! { <PhoneState person=person.clone()/> });
    let change = match person.has_password {
        false => set_password_first(),
        true => view! { <PhoneForm person/> }.into_any(),
    };
    view! { {state} {change} }.into_any()
}

#[component]
fn PhoneForm(person: Person) -> impl IntoView {
    let action = FormAction::of::<ChangePhone>();
    view! {
        <PostForm action id="change-phone" class="form">
            <ChangeFields/>
            <UsernameField value=person.email/>
            <TextField
                name="phone"
                label="New phone number"
                kind="tel"
                autocomplete="tel"
                hint="Include the country code, e.g. +1 202 555 0123."
            />
            <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            <ChangeButtons/>
        </PostForm>
    }
}
