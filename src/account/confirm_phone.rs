//! The confirmation of the phone number: the state, the button that sends a code, and the page for the code.

use leptos::prelude::*;
use leptos_appwrite::account::{AccountField, ConfirmPhone, SendPhoneCode};
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::change::{ChangeButtons, ChangeFields, ChangePage, first};
use crate::components::{FormAction, OutboxHint, PostForm, SubmitButton, TextField};
use crate::person::Person;

/// Says if the phone number is confirmed, and offers a code.
#[component]
pub fn PhoneState(
    /// The signed-in user, who has a phone number.
    person: Person,
) -> impl IntoView {
    let offers_code = use_sign_in_methods().offers(SignInMethod::PhoneCode);
    let rest = match (person.phone_verified, offers_code) {
        (true, _) => view! { <p>"It's confirmed."</p> }.into_any(),
        (false, true) => view! {
            <p>"It isn't confirmed yet. Confirm it to get verification codes by text message."</p>
            <SendForm text="Text me a code" class="button button-quiet"/>
        }
        .into_any(),
        (false, false) => view! {
            <p>"It isn't confirmed. This site can't send text messages right now, so you can't confirm it."</p>
        }
        .into_any(),
    };
    view! {
        <p>"Your phone number is " <strong>{person.phone}</strong> "."</p>
        {rest}
    }
}

/// Takes the code.
#[component]
pub fn ConfirmPhonePage() -> impl IntoView {
    view! { <ChangePage title="Confirm your phone number" content/> }
}

fn content(person: Person) -> AnyView {
    match (person.phone.is_empty(), person.phone_verified) {
        (true, _) => first("Your account has no phone number. Add one first.", "/account/phone", "Add a phone number"),
        (false, true) => view! {
            <p>"Your phone number " <strong>{person.phone}</strong> " is confirmed."</p>
            <p class="actions"><A href="/account" exact=true attr:class="button">"Go to your account"</A></p>
        }
        .into_any(),
        (false, false) => view! { <CodeForm phone=person.phone/> }.into_any(),
    }
}

#[component]
fn CodeForm(phone: String) -> impl IntoView {
    let action = FormAction::of::<ConfirmPhone>();
    view! {
        <p>"Enter the code that we texted to " <strong>{phone}</strong> "."</p>
        <OutboxHint/>
        <PostForm action id="confirm-phone" class="form">
            <ChangeFields/>
            <TextField name="code" label="Code" autocomplete="one-time-code" input_mode="numeric" hint="6 digits" autofocus=true/>
            <ChangeButtons save="Confirm"/>
        </PostForm>
        <section class="other-methods" aria-labelledby="no-code">
            <h2 id="no-code">"No code?"</h2>
            <p>"It may take a minute to arrive. "<A href="/account/phone" exact=true>"Wrong number?"</A></p>
            <SendForm text="Text me a new code" class="button button-quiet button-small"/>
        </section>
    }
}

#[component]
fn SendForm(text: &'static str, class: &'static str) -> impl IntoView {
    let action = FormAction::of::<SendPhoneCode>();
    view! {
        <PostForm action id="send-phone-code">
            <AccountField/>
            <SubmitButton class>{text}</SubmitButton>
        </PostForm>
    }
}
