//! Sign-out, and the page that asks guests for confirmation.

use leptos::prelude::*;
use leptos_appwrite::auth::SignOutForm;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::cached;
use crate::person::{Person, use_person};

/// The button that signs out. For a guest, who cannot sign in again, a link to the page that asks for confirmation.
#[component]
pub fn SignOutButton(
    /// True for a guest.
    is_guest: bool,
    /// A unique id on the page.
    id: &'static str,
    /// The button's class.
    class: &'static str,
) -> impl IntoView {
    match is_guest {
        true => view! { <A href="/account/sign-out" attr:class=class>"Sign out"</A> }.into_any(),
        false => cached("sign out", id, move || view! { <SignOutForm text="Sign out" id class/> }),
    }
}

/// Says what a guest loses, and signs out.
#[component]
pub fn SignOutPage() -> impl IntoView {
    let is_guest = use_person().is_some_and(|person| Person::is_guest(&person));
    view! {
        <Title text="Sign out?"/>
        <div class="page page-narrow">
            <h1>"Sign out?"</h1>
            <WhileSignedIn>
                {is_guest.then(|| view! {
                    <p>
                        "You are a guest and can't sign in again. You'll lose access to your private birthdays and can't edit the "
                        "shared ones."
                    </p>
                    <p><A href="/account#keep">"Save your account"</A> " to keep them."</p>
                })}
                <div class="actions">
                    <SignOutForm text="Sign out" id="sign-out-here" class="button button-danger"/>
                    <A href="/account" exact=true attr:class="button button-quiet">"Go back"</A>
                </div>
            </WhileSignedIn>
        </div>
    }
}
