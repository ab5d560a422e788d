//! Requests the password reset mail. The response never reveals if an account exists.

use leptos::prelude::*;
use leptos_appwrite::auth::recovery::AskRecovery;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::switched_off::{IfOffered, was_refused};
use crate::components::{FormAction, OutboxHint, PostForm, SubmitButton, TextField};

/// Asks for the email address.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    let action = FormAction::of::<AskRecovery>();
    view! {
        <IfOffered method=SignInMethod::Recovery refused=was_refused(action)>
            <Title text="Forgot your password?"/>
            <div class="page page-narrow">
                <h1>"Forgot your password?"</h1>
                <p>"Enter your email and we'll send a reset link."</p>
                <PostForm action id="recovery" class="form">
                    <TextField name="email" label="Email" kind="email" autocomplete="username"/>
                    <SubmitButton>"Send the link"</SubmitButton>
                </PostForm>
                <p><A href="/login" exact=true>"Back to sign-in"</A></p>
            </div>
        </IfOffered>
    }
}

/// Says that the link was sent, with or without an account.
#[component]
pub fn RecoverySentPage() -> impl IntoView {
    view! {
        <Title text="Check your email"/>
        <div class="page page-narrow">
            <h1>"Check your email"</h1>
            <p>
                "If this address has an account, we sent a reset link to it. "
                "The link works once and expires in an hour."
            </p>
            <OutboxHint/>
            <p>"Didn't get it after a few minutes? Check your spam folder, or check the address and try again."</p>
            <p class="actions">
                <A href="/recovery" exact=true attr:class="button button-quiet">"Try again"</A>
                <A href="/login" exact=true>"Back to sign-in"</A>
            </p>
        </div>
    }
}
