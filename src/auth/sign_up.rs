//! Sign-up with name, email and password.

use leptos::prelude::*;
use leptos_appwrite::auth::SignUp;
use leptos_meta::Title;
use leptos_router::components::A;

use super::new_member::NewMemberFields;
use super::provider::ProviderButtons;
use super::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};

/// Creates an account, and lists the other methods.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::of::<SignUp>();
    let next = use_next();
    let sign_in = with_next("/login", next.as_deref());
    view! {
        <Title text="Create account"/>
        <div class="page page-narrow">
            <h1>"Create account"</h1>
            <PostForm action id="sign-up" class="form">
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <NewMemberFields/>
                <SubmitButton>"Create account"</SubmitButton>
            </PostForm>
            <ProviderButtons next=use_next()/>
            <p>"Have an account? " <A href=sign_in>"Sign in instead"</A> "."</p>
        </div>
    }
}
