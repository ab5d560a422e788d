//! The page that a sign-in link opens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::mail_link::{MailLinkFields, use_is_link_refused, use_mail_link};
use leptos_appwrite::auth::passwordless::OpenLink;
use leptos_appwrite::session::mail_link::MailLink;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::guest::GuestRowsNotice;
use crate::auth::invalid_link::InvalidLink;
use crate::auth::keep_signed_in::KeepField;
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};
use crate::person::{Person, use_person};

/// Shows a button that signs in, or [`InvalidLink`] for a link that does not work.
#[component]
pub fn OpenLinkPage() -> impl IntoView {
    let action = FormAction::of::<OpenLink>();
    let link = use_mail_link(OpenLink::PATH);
    let is_refused = use_is_link_refused(action);
    view! {
        <Title text="Finish signing in"/>
        <div class="page page-narrow">
            {move || match link.clone().filter(|_| !is_refused.get()) {
                Some(link) => view! { <ConfirmSignIn action link/> }.into_any(),
                None => view! {
                    <InvalidLink>
                        <p class="actions">
                            <A href="/login/link" exact=true attr:class="button">"Request a new link"</A>
                            <A href="/login" exact=true>"Sign in another way"</A>
                        </p>
                    </InvalidLink>
                }
                .into_any(),
            }}
        </div>
    }
}

#[component]
fn ConfirmSignIn(action: FormAction, link: MailLink) -> impl IntoView {
    let person = use_person();
    let is_guest = person.as_ref().is_some_and(Person::is_guest);
    view! {
        <h1>"Finish signing in"</h1>
        {match person {
            Some(_) if is_guest => view! { <GuestRowsNotice/> <p>"Continuing will switch accounts."</p> }.into_any(),
            Some(person) => view! {
                <p>
                    "You are signed in here as " <strong>{person.display_name().to_owned()}</strong>
                    ". Continuing will switch accounts."
                </p>
            }
            .into_any(),
            None => view! { <p>"Click below to sign in."</p> }.into_any(),
        }}
        <PostForm action id="open-link" class="form">
            <MailLinkFields link action/>
            {is_guest.then(|| view! { <HiddenField name="leaves_guest" value="yes"/> })}
            <KeepField/>
            <div class="actions">
                <SubmitButton>"Sign in"</SubmitButton>
                {is_guest.then(|| view! { <A href="/account" exact=true attr:class="button button-quiet">"Go back"</A> })}
            </div>
        </PostForm>
    }
}
