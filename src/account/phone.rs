//! The page that adds or changes the phone number.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangePhone, PasswordState, UsernameField};

use super::change::{ChangeButtons, ChangeFields, ChangePage, WithPassword, save_account_first, set_password_first};
use super::confirm_phone::PhoneState;
use crate::components::{FormAction, PostForm, TextField};
use crate::person::Person;

/// Asks for the new number and the password.
#[component]
pub fn PhonePage() -> impl IntoView {
    view! { <ChangePage title="Your phone number" content/> }
}

fn content(person: Person) -> AnyView {
    if person.is_guest() {
        return save_account_first();
    }
    let state = (!person.phone.is_empty()).then(|| view! { <PhoneState person=person.clone()/> });
    let view = |person, state| match state {
        PasswordState::Set => view! { <PhoneForm person/> }.into_any(),
        PasswordState::NeverSet | PasswordState::Removed => set_password_first(),
    };
    view! { {state} <WithPassword person view/> }.into_any()
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
