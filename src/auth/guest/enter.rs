//! Guest sign-in: an account without email or password.

use leptos::prelude::*;
use leptos_appwrite::auth::guest::ContinueAsGuest;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::keep_signed_in::KeepField;
use crate::auth::switched_off::{IfOffered, was_refused};
use crate::auth::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};

/// Says what a guest can do, and signs in as one.
#[component]
pub fn GuestPage() -> impl IntoView {
    let action = FormAction::of::<ContinueAsGuest>();
    let next = StoredValue::new(use_next());
    view! {
        <IfOffered method=SignInMethod::Guest next=next.get_value() refused=was_refused(action)>
            <Title text="Continue as guest"/>
            <div class="page page-narrow">
                <h1>"Continue as guest"</h1>
                <p>"No email or password needed. You can save your account later."</p>
                <PostForm action id="guest" class="form">
                    {next.get_value().map(|next| view! { <HiddenField name="next" value=next/> })}
                    <KeepField hint="Uncheck this on a shared device. You'll lose this guest account after 24 hours without use and, in most browsers, when you close the browser."/>
                    <SubmitButton>"Continue as guest"</SubmitButton>
                </PostForm>
                <p>
                    <A href=with_next("/login", next.get_value().as_deref()) exact=true>"Sign in another way"</A>
                </p>
            </div>
        </IfOffered>
    }
}
