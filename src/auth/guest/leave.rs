//! The page that tells guests what they lose when they sign in to another account.

use leptos::prelude::*;
use leptos_appwrite::auth::guest::LeaveGuest;
use leptos_appwrite::auth::{announce_when_done, announce_while_pending};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::{Person, use_person};

/// Warns guests before they sign in to another account.
#[component]
pub fn GuestRowsNotice() -> impl IntoView {
    view! {
        <p>
            "You are a guest. If you switch accounts, you'll lose access to your private birthdays and can't edit the shared "
            "ones. Nothing is deleted."
        </p>
    }
}

/// Asks a guest before they sign in to another account.
#[component]
pub fn LeaveGuestPage() -> impl IntoView {
    let action = FormAction::of::<LeaveGuest>();
    announce_while_pending(action);
    announce_when_done(action);
    let is_guest = use_person().is_some_and(|person| Person::is_guest(&person));
    let name = StoredValue::new(use_person().map(|person| person.display_name().to_owned()).unwrap_or_default());
    view! {
        <Title text="Sign in to another account?"/>
        <div class="page page-narrow">
            <h1>"Sign in to another account?"</h1>
            <WhileSignedIn>
                {match is_guest {
                    true => view! {
                        <GuestRowsNotice/>
                        <p><A href="/account#keep" exact=true>"Save your account"</A> " to keep them."</p>
                    }
                    .into_any(),
                    false => view! {
                        <p>"You are signed in as " <strong>{name.get_value()}</strong> ". This signs you out first."</p>
                    }
                    .into_any(),
                }}
                <PostForm action id="leave-guest" class="form">
                    <div class="actions">
                        <SubmitButton>"Sign out and continue"</SubmitButton>
                        <A href="/account" exact=true attr:class="button button-quiet">"Go back"</A>
                    </div>
                </PostForm>
            </WhileSignedIn>
        </div>
    }
}
