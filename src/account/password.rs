//! The page that changes the password, or sets the first one.

use leptos::prelude::*;
use leptos_appwrite::account::{ChangePassword, PasswordState, UsernameField};
use leptos_appwrite::auth::recovery::AskRecovery;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::change::{ChangeButtons, ChangeFields, ChangePage, WithPassword, save_account_first};
use crate::components::{CheckField, FormAction, HiddenField, PostForm, SubmitButton, TextField};
use crate::person::Person;

/// Asks for the old and the new password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    view! { <ChangePage title="Your password" content/> }
}

fn content(person: Person) -> AnyView {
    if person.is_guest() {
        return save_account_first();
    }
    let view = |person, state| match state {
        PasswordState::Set => view! { <PasswordForm person has_password=true/> }.into_any(),
        PasswordState::NeverSet => view! {
            <p>"Your account has no password yet."</p>
            <PasswordForm person has_password=false/>
        }
        .into_any(),
        PasswordState::Removed => view! { <Reset email=person.email/> }.into_any(),
    };
    view! { <WithPassword person view/> }.into_any()
}

/// Emails a reset link: for a removed password, Appwrite asks for the old one before it accepts another.
#[component]
fn Reset(email: String) -> impl IntoView {
    let action = FormAction::of::<AskRecovery>();
    if email.is_empty() || !use_sign_in_methods().offers(SignInMethod::Recovery) {
        return view! {
            <p>"Your password was removed. This site can't email a link to set a new one right now."</p>
            <p class="actions"><A href="/account" exact=true attr:class="button">"Back to your account"</A></p>
        }
        .into_any();
    }
    view! {
        <p>"Your password was removed. To set a new one, open the link that we email to " <strong>{email.clone()}</strong> "."</p>
        <PostForm action id="reset-password" class="form">
            <HiddenField name="email" value=email/>
            <div class="actions">
                <SubmitButton>"Email a reset link"</SubmitButton>
                <A href="/account" exact=true attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
    .into_any()
}

#[component]
fn PasswordForm(person: Person, has_password: bool) -> impl IntoView {
    let action = FormAction::of::<ChangePassword>();
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
