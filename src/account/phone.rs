//! The page that changes the phone number.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangePhone, UsernameField};

use super::change::{ChangeButtons, ChangeFields, ChangePage, save_account_first, set_password_first};
use crate::components::{FormAction, PostForm, TextField};
use crate::person::Person;

/// Asks for the new number and the password.
#[component]
pub fn PhonePage() -> impl IntoView {
    view! { <ChangePage title="Change your phone number" content/> }
}

fn content(person: Person) -> AnyView {
    match person.has_password {
        _ if person.is_guest() => save_account_first(),
        false => set_password_first(),
        true => view! { <PhoneForm person/> }.into_any(),
    }
}

#[component]
fn PhoneForm(person: Person) -> impl IntoView {
    let action = FormAction::of::<ChangePhone>();
    let phone = person.phone;
    view! {
        {(!phone.is_empty()).then(|| view! { <p>"Your phone number is " <strong>{phone}</strong> "."</p> })}
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
