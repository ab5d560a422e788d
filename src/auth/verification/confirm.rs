//! The page that a confirmation link opens, in any browser.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::mail_link::{MailLinkFields, use_is_link_refused, use_mail_link};
use leptos_appwrite::auth::verification::ConfirmEmail;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::invalid_link::InvalidLink;
use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::use_person;

/// Shows a button that confirms the address.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = FormAction::of::<ConfirmEmail>();
    let link = use_mail_link(ConfirmEmail::PATH);
    let is_refused = use_is_link_refused(action);
    let next_step = move || match use_person() {
        Some(person) if person.email_verified => view! {
            <p>"Your email is already confirmed."</p>
            <p class="actions"><A href="/account">"Go to your account"</A></p>
        }
        .into_any(),
        Some(_) => view! {
            <p>"You can request a new email from any page until your address is confirmed."</p>
            <p class="actions"><A href="/account">"Go to your account"</A></p>
        }
        .into_any(),
        None => view! {
            <p>"Sign in. Until your address is confirmed, you can request a new email from any page."</p>
            // Loads a document: this page does not know who is signed in.
            <p class="actions"><a class="button" href="/account" rel="external">"Go to your account"</a></p>
        }
        .into_any(),
    };
    view! {
        <Title text="Confirm your email"/>
        <div class="page page-narrow">
            {move || match link.clone().filter(|_| !is_refused.get()) {
                Some(link) => view! {
                    <h1>"Confirm your email"</h1>
                    <p>"Click to confirm this is your email."</p>
                    {use_person().is_none().then(|| view! {
                        <p>"Didn't create this account? Don't confirm it. Someone else used your email."</p>
                    })}
                    <PostForm action id="confirm" class="form">
                        <MailLinkFields link/>
                        <SubmitButton>"Confirm email"</SubmitButton>
                    </PostForm>
                }
                .into_any(),
                None => view! { <InvalidLink>{next_step()}</InvalidLink> }.into_any(),
            }}
        </div>
    }
}
