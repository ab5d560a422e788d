//! The sign-in and sign-up pages.

use leptos::prelude::*;
use leptos_appwrite::auth::{SignIn, SignUp};
use leptos_appwrite::components::{CheckField, FormAction, HiddenField, PostForm, SubmitButton, TextField};
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

#[component]
pub fn SignInPage() -> impl IntoView {
    let action = FormAction::of::<SignIn>();
    let next = use_query_map().with_untracked(|query| query.get("next"));
    view! {
        <h1>"Sign in"</h1>
        <PostForm action id="sign-in">
            {next.map(|next| view! { <HiddenField name="next" value=next/> })}
            <TextField name="email" label="Email" kind="email" autocomplete="username"/>
            <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            <CheckField name="keep" label="Keep me signed in" checked=true/> <SubmitButton>"Sign in"</SubmitButton>
        </PostForm>
        <p>"No account yet? " <A href="/signup">"Create one"</A> "."</p>
    }
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::of::<SignUp>();
    view! {
        <h1>"Create account"</h1>
        <PostForm action id="sign-up">
            <TextField name="name" label="Name" autocomplete="name"/>
            <TextField name="email" label="Email" kind="email" autocomplete="username"/>
            <TextField name="password" label="Password" kind="password" autocomplete="new-password"/>
            <CheckField name="keep" label="Keep me signed in" checked=true/> <SubmitButton>"Create account"</SubmitButton>
        </PostForm>
        <p>"Have an account? " <A href="/login">"Sign in instead"</A> "."</p>
    }
}
