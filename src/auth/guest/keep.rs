//! Turns a guest account into a full account.

use leptos::prelude::*;
use leptos_appwrite::auth::guest::KeepAccount;
use leptos_router::components::A;

use crate::auth::new_member::NewMemberFields;
use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::{Person, use_person};

/// The form to save a guest account; empty for other users.
#[component]
pub fn KeepAccountForm() -> impl IntoView {
    let action = FormAction::of::<KeepAccount>();
    use_person().filter(Person::is_guest).map(|_| {
        view! {
            <section class="panel" aria-labelledby="keep">
                <h2 id="keep">"Save your account"</h2>
                <p>
                    "Add your name, an email and a password. Everything you've added stays yours. "
                    "Otherwise you'll lose access when you sign out."
                </p>
                <PostForm action id="keep-account" class="form">
                    <NewMemberFields/>
                    <SubmitButton>"Save your account"</SubmitButton>
                </PostForm>
                <p>"Have an account already? " <A href="/account/switch">"Sign in to it"</A> "."</p>
            </section>
        }
    })
}
