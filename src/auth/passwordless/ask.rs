//! The page that requests a sign-in link or code.

use leptos::prelude::*;
use leptos_appwrite::auth::passwordless::AskForProof;
use leptos_appwrite::session::pending_sign_in::{Proof, SentProof};
use leptos_appwrite::session::use_pending_sign_in;
use leptos_meta::Title;
use leptos_router::components::A;

use super::texts::texts;
use crate::auth::keep_signed_in::KeepField;
use crate::auth::switched_off::{IfOffered, was_refused};
use crate::auth::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Asks for the address to send the link or code to.
#[component]
pub fn AskPage(
    /// The kind of proof.
    proof: SentProof,
) -> impl IntoView {
    let action = FormAction::of::<AskForProof>();
    let texts = texts(proof);
    let before = use_pending_sign_in().filter(|pending| pending.proof == Proof::Sent(proof));
    let next = use_next().or_else(|| before.as_ref().map(|pending| pending.next.clone()));
    let next = StoredValue::new(next.filter(|next| !next.is_empty()));
    let keep = before.as_ref().is_none_or(|pending| pending.keep);
    let address = StoredValue::new(before.map(|pending| pending.address).unwrap_or_default());
    view! {
        <IfOffered method=proof.into() next=next.get_value() refused=was_refused(action)>
            <Title text=texts.ask_heading/>
            <div class="page page-narrow">
                <h1>{texts.ask_heading}</h1>
                <p>{texts.promise}</p>
                <PostForm action id="ask" class="form" only_for=("proof", proof.as_str().to_owned())>
                    <HiddenField name="proof" value=proof.as_str()/>
                    {next.get_value().map(|next| view! { <HiddenField name="next" value=next/> })}
                    <AddressField proof value=address.get_value()/>
                    // The page of a link asks for this instead, because another browser may open the link.
                    {proof.is_code().then(|| view! { <KeepField checked=keep/> })}
                    <SubmitButton>{texts.ask_button}</SubmitButton>
                </PostForm>
                <p>
                    <A href=with_next("/login", next.get_value().as_deref()) exact=true>"Sign in another way"</A>
                </p>
            </div>
        </IfOffered>
    }
}

#[component]
fn AddressField(proof: SentProof, value: String) -> impl IntoView {
    match proof {
        SentProof::MagicLink | SentProof::EmailCode => {
            view! { <TextField name="address" label="Email" kind="email" autocomplete="email" value/> }
        }
        SentProof::PhoneCode => view! {
            <TextField
                name="address"
                label="Phone number"
                kind="tel"
                autocomplete="tel"
                hint="Include the country code, such as +1 202 555 0123."
                value
            />
        },
    }
}
