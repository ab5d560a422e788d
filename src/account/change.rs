//! The frame of the pages that change one thing of the account.

use leptos::prelude::*;
use leptos_appwrite::account::{AccountField, PasswordState, read_password_state};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::{HiddenField, Loaded, SubmitButton};
use crate::person::{Person, use_person};

/// A page for one change. `content` is called with the signed-in user.
#[component]
pub fn ChangePage(
    /// The heading.
    title: &'static str,
    /// The form, or the step that the user must do first.
    content: fn(Person) -> AnyView,
) -> impl IntoView {
    let person = StoredValue::new(use_person());
    view! {
        <Title text=title/>
        <div class="page page-narrow">
            <h1>{title}</h1>
            <WhileSignedIn>{move || person.get_value().map(content)}</WhileSignedIn>
        </div>
    }
}

/// Content that depends on the account's password.
#[component]
pub fn WithPassword(
    /// The signed-in user.
    person: Person,
    /// The content.
    view: fn(Person, PasswordState) -> AnyView,
) -> impl IntoView {
    let person = StoredValue::new(person);
    let state = Resource::new(|| (), |()| read_password_state());
    view! { <Loaded from=state view=move |state| view(person.get_value(), state)/> }
}

/// The hidden fields of each form: the account, and the page to open afterwards.
#[component]
pub fn ChangeFields() -> impl IntoView {
    view! {
        <AccountField/>
        <HiddenField name="next" value="/account"/>
    }
}

/// The buttons of each form.
#[component]
pub fn ChangeButtons(
    /// The text of the button that sends the form.
    #[prop(default = "Save")]
    save: &'static str,
) -> impl IntoView {
    view! {
        <div class="actions">
            <SubmitButton>{save}</SubmitButton>
            <A href="/account" exact=true attr:class="button button-quiet">"Cancel"</A>
        </div>
    }
}

/// Says what the account needs before this change, with a link to do it.
pub fn first(text: &'static str, page: &'static str, link: &'static str) -> AnyView {
    view! {
        <p>{text}</p>
        <p class="actions">
            <A href=page attr:class="button">{link}</A>
            <A href="/account" exact=true>"Back to your account"</A>
        </p>
    }
    .into_any()
}

/// Asks a guest to save the account first.
pub fn save_account_first() -> AnyView {
    first(
        "You are a guest. Save your account with an email and a password first.",
        "/account#keep",
        "Save your account",
    )
}

/// Asks a user without a password to set one first.
pub fn set_password_first() -> AnyView {
    first(
        "Your account has no password. Set one first: it protects this change.",
        "/account/password",
        "Set a password",
    )
}
