//! Sign-up with name, email and password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::SignUp;
use leptos_appwrite::auth::oauth::SignInWithProvider;
use leptos_appwrite::error::AppError;
use leptos_meta::Title;
use leptos_router::components::A;

use super::keep_signed_in::KeepField;
use super::new_member::NewMemberFields;
use super::other_methods::OtherSignInMethods;
use super::provider::ProviderButtons;
use super::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};

/// Creates an account with email and password, with a provider, or by another method: the first sign-in creates it. Passkeys
/// are left out, because they belong to an account.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::of::<SignUp>();
    let next = use_next();
    let sign_in = with_next("/login", next.as_deref());
    view! {
        <Title text="Create account"/>
        <div class="page page-narrow">
            <h1>"Create account"</h1>
            <PostForm action id="sign-up" class="form" also=SignInWithProvider::PATH way_out=sign_in_instead>
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <NewMemberFields/>
                <KeepField/>
                <SubmitButton>"Create account"</SubmitButton>
                <ProviderButtons/>
            </PostForm>
            <OtherSignInMethods next=use_next() heading="Other ways to sign up"/>
            <p>"Have an account? " <A href=sign_in>"Sign in instead"</A> "."</p>
        </div>
    }
}

/// Leads a person who has an account to the sign-in page, and from there to the same next page.
fn sign_in_instead(error: &AppError) -> Option<AnyView> {
    let sign_in = || with_next("/login", use_next().as_deref());
    (*error == AppError::EmailTaken).then(|| view! { <a href=sign_in()>"Sign in instead?"</a> }.into_any())
}
