//! Sign-in with email and password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::SignIn;
use leptos_appwrite::auth::oauth::SignInWithProvider;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{take_submission, use_notice, use_sign_in_methods};
use leptos_meta::Title;
use leptos_router::components::A;

use super::keep_signed_in::KeepField;
use super::other_methods::OtherSignInMethods;
use super::provider::ProviderButtons;
use super::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField, reactive};

/// Signs in with email and password, with a provider, or by another method.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = FormAction::of::<SignIn>();
    let next = use_next();
    let has_passkeys = use_sign_in_methods().offers(SignInMethod::Passkey);
    let has_notice = untrack(|| use_notice()().is_some());
    let says_why = next.is_some() && !has_notice;
    let sign_up = with_next("/signup", next.as_deref());
    let keep = RwSignal::new(true);
    view! {
        <Title text="Sign in"/>
        <div class="page page-narrow">
            <h1>"Sign in"</h1>
            {says_why.then(|| view! { <p class="quiet">"Sign in to continue."</p> })}
            <PostForm action id="sign-in" class="form" also=SignInWithProvider::PATH>
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <TextField
                    name="email"
                    label="Email"
                    kind="email"
                    autocomplete=if has_passkeys { "username webauthn" } else { "username" }
                />
                <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
                {use_sign_in_methods().offers(SignInMethod::Recovery).then(|| view! {
                    <p><A href="/recovery">"Forgot your password?"</A></p>
                })}
                <KeepField choice=keep/>
                <SubmitButton>"Sign in"</SubmitButton>
                <ResetLink action/>
                <ProviderButtons/>
            </PostForm>
            <OtherSignInMethods next=use_next() keep autofill=true/>
            <p>"No account yet? " <A href=sign_up>"Create one"</A> "."</p>
        </div>
    }
}

/// Links to the password reset if the user must change the password first.
#[component]
fn ResetLink(action: FormAction) -> impl IntoView {
    let must_reset_before =
        take_submission(SignIn::PATH).is_some_and(|left| left.outcome == Err(AppError::PasswordResetRequired));
    reactive(move || {
        let must_reset = if action.is_unused() {
            must_reset_before
        } else {
            action.is_refused_with(&AppError::PasswordResetRequired)
        };
        must_reset.then(|| view! { <p><A href="/recovery" attr:class="button">"Request a reset link"</A></p> })
    })
}
