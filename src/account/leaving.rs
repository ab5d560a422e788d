//! The pages for users who leave: their data as a file, the deletion of the account, goodbye.

use leptos::prelude::*;
use leptos_appwrite::account::leaving::DeleteAccount;
use leptos_appwrite::account::{AccountField, PasswordState, UsernameField};
use leptos_appwrite::auth::announce_when_done;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_meta::Title;
use leptos_router::components::A;

use super::change::{ChangePage, WithPassword};
use crate::components::{FormAction, PageDialog, PageDialogLink, PageInDialog, PostForm, SubmitButton, TextField};
use crate::person::{Person, use_person};

const DATA_PAGE: &str = "/account/data";
const DELETE_TITLE: &str = "Delete your account?";

/// Offers the user's data as a file. The form posts to this page, and the response is the file.
#[component]
pub fn DataPage() -> impl IntoView {
    let action = FormAction::of_page(DATA_PAGE);
    let person = StoredValue::new(use_person());
    let dialog = PageDialog::closed();
    let content = |person| {
        let view = |person, state| view! { <DeleteForm person state is_page=false/> }.into_any();
        view! { <WithPassword person view/> }.into_any()
    };
    view! {
        <Title text="Your data"/>
        <div class="page page-narrow">
            <h1>"Your data"</h1>
            <WhileSignedIn>
                <p>
                    "Download your account, preferences, sign-in methods, devices and birthdays in one file. "
                    "Passwords aren't included."
                </p>
                <PostForm action id="download-data" class="form">
                    <AccountField/>
                    <SubmitButton>"Download your data"</SubmitButton>
                </PostForm>
                <section class="other-methods" aria-labelledby="delete">
                    <h2 id="delete">"Delete your account"</h2>
                    <p>"This deletes your account and every birthday you added."</p>
                    <p class="actions">
                        {person.get_value().map(|subject| view! {
                            <PageDialogLink href="/account/delete" class="button button-danger" dialog subject>
                                "Delete your account"
                            </PageDialogLink>
                        })}
                    </p>
                </section>
                <PageInDialog id="delete-account-dialog" title=DELETE_TITLE dialog content/>
            </WhileSignedIn>
            <p><A href="/account" exact=true>"Back to your account"</A></p>
        </div>
    }
}

/// Asks for the address and the password, and deletes the account.
#[component]
pub fn DeleteAccountPage() -> impl IntoView {
    let content = |person| {
        let view = |person, state| view! { <DeleteForm person state is_page=true/> }.into_any();
        view! { <WithPassword person view/> }.into_any()
    };
    view! { <ChangePage title=DELETE_TITLE content/> }
}

#[component]
fn DeleteForm(person: Person, state: PasswordState, is_page: bool) -> impl IntoView {
    let action = FormAction::of::<DeleteAccount>();
    announce_when_done(action);
    let is_guest = person.is_guest();
    let has_email = !person.email.is_empty();
    let (kind, label) = if has_email { ("email", "Your email") } else { ("tel", "Your phone number") };
    let address = if has_email { person.email } else { person.phone };
    let asks_password = has_email && state == PasswordState::Set;
    let offers_recovery = asks_password && use_sign_in_methods().offers(SignInMethod::Recovery);
    view! {
        <p>
            "This deletes your account and every birthday you added, for everyone. You can't undo this."
            {is_page.then(|| view! { " " <A href=DATA_PAGE>"Download your data"</A> " first if you want to keep it." })}
        </p>
        <PostForm action id="delete-account" class="form">
            <AccountField/>
            {(!is_guest).then(|| view! {
                <p>"To confirm, type " <strong>{address.clone()}</strong> "."</p>
                <TextField name="address" label kind/>
            })}
            {asks_password.then(|| view! {
                <UsernameField value=address.clone()/>
                <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            })}
            {offers_recovery.then(|| view! { <p><A href="/recovery">"Forgot your password?"</A></p> })}
            <div class="actions">
                <SubmitButton class="button button-danger">"Delete account"</SubmitButton>
                {is_page.then(|| view! {
                    <A href="/account" exact=true attr:class="button button-quiet">"Keep it"</A>
                })}
            </div>
        </PostForm>
    }
}

/// The page after the deletion.
#[component]
pub fn GoodbyePage() -> impl IntoView {
    view! {
        <Title text="Goodbye"/>
        <div class="page page-narrow">
            <h1>"Goodbye"</h1>
            <p>"We deleted your account and your birthdays. Thanks for being here."</p>
            <p class="actions"><A href="/" exact=true attr:class="button">"Go to the home page"</A></p>
        </div>
    }
}
