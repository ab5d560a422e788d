//! The page that a confirmation link opens. It confirms only in a browser that is signed in to the account of the link.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::mail_link::{MailLinkFields, SendFormOrigin, use_is_link_refused, use_mail_link};
use leptos_appwrite::auth::verification::ConfirmEmail;
use leptos_appwrite::session::mail_link::MailLink;
use leptos_appwrite::session::use_is_person_unknown;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::guest::SignOutButton;
use crate::auth::invalid_link::InvalidLink;
use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::use_person;

/// Shows a button that confirms the address.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = FormAction::of::<ConfirmEmail>();
    let link = use_mail_link(ConfirmEmail::PATH);
    let is_refused = use_is_link_refused(action);
    // If the server could not look up the session, it checks again when the form is sent.
    let may_confirm =
        |link: &MailLink| use_is_person_unknown() || use_person().is_some_and(|person| person.id == link.user_id);
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
                Some(link) if may_confirm(&link) => view! {
                    <h1>"Confirm your email"</h1>
                    <p>"Click to confirm this is your email."</p>
                    <PostForm action id="confirm" class="form">
                        <MailLinkFields link action/>
                        <SubmitButton>"Confirm email"</SubmitButton>
                    </PostForm>
                }
                .into_any(),
                Some(_) => view! { <SignInFirst/> }.into_any(),
                None => view! { <InvalidLink>{next_step()}</InvalidLink> }.into_any(),
            }}
        </div>
    }
}

/// For a browser that is not signed in to the account of the link.
#[component]
fn SignInFirst() -> impl IntoView {
    let person = use_person();
    let other = person.as_ref().map(|person| person.display_name().to_owned());
    let control = match person {
        Some(person) => {
            view! { <SignOutButton is_guest=person.is_guest() id="sign-out-here" class="button"/> }.into_any()
        }
        // Loads a document: the server knows if the session waits for a second factor.
        None => view! { <a class="button" href="/login" rel="external">"Sign in"</a> }.into_any(),
    };
    view! {
        <SendFormOrigin/>
        <h1>"Sign in to confirm your email"</h1>
        {other.map(|name| view! { <p>"You're signed in as " <strong>{name}</strong> ". This link is for another account."</p> })}
        <p>"Sign in to the account with this email in this browser. Then open the link in the email again."</p>
        <p>"Didn't create an account? Someone else used your email. You can ignore the email."</p>
        <div class="actions">{control}</div>
    }
}
