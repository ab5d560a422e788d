//! The page that a reset link opens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::announce_when_done;
use leptos_appwrite::auth::mail_link::{MailLinkFields, use_is_link_refused, use_mail_link};
use leptos_appwrite::auth::recovery::SetNewPassword;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::guest::GuestRowsNotice;
use crate::auth::invalid_link::InvalidLink;
use crate::components::{CheckField, FormAction, PostForm, SubmitButton, TextField};
use crate::person::{Person, use_person};

/// Asks for the new password.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let action = FormAction::of::<SetNewPassword>();
    let link = use_mail_link(SetNewPassword::PATH);
    let is_refused = use_is_link_refused(action);
    let is_guest = use_person().as_ref().is_some_and(Person::is_guest);
    announce_when_done(action);
    view! {
        <Title text="New password"/>
        <div class="page page-narrow">
            {move || match link.clone().filter(|_| !is_refused.get()) {
                Some(link) => view! {
                    <h1>"Choose a new password"</h1>
                    {is_guest.then(|| view! { <GuestRowsNotice/> <p>"A new password signs you out here."</p> })}
                    <PostForm action id="new-password" class="form">
                        <MailLinkFields link action/>
                        <TextField
                            name="password"
                            label="New password"
                            kind="password"
                            autocomplete="new-password"
                            hint="At least 8 characters."
                        />
                        <CheckField name="everywhere" label="Sign out of all devices" checked=true/>
                        <SubmitButton>"Change password"</SubmitButton>
                    </PostForm>
                }
                .into_any(),
                None => view! {
                    <InvalidLink>
                        <p class="actions">
                            <A href="/recovery" exact=true attr:class="button">"Request a new link"</A>
                            <A href="/login" exact=true>"Back to sign-in"</A>
                        </p>
                    </InvalidLink>
                }
                .into_any(),
            }}
        </div>
    }
}
