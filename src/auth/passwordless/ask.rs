//! The page that requests a sign-in link or code.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::use_pending_sign_in;
use leptos_meta::Title;
use leptos_router::components::A;

use super::SentProof;
use crate::auth::switched_off::{WhereOffered, was_refused};
use crate::auth::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Sends a link or code to an email address or phone number, and redirects to the page that waits for it.
///
/// The response is the same with and without an account.
#[server(prefix = "/actions", endpoint = "ask_for_proof")]
pub async fn ask_for_proof(
    proof: SentProof,
    #[server(default)] address: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::send::{address_of, send};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let address = address_of(proof, &address).map_err(|problem| AppError::field("address", problem))?;
    send(&request, proof, &address, &next).await
}

/// Asks for the address to send the link or code to.
#[component]
pub fn AskPage(
    /// The kind of proof.
    proof: SentProof,
) -> impl IntoView {
    let action = FormAction::of::<AskForProof>();
    let words = proof.words();
    let before = use_pending_sign_in().filter(|pending| pending.proof == proof.awaited());
    let next = use_next().or_else(|| before.as_ref().map(|pending| pending.next.clone()));
    let next = StoredValue::new(next.filter(|next| !next.is_empty()));
    let address = StoredValue::new(before.map(|pending| pending.address).unwrap_or_default());
    view! {
        <WhereOffered method=proof.sign_in_method() next=next.get_value() refused=was_refused(action)>
            <Title text=words.ask_heading/>
            <div class="page page-narrow">
                <h1>{words.ask_heading}</h1>
                <p>{words.promise}</p>
                <PostForm action id="ask" class="form" only_for=("proof", proof.field_value().to_owned())>
                    <HiddenField name="proof" value=proof.field_value()/>
                    {next.get_value().map(|next| view! { <HiddenField name="next" value=next/> })}
                    <AddressField proof value=address.get_value()/>
                    <SubmitButton>{words.ask_button}</SubmitButton>
                </PostForm>
                <p>
                    <A href=with_next("/login", next.get_value().as_deref()) exact=true>"Sign in another way"</A>
                </p>
            </div>
        </WhereOffered>
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
