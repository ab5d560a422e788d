//! The page that changes the password, or sets the first one.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangePassword, UsernameField};
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::change::{ChangeButtons, ChangeFields, ChangePage, save_account_first};
use crate::components::{CheckField, FormAction, PostForm, TextField};
use crate::person::{Person, use_person};

/// Asks for the old and the new password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let has_password = use_person().is_some_and(|person| person.has_password);
    let title = if has_password { "Change your password" } else { "Set a password" };
    view! { <ChangePage title content/> }
}

fn content(person: Person) -> AnyView {
    if person.is_guest() { save_account_first() } else { view! { <PasswordForm person/> }.into_any() }
}

#[component]
fn PasswordForm(person: Person) -> impl IntoView {
    let action = FormAction::of::<ChangePassword>();
    let has_password = person.has_password;
    let offers_recovery = has_password && use_sign_in_methods().offers(SignInMethod::Recovery);
    view! {
        <PostForm action id="change-password" class="form">
            <ChangeFields/>
            <UsernameField value=person.email/>
            {has_password.then(|| view! {
                <TextField
                    name="old_password"
                    label="Current password"
                    kind="password"
                    autocomplete="current-password"
                />
            })}
            {offers_recovery.then(|| view! { <p><A href="/recovery">"Forgot your password?"</A></p> })}
            <TextField
                name="password"
                label="New password"
                kind="password"
                autocomplete="new-password"
                hint="At least 8 characters."
            />
            <CheckField
                name="others"
                label="Sign out of my other devices"
                checked=true
                hint="They may be signed out even if you uncheck this."
            />
            <ChangeButtons/>
        </PostForm>
    }
}
