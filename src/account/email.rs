//! The page that changes the email address.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangeEmail, PasswordState};

use super::change::{ChangeButtons, ChangeFields, ChangePage, WithPassword, save_account_first, set_password_first};
use crate::components::{FormAction, PostForm, TextField};
use crate::person::Person;

/// Asks for the new address and the password.
#[component]
pub fn EmailPage() -> impl IntoView {
    view! { <ChangePage title="Your email" content/> }
}

fn content(person: Person) -> AnyView {
    if person.is_guest() {
        return save_account_first();
    }
    let view = |person, state| match state {
        PasswordState::Set => view! { <EmailForm person/> }.into_any(),
        PasswordState::NeverSet | PasswordState::Removed => set_password_first(),
    };
    view! { <WithPassword person view/> }.into_any()
}

#[component]
fn EmailForm(person: Person) -> impl IntoView {
    let action = FormAction::of::<ChangeEmail>();
    let email = person.email;
    view! {
        {(!email.is_empty()).then(|| view! { <p>"Your email is " <strong>{email}</strong> "."</p> })}
        <PostForm action id="change-email" class="form">
            <ChangeFields/>
            <TextField
                name="email"
                label="New email"
                kind="email"
                autocomplete="email"
                hint="You'll sign in with your new email. We'll ask you to confirm it."
            />
            <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            <ChangeButtons/>
        </PostForm>
    }
}
