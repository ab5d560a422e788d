//! The page with the user's passkeys.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::account::passkeys::{
    AddPasskey, BeginPasskey, MAX_NAME_LENGTH, Passkey, RemovePasskey, RenamePasskey, list_passkeys,
};
use leptos_appwrite::json;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_meta::Title;
use leptos_router::components::A;

use super::change::save_account_first;
use super::row_form::RowForm;
use crate::auth::switched_off::SwitchedOff;
use crate::components::{FormAction, Loaded, Moment, PostForm, SubmitButton, TextField, use_has_passkeys};
use crate::person::use_person;

/// Lists the passkeys, adds, renames and removes them.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    if !use_sign_in_methods().offers(SignInMethod::Passkey) {
        return view! { <SwitchedOff method=SignInMethod::Passkey/> }.into_any();
    }
    let is_guest = use_person().is_some_and(|person| person.is_guest());
    let passkeys = json::resource(|| (), |()| list_passkeys());
    view! {
        <Title text="Passkeys"/>
        <div class="page page-narrow">
            <h1>"Passkeys"</h1>
            <p>
                "A passkey signs you in with your fingerprint, face, or screen lock. You need no password and no second \
                step."
            </p>
            <WhileSignedIn>
                {move || match is_guest {
                    true => save_account_first(),
                    false => view! {
                        <Loaded from=passkeys view=|passkeys| view! { <Passkeys passkeys/> }.into_any()/>
                        <AddForm/>
                    }
                    .into_any(),
                }}
            </WhileSignedIn>
            {(!is_guest).then(|| view! { <p><A href="/account" exact=true>"Back to your account"</A></p> })}
        </div>
    }
    .into_any()
}

#[component]
fn Passkeys(passkeys: Vec<Passkey>) -> impl IntoView {
    if passkeys.is_empty() {
        return view! { <p class="quiet">"You have no passkeys yet."</p> }.into_any();
    }
    let items = passkeys.into_iter().map(|passkey| view! { <PasskeyItem passkey/> }).collect_view();
    view! { <ul class="rows" aria-label="Passkeys">{items}</ul> }.into_any()
}

#[component]
fn PasskeyItem(passkey: Passkey) -> impl IntoView {
    let Passkey { id, name, added, used } = passkey;
    let used = match used {
        Some(at) => view! { <span>"Last used " <Moment seconds=at/></span> }.into_any(),
        None => view! { <span>"Never used"</span> }.into_any(),
    };
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">{name.clone()}</span>
                {added.map(|at| view! { <span class="row-facts"><span>"Added " <Moment seconds=at/></span></span> })}
                <span class="row-facts">{used}</span>
            </div>
            <div class="row-controls">
                <Rename id=id.clone() name=name.clone()/>
                <Remove id name/>
            </div>
        </li>
    }
}

#[component]
fn Rename(id: String, name: String) -> impl IntoView {
    let action = FormAction::of::<RenamePasskey>();
    view! {
        <RowForm action form="rename" id name=name.clone() text="Rename">
            <TextField name="name" label="New name" value=name max_length=MAX_NAME_LENGTH/>
            <SubmitButton class="button button-small">"Save"</SubmitButton>
        </RowForm>
    }
}

/// Asks for confirmation, and removes the passkey.
#[component]
fn Remove(id: String, name: String) -> impl IntoView {
    let action = FormAction::of::<RemovePasskey>();
    view! {
        <RowForm action form="remove" id name=name.clone() text="Remove">
            <p>"It no longer signs you in here. Delete it on your device, too."</p>
            <SubmitButton class="button button-danger button-small" label=format!("Yes, remove {name}")>
                "Yes, remove"
            </SubmitButton>
        </RowForm>
    }
}

#[component]
fn AddForm() -> impl IntoView {
    let action = FormAction::with_new_passkey::<AddPasskey, BeginPasskey>();
    let has_passkeys = use_has_passkeys();
    view! {
        <section class="other-methods" aria-labelledby="add-passkey-heading">
            <h2 id="add-passkey-heading">"Add a passkey"</h2>
            {move || match has_passkeys.get() {
                true => view! {
                    <PostForm action id="add-passkey" class="form">
                        <AccountField/>
                        <TextField
                            name="name"
                            label="Name"
                            hint="For example, “My phone”."
                            max_length=MAX_NAME_LENGTH
                        />
                        <SubmitButton>"Add passkey"</SubmitButton>
                    </PostForm>
                }
                .into_any(),
                false => view! { <p class="quiet">"Passkeys need JavaScript and a browser that supports them."</p> }
                    .into_any(),
            }}
        </section>
    }
}
