//! Sign-up with name, email and password.

use leptos::prelude::*;
use leptos_appwrite::auth::SignUp;
use leptos_meta::Title;
use leptos_router::components::A;

use super::keep::KeepField;
use super::new_member::NewMemberFields;
use super::other_methods::OtherSignInMethods;
use super::provider::ProviderButtons;
use super::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};

/// Creates an account with a provider, with email and password, or by another method: the first sign-in creates it.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::of::<SignUp>();
    let next = use_next();
    let sign_in = with_next("/login", next.as_deref());
    let keep = RwSignal::new(true);
    view! {
        <Title text="Create account"/>
        <div class="page page-narrow">
            <h1>"Create account"</h1>
            <ProviderButtons next=use_next()/>
            <PostForm action id="sign-up" class="form">
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <NewMemberFields/>
                <KeepField choice=keep/>
                <SubmitButton>"Create account"</SubmitButton>
            </PostForm>
            <OtherSignInMethods next=use_next() keep/>
            <p>"Have an account? " <A href=sign_in>"Sign in instead"</A> "."</p>
        </div>
    }
}
